//! What is wrong with a text that names something of AWS.

use thiserror::Error as ThisError;

/// What is wrong with a text that names something of AWS.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("use {subject}: {reason}")]
#[non_exhaustive]
pub struct AccessError {
    /// What it should have been, with the text unless that is secret: ``the role `spile` ``.
    pub subject: String,
    /// What is wrong with it.
    pub reason: String,
    /// What would be right.
    pub hint: String,
}

impl AccessError {
    /// About a text that may be shown.
    pub(super) fn of(what: &str, text: &str, reason: impl Into<String>, hint: &str) -> Self {
        AccessError {
            subject: format!("{what} `{}`", text.escape_debug()),
            reason: reason.into(),
            hint: hint.to_owned(),
        }
    }
}
