//! What went wrong, before it is known during what and where.

use std::error::Error;

use spile_core::{BucketError, BucketErrorKind, Tried};

/// A [`BucketError`] without its action and location, which the adapter adds at its border.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: BucketErrorKind,
    pub(crate) message: String,
    /// How many seconds to wait before it is asked again, where the store says it.
    pub(crate) retry_after_s: Option<u32>,
    /// How often it was tried, where it was repeated until the time for that was used up.
    pub(crate) tried: Option<Tried>,
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    pub(crate) fn new(kind: BucketErrorKind, message: impl Into<String>) -> Self {
        Fault {
            kind,
            message: message.into(),
            retry_after_s: None,
            tried: None,
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
            retry_after_s: self.retry_after_s,
            tried: self.tried,
            source: self.source,
        }
    }
}

/// The border takes both ways: what is repeated within the adapter is an error in between.
impl From<BucketError> for Fault {
    fn from(error: BucketError) -> Self {
        Fault {
            kind: error.kind,
            message: error.message,
            retry_after_s: error.retry_after_s,
            tried: error.tried,
            source: error.source,
        }
    }
}
