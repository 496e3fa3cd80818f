//! Findings for people: a line each, and below a failed one what to do.

use spile_store_s3::check::{Finding, Status};

use super::granting::granting;
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

fn below(line: &str) -> String {
    format!("    {line}")
}
