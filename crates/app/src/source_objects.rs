//! Objects that a source names, read as the destination's own are.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use spile_core::{Bucket, BucketError, BucketErrorKind as Kind, ObjectInfo, ObjectKey, Retry};
use spile_sources::Objects;
use spile_store_s3::S3Bucket;
use tokio::runtime::Handle;

use crate::config::Settings;
use crate::credentials::is_narrowed;
use crate::destination::{Destination, Place};
use crate::failure::{Exit, Failure, error_hint};
use crate::stores::Beside;

/// So much of an object is in memory at once.
const PIECE_BYTES: u64 = 4 << 20;

/// Reads objects with the credentials of the destination.
pub(crate) struct SourceObjects {
    runtime: Handle,
    beside: Beside,
    /// The place that was read from last.
    last: Mutex<Option<(Destination, Arc<S3Bucket>)>>,
}

/// Reads none.
#[derive(Debug)]
pub(crate) struct NoStore {
    cause: &'static str,
    hint: &'static str,
}

impl NoStore {
    /// Where nothing says how a store is reached.
    pub(crate) const FOLDER: Self = Self {
        cause: "the destination is a folder, so that nothing says how a store is reached, and as whom",
        hint: "load to s3://BUCKET/PREFIX, or have the source write such files to this machine (file://)",
    };
    /// Where nothing is to be asked.
    pub(crate) const PLAN: Self = Self {
        cause: "a plan asks no store",
        hint: "plan what files of this machine (file://) have, or load it",
    };
}

impl Objects for NoStore {
    fn open(&self, _: &str) -> io::Result<Box<dyn Read + Send>> {
        let failure = Failure::new(Exit::Configuration, self.cause);
        Err(Unread::error(failure.hint(self.hint)))
    }
}

/// Why an object can't be read, as people are told of it.
#[derive(Debug)]
struct Unread(Failure);

impl SourceObjects {
    pub(crate) fn new(beside: Beside) -> Self {
        Self {
            runtime: Handle::current(),
            beside,
            last: Mutex::default(),
        }
    }

    async fn find(&self, url: &str) -> Result<ObjectRead, Failure> {
        let (place, key) = parse(url, &self.beside.settings)?;
        let bucket = self.bucket(place).await?;
        let retry = self.beside.retry.clone();
        let found = retry.run(|| bucket.head(&key)).await;
        let object = found.map_err(|error| refused(&error))?;
        Ok(ObjectRead {
            object: object.ok_or_else(|| absent(&key, &*bucket))?,
            runtime: self.runtime.clone(),
            bucket,
            retry,
            at: 0,
            piece: Bytes::new(),
        })
    }

    async fn bucket(&self, place: Destination) -> Result<Arc<S3Bucket>, Failure> {
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, bucket)) = &*last()
            && *known == place
        {
            return Ok(Arc::clone(bucket));
        }
        let bucket = self.beside.bucket(&place).await?;
        let bucket = bucket.ok_or_else(|| Failure::new(Exit::Bug, "it is no bucket"))?;
        *last() = Some((place, Arc::clone(&bucket)));
        Ok(bucket)
    }
}

impl Objects for SourceObjects {
    fn open(&self, url: &str) -> io::Result<Box<dyn Read + Send>> {
        match self.runtime.block_on(self.find(url)) {
            Ok(read) => Ok(Box::new(read)),
            Err(failure) => Err(Unread::error(failure)),
        }
    }
}

/// It holds secrets.
impl fmt::Debug for SourceObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceObjects").finish_non_exhaustive()
    }
}

/// Takes a URL apart. A session that is narrowed reaches a folder, and otherwise all of a bucket is one
/// place.
fn parse(url: &str, settings: &Settings) -> Result<(Destination, ObjectKey), Failure> {
    let rest = url.strip_prefix("s3://").unwrap_or(url);
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() || key.is_empty() {
        let failure = Failure::new(Exit::Input, "it is the name of no object");
        return Err(failure.hint("have the source name s3://BUCKET/KEY"));
    }
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let key = ObjectKey::new(key).map_err(|error| Failure::of(Exit::Input, &error, None))?;
    let is_narrowed = is_narrowed(&settings.destination.auth);
    let place = Destination {
        place: Place::Bucket(bucket.to_owned()),
        prefix: if is_narrowed { folder } else { "" }.to_owned(),
        key: None,
    };
    Ok((place, key))
}

