//! What was found out.

use std::error::Error;
use std::time::Duration;

use spile_core::{BucketErrorKind, causes};

use crate::access::{Action, Statement};
use crate::credentials::CredentialsError;
use crate::fault::Fault;

/// What was found out of one thing that a load needs.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The thing, in a word or two.
    pub name: &'static str,
    /// What was found out of it.
    pub verdict: Verdict,
    /// How long that took.
    pub took: Duration,
}

/// What a probe has found out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verdict {
    /// In one word.
    pub status: Status,
    /// In plain words, for a person: the first line says it, and further ones why.
    pub message: String,
    /// What isn't granted, where that is what is wrong.
    pub missing: Option<MissingGrant>,
    /// What kind of fault it is, where a request has failed.
    pub fault: Option<BucketErrorKind>,
    /// Why there are no credentials, where that is what is wrong.
    pub credentials: Option<CredentialsError>,
    /// What to do about it, where the kind of fault doesn't say it.
    pub hint: Option<&'static str>,
}

/// What was found out, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Passed,
    /// Loads work without it, with a drawback.
    Warned,
    /// Loads don't work.
    Failed,
    /// It wasn't tried.
    Skipped,
}

/// An action that isn't granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingGrant {
    /// The action.
    pub action: Action,
    /// The ARN of what it is to be granted on.
    pub resource: String,
    /// What grants it.
    pub statement: Statement,
    /// The policy that lacks it.
    pub policy: PolicyKind,
    /// What that policy lacks.
    pub lacks: Lack,
    /// What whoever asks needs in their own access policy as well.
    pub counterpart: Option<Statement>,
}

/// A policy of a role or a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// What may be done by whoever has the role or is the user.
    Access,
    /// Who may take on the role.
    Trust,
}

/// What a policy lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The whole statement.
    Statement,
    /// Its condition, in a statement that is there and grants too much without.
    Condition,
}

impl Verdict {
    /// It works.
    pub fn passed(message: impl Into<String>) -> Self {
        Verdict::new(Status::Passed, message)
    }

    /// Loads work without it, with a drawback.
    pub fn warned(message: impl Into<String>) -> Self {
        Verdict::new(Status::Warned, message)
    }

    /// Loads don't work, for a reason of this kind.
    pub fn failed(kind: BucketErrorKind, message: impl Into<String>) -> Self {
        Verdict {
            fault: Some(kind),
            ..Verdict::new(Status::Failed, message)
        }
    }

    /// It wasn't tried.
    pub fn skipped(message: impl Into<String>) -> Self {
        Verdict::new(Status::Skipped, message)
    }

    /// This, which would be otherwise if an action were granted.
    pub fn lacking(mut self, missing: MissingGrant) -> Self {
        self.missing = Some(missing);
        self
    }

    /// This, and what to do about it.
    pub fn hinting(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// This, and something else to know about it.
    pub fn adding(mut self, words: &str) -> Self {
        self.message += "\n";
        self.message += words;
        self
    }

    /// This, and what it was caused by.
    pub(crate) fn adding_causes(self, error: &dyn Error) -> Self {
        let causes = causes(error);
        causes.iter().fold(self, |told, cause| told.adding(cause))
    }

    fn new(status: Status, message: impl Into<String>) -> Self {
        Verdict {
            status,
            message: message.into(),
            missing: None,
            fault: None,
            credentials: None,
            hint: None,
        }
    }
}

/// Nobody can ask for anything. Where STS is out of reach, the credentials may yet be right.
impl From<&CredentialsError> for Verdict {
    fn from(error: &CredentialsError) -> Self {
        let kind = match error {
            CredentialsError::Unavailable { .. } => BucketErrorKind::Unreachable,
            CredentialsError::Role { .. } | CredentialsError::Client { .. } => {
                BucketErrorKind::Refused
            }
            _ => BucketErrorKind::Unauthenticated,
        };
        Verdict {
            credentials: Some(error.clone()),
            ..Verdict::failed(kind, format!("failed to {error}")).adding_causes(error)
        }
    }
}

impl From<&Fault> for Verdict {
    fn from(fault: &Fault) -> Self {
        Verdict::failed(fault.kind, &fault.message)
    }
}
