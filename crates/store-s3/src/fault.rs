//! What went wrong, before it is known during what and where.

use std::error::Error;

use spile_core::{BucketError, BucketErrorKind};

/// A [`BucketError`] without its action and location, which the adapter adds at its border.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: BucketErrorKind,
    pub(crate) message: String,
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    pub(crate) fn new(kind: BucketErrorKind, message: impl Into<String>) -> Self {
        Fault {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn caused_by(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Fault {
            source: Some(source.into()),
            ..self
        }
    }

    /// `action` is a few words: `put raw/a.csv`.
    pub(crate) fn during(self, action: String, location: String) -> BucketError {
        BucketError {
            kind: self.kind,
            action,
            location,
            message: self.message,
            source: self.source,
        }
    }
}
