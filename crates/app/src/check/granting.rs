//! What has to be added to which policy, for people.

use spile_store_s3::access::{Action, Condition, ExternalId};
use spile_store_s3::check::{Lack, MissingGrant, PolicyKind, Status};

/// What is missing. What loads can do without is named only: `spile setup` prints the statement.
pub(super) fn granting(missing: &MissingGrant, status: Status) -> String {
    let named = format!("missing: {} on {}\n", missing.action, missing.resource);
    if status == Status::Warned && !Action::REQUIRED.contains(&missing.action) {
        return named;
    }
    match (missing.policy, missing.lacks) {
        (PolicyKind::Access, _) => {
            let statement = missing.statement.json();
            format!("{named}add to the access policy of the role or user:\n{statement}")
        }
        (PolicyKind::Trust, Lack::Statement) => named + &trusting(missing),
        (PolicyKind::Trust, Lack::Condition) => conditional(missing),
    }
}

/// Both sides have to allow it, and which of them doesn't isn't told.
fn trusting(missing: &MissingGrant) -> String {
    let statement = missing.statement.json();
    let mut text =
        format!("the trust policy of the role needs, if it has none like it:\n{statement}");
    text += &substituting(missing);
    if let Some(counterpart) = &missing.counterpart {
        text += "the access policy of whoever asks needs, if it has none like it:\n";
        text += &counterpart.json();
    }
    text
}

/// A whole statement might trust more than the one that is there, or lock out whoever asks.
fn conditional(missing: &MissingGrant) -> String {
    let (role, statement) = (&missing.resource, &missing.statement);
    let condition = statement.condition.as_ref().map(Condition::json);
    let condition = condition.unwrap_or_default();
    let mut text = format!(
        "missing: the condition in the trust policy of {role}\n\
         add it to the statement there that lets whoever asks take on the role:\n{condition}"
    );
    text += &substituting(missing);
    text += "a new statement, for a whole account, would be:\n";
    text + &statement.json()
}

/// The External ID is shown on request only.
fn substituting(missing: &MissingGrant) -> String {
    let condition = missing.statement.condition.as_ref();
    match condition.map(Condition::expose) {
        Some(ExternalId::PLACEHOLDER) => format!(
            "put the External ID in place of {}: `spile check --show-external-id` prints it\n",
            ExternalId::PLACEHOLDER
        ),
        _ => String::new(),
    }
}