/// An object that is read piece by piece.
struct ObjectRead {
    runtime: Handle,
    bucket: Arc<S3Bucket>,
    object: ObjectInfo,
    retry: Retry,
    /// Where the next piece begins.
    at: u64,
    piece: Bytes,
}

impl ObjectRead {
    fn next_piece(&mut self) -> Result<Bytes, BucketError> {
        let end = self.object.bytes.min(self.at + PIECE_BYTES);
        let get = || self.bucket.get_range(&self.object, self.at..end);
        let piece = self.runtime.block_on(self.retry.run(get))?;
        self.at = end;
        Ok(piece)
    }
}

impl Read for ObjectRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.at < self.object.bytes {
            let piece = self.next_piece();
            self.piece = piece.map_err(|error| Unread::error(refused(&error)))?;
        }
        let bytes = buffer.len().min(self.piece.len());
        buffer[..bytes].copy_from_slice(&self.piece.split_to(bytes));
        Ok(bytes)
    }
}

const ABSENT: &str = "what a source names has to stand there, unchanged, until it is loaded: run the \
                      source again from its last state";

fn absent(key: &ObjectKey, bucket: &dyn Bucket) -> Failure {
    let place = bucket.location();
    Failure::new(Exit::Input, format!("there is no object {key} in {place}")).hint(ABSENT)
}

/// It is input that can't be read, but what is denied is so as to the destination.
fn refused(error: &BucketError) -> Failure {
    let (exit, hint) = match (error.kind, error_hint(error)) {
        (Kind::NotFound, _) => (Exit::Input, Some(ABSENT)),
        (Kind::NoSuchBucket, _) => (
            Exit::Input,
            Some(
                "the store that is asked is that of the destination: mend destination.endpoint, or \
                  where the source writes to",
            ),
        ),
        (Kind::Denied, (Exit::Refused, _)) => (
            Exit::Refused,
            Some(
                "grant s3:GetObject on the objects that the source names: they are read by whoever \
                  writes to the destination",
            ),
        ),
        (Kind::WrongRegion, _) => (
            Exit::Refused,
            Some("leave destination.region out: then the region of each bucket is found"),
        ),
        (_, told) => told,
    };
    Failure::of(exit, error, hint)
}

impl Unread {
    fn error(failure: Failure) -> io::Error {
        io::Error::other(Self(failure))
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.problems.first();
        let told = told.map_or("", |problem| &problem.message);
        f.write_str(told.strip_prefix("failed to ").unwrap_or(told))
    }
}

impl std::error::Error for Unread {}

/// What people are told where it is an object that can't be read.
pub(crate) fn told_of(error: &io::Error) -> Option<&Failure> {
    let unread = error.get_ref()?.downcast_ref::<Unread>();
    unread.map(|Unread(failure)| failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is input, but where somebody doesn't let it be read.
    #[test]
    fn who_has_to_do_something_about_it() {
        let check = |kind: Kind, exit: Exit, hint: &str| {
            let failure = refused(&BucketError {
                kind,
                action: "get a part of 1.jsonl".to_owned(),
                location: "s3://acme".to_owned(),
                message: "no".to_owned(),
                retry_after_s: None,
                tried: None,
                source: None,
            });
            let told = failure.problems[0].hint.clone().unwrap_or_default();
            assert_eq!(failure.exit, exit, "{kind:?}");
            assert!(told.starts_with(hint), "{kind:?}: {told}");
        };
        check(Kind::NotFound, Exit::Input, ABSENT);
        check(Kind::NoSuchBucket, Exit::Input, "the store that is asked");
        check(Kind::Denied, Exit::Refused, "grant s3:GetObject");
        check(Kind::WrongRegion, Exit::Refused, "leave destination.region");
        check(Kind::Unauthenticated, Exit::Credentials, "check AWS_");
    }
}
