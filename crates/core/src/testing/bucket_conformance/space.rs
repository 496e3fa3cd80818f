//! The part of a bucket that one promise is tried in.

use std::fmt::Debug;

use bytes::Bytes;
use futures::future::try_join_all;
use spile_macros_template::{KeyError, ObjectKey};

use crate::bucket::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, Part, Staged, Upload,
};

/// A bucket, and the prefix under which a promise is tried.
#[derive(Clone, Copy)]
pub(super) struct Space<'a> {
    pub(super) bucket: &'a dyn Bucket,
    pub(super) prefix: &'a str,
}

impl<'a> Space<'a> {
    pub(super) fn new(bucket: &'a dyn Bucket, prefix: &'a str) -> Self {
        Space { bucket, prefix }
    }

    pub(super) fn key(&self, name: &str) -> Result<ObjectKey, BucketError> {
        ObjectKey::new(format!("{}{name}", self.prefix)).map_err(|error| self.bad_key(error))
    }

    pub(super) async fn put(&self, name: &str, body: &str) -> Result<ObjectKey, BucketError> {
        let key = self.key(name)?;
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.bucket
            .put(&key, body, &attributes(), Condition::Replace)
            .await?;
        Ok(key)
    }

    pub(super) async fn begin(&self, name: &str) -> Result<Upload, BucketError> {
        self.bucket.begin(&self.key(name)?, &attributes()).await
    }

    /// Stages an object of one part.
    pub(super) async fn stage(&self, name: &str, body: &str) -> Result<Staged, BucketError> {
        self.stage_parts(name, &[Bytes::copy_from_slice(body.as_bytes())])
            .await
    }

    /// Stages an object of these parts, which are sent at once.
    pub(super) async fn stage_parts(
        &self,
        name: &str,
        bodies: &[Bytes],
    ) -> Result<Staged, BucketError> {
        let upload = self.begin(name).await?;
        let sent = (1..)
            .zip(bodies)
            .map(|(n, body)| self.bucket.part(&upload, n, body.clone()));
        let parts = try_join_all(sent).await?;
        self.bucket.finish(upload, parts).await
    }

    pub(super) async fn text(&self, key: &ObjectKey) -> Result<String, BucketError> {
        let body = self.bucket.get(key).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// The names of all objects in this space.
    pub(super) async fn names(&self) -> Result<Vec<String>, BucketError> {
        self.names_under("").await
    }

    /// The names of the objects whose names begin with `start`.
    pub(super) async fn names_under(&self, start: &str) -> Result<Vec<String>, BucketError> {
        let prefix = format!("{}{start}", self.prefix);
        let listed = self.bucket.list(&prefix).await?;
        let name = |key: &ObjectKey| key.as_str()[self.prefix.len()..].to_owned();
        Ok(listed.iter().map(|object| name(&object.key)).collect())
    }

    fn bad_key(&self, error: KeyError) -> BucketError {
        BucketError {
            kind: BucketErrorKind::InvalidKey,
            action: "make a key".to_owned(),
            location: self.bucket.location(),
            message: error.to_string(),
            retry_after_s: None,
            tried: None,
            source: Some(Box::new(error)),
        }
    }
}

pub(super) fn attributes() -> Attributes {
    Attributes {
        write_id: String::new(),
        content_type: "text/plain".to_owned(),
        metadata: vec![("made-by".to_owned(), "a test".to_owned())],
    }
}

/// The parts of an upload, as `finish` wants them.
pub(super) fn in_order(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| part.number);
    parts
}

pub(super) fn assert_fails<T: Debug>(result: &Result<T, BucketError>, expected: BucketErrorKind) {
    let kind = result.as_ref().map_err(|error| error.kind);
    assert!(
        kind.as_ref().is_err_and(|kind| *kind == expected),
        "expected {expected:?}, found {result:?}"
    );
}
