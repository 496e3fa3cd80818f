//! Findings for people: a line each, and below a failed one what to do.

use spile_store_s3::access::Action;
use spile_store_s3::check::{Finding, MissingGrant, Status};

use super::outcome::{hint, status};

/// The longest of all names.
const NAME_WIDTH: usize = 18;

/// A finding, over as many lines as it needs.
pub(super) fn of(finding: &Finding) -> String {
    let verdict = &finding.verdict;
    let took = match verdict.status {
        Status::Skipped => String::new(),
        _ => format!("{:.2} s", finding.took.as_secs_f64()),
    };
    let mut message = verdict.message.lines();
    let mut lines = vec![format!(
        "{:7}  {took:>7}  {:NAME_WIDTH$}  {}",
        status(verdict.status),
        finding.name,
        message.next().unwrap_or_default()
    )];
    lines.extend(message.map(below));
    if let Some(missing) = &verdict.missing {
        lines.extend(granting(missing, verdict.status).lines().map(below));
    }
    if let Some(hint) = hint(verdict) {
        lines.push(below(&format!("hint: {hint}")));
    }
    lines.join("\n")
}

/// What is missing. What loads can do without is named only: `spile setup` prints the statement.
fn granting(missing: &MissingGrant, status: Status) -> String {
    let (action, resource) = (missing.action, &missing.resource);
    let named = format!("missing: {action} on {resource}\n");
    if status == Status::Warned && !Action::REQUIRED.contains(&action) {
        return named;
    }
    let statement = missing.statement.json();
    match (missing.replaces, &missing.statement.principal) {
        (true, _) => format!("put in place of the statement of its trust policy:\n{statement}"),
        (_, Some(_)) => format!("{named}add to the trust policy of the role:\n{statement}"),
        (_, None) => {
            format!("{named}add to the access policy of the role or user:\n{statement}")
        }
    }
}

fn below(line: &str) -> String {
    format!("    {line}")
}
