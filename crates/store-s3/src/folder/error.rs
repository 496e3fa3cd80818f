//! What the errors of a file system mean to a bucket.

use std::io::{self, ErrorKind};

use spile_core::BucketErrorKind;

use crate::fault::Fault;

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        let (kind, message) = meaning(error.kind());
        Fault::new(kind, message).caused_by(error)
    }
}

/// Nothing is there, or can be: a file can't be under a file, and a folder is no object.
pub(super) fn is_absence(error: &io::Error) -> bool {
    use ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound};
    matches!(
        error.kind(),
        NotFound | NotADirectory | IsADirectory | InvalidFilename
    )
}

/// `None` where an error only says that there is nothing.
pub(super) fn absent_is_none<T>(result: io::Result<T>) -> Result<Option<T>, Fault> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn meaning(kind: ErrorKind) -> (BucketErrorKind, &'static str) {
    use BucketErrorKind as Kind;
    match kind {
        ErrorKind::NotFound => (Kind::NotFound, "there is no such file"),
        ErrorKind::AlreadyExists => (Kind::AlreadyExists, "an object stands there"),
        ErrorKind::PermissionDenied => (Kind::Denied, "the file system's permissions forbid it"),
        ErrorKind::StorageFull => (Kind::Full, "the disk is full"),
        ErrorKind::QuotaExceeded => (Kind::Full, "the disk quota is used up"),
        ErrorKind::FileTooLarge => (Kind::Full, "the file is larger than the file system takes"),
        ErrorKind::ReadOnlyFilesystem => (Kind::ReadOnly, "the file system is read-only"),
        ErrorKind::NotADirectory => (
            Kind::InvalidKey,
            "a file stands where the key needs a folder",
        ),
        ErrorKind::IsADirectory => (Kind::InvalidKey, "a folder has the key's name"),
        ErrorKind::InvalidFilename => (
            Kind::InvalidKey,
            "a name in the key is longer than the file system takes",
        ),
        ErrorKind::TimedOut | ErrorKind::StaleNetworkFileHandle => {
            (Kind::Interrupted, "the file system doesn't answer")
        }
        // A disk that fails doesn't heal while a request waits, and a put that is repeated would
        // meet its own object.
        _ => (Kind::Refused, "the file system failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ErrorKind, expect: BucketErrorKind) {
        assert_eq!(Fault::from(io::Error::from(kind)).kind, expect, "{kind:?}");
    }

    #[test]
    fn a_file_systems_errors_are_a_buckets() {
        check(ErrorKind::StorageFull, BucketErrorKind::Full);
        check(ErrorKind::QuotaExceeded, BucketErrorKind::Full);
        check(ErrorKind::ReadOnlyFilesystem, BucketErrorKind::ReadOnly);
        check(ErrorKind::PermissionDenied, BucketErrorKind::Denied);
        check(ErrorKind::InvalidFilename, BucketErrorKind::InvalidKey);
        check(
            ErrorKind::StaleNetworkFileHandle,
            BucketErrorKind::Interrupted,
        );
        check(ErrorKind::Other, BucketErrorKind::Refused);
    }
}
