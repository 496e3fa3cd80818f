//! The port that objects go out by.
//!
//! Uploading is separate from publishing: an object is begun, sent in parts and finished, which
//! leaves it staged, seen by nobody; publishing makes it appear, whole. What these steps hand to
//! each other is plain data, so that it can be written to a journal.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use spile_macros_template::ObjectKey;

use crate::retry::Tried;

/// A place for objects. Every adapter keeps the promises of the conformance suite in
/// the module `testing`.
#[async_trait]
pub trait Bucket: Send + Sync + fmt::Debug {
    /// Where this is, for people: `s3://landing` or a folder's path.
    fn location(&self) -> String;

    /// The sizes that its parts may have.
    fn part_limits(&self) -> PartLimits;

    /// Whether the store refuses, as asked, to put an object where one stands. Where it doesn't,
    /// a key has to be probed before it is written, and two writers may still meet.
    async fn honours_if_absent(&self) -> Result<bool, BucketError>;

    /// Begins an object at `key`. Nothing appears there.
    async fn begin(&self, key: &ObjectKey, attributes: &Attributes) -> Result<Upload, BucketError>;

    /// Sends a part, numbered from 1. Parts may be sent in any order and at once; a repeated
    /// number replaces the earlier part.
    async fn part(&self, upload: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError>;

    /// Ends an upload. The object is staged: durable, and seen by nobody. `parts` are numbered
    /// without gaps from 1; there is at least one, which may be empty.
    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError>;

    /// Makes a staged object appear at its key, whole. Safe to repeat with the same argument.
    ///
    /// # Errors
    /// [`BucketErrorKind::AlreadyExists`] under [`Condition::IfAbsent`] where another object has
    /// appeared. After that and any other failure the staged object is still there, to be
    /// discarded or published later.
    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, BucketError>;

    /// Gives an upload up, staged or not. Nothing of it remains. Safe to repeat.
    async fn discard(&self, upload: &Upload) -> Result<(), BucketError>;

    /// The uploads at `key` that were begun by anybody, and neither published nor discarded, in no
    /// order. What a put that was cut short has left may be among them, if only to be discarded.
    ///
    /// # Errors
    /// [`BucketErrorKind::Denied`] where that isn't granted: no load needs it.
    async fn uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, BucketError>;

    /// Writes a small object in one step; it appears whole or not at all.
    ///
    /// # Errors
    /// [`BucketErrorKind::AlreadyExists`] under [`Condition::IfAbsent`] where an object stands.
    async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        attributes: &Attributes,
        condition: Condition,
    ) -> Result<Published, BucketError>;

    /// What is known of the object at `key`, or `None` where there is none.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError>;

    /// The whole object at `key`.
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError>;

    /// The objects whose keys begin with `prefix`, ordered by key. An empty prefix is the whole
    /// bucket. Staged objects aren't among them.
    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, BucketError>;

    /// Deletes the object at `key`; it is no error where there is none.
    async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError>;
}

/// What an object carries besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The `Content-Type`. There is never a `Content-Encoding`: clients would decompress `.gz`
    /// objects behind their reader's back.
    pub content_type: String,
    /// Metadata, by name: any text. S3 keeps it percent-encoded; folders can't keep it.
    pub metadata: Vec<(String, String)>,
    /// Tells this write from all others, a UUID. A put that is repeated with the same id is the
    /// same put: where its own object stands already, it has been done. Where it is empty, each
    /// put is another one.
    pub write_id: String,
}

/// The sizes that parts may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartLimits {
    /// Every part but the last is at least this long.
    pub bytes_min: usize,
    /// The length that suits the store, if nothing asks for longer parts: long ones where each
    /// costs a request, short ones where they stay in the processor's caches.
    pub bytes_usual: usize,
    /// No object has more parts.
    pub count_max: u32,
}

/// An object that has been begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where it will appear.
    pub key: ObjectKey,
    /// The store's name for the upload.
    pub id: String,
    /// What the object will be known by as one's own, where the store keeps that: the
    /// [`Attributes::write_id`] that it was begun with, or one made up where that is empty. Nobody
    /// can tell that of an upload that was looked for.
    pub write_id: Option<String>,
    /// When the store will remove it by itself unless it is published before, where it says so: a
    /// lifecycle rule of the bucket does that.
    pub abort_at: Option<DateTime<Utc>>,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// Its length in bytes.
    pub bytes: u64,
    /// What the store calls its content.
    pub etag: String,
}

/// An object that is whole in the store and seen by nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The upload it was made by.
    pub upload: Upload,
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// An object that has appeared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What the store calls its content, where it says.
    pub etag: Option<String>,
}

/// On what terms an object may appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Only where no object stands.
    IfAbsent,
    /// Also where one stands, which it replaces.
    Replace,
}

/// What a store knows of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its key.
    pub key: ObjectKey,
    /// Its length in bytes.
    pub bytes: u64,
    /// What the store calls its content, where it says.
    pub etag: Option<String>,
    /// When it appeared.
    pub modified: DateTime<Utc>,
    /// Who wrote it: [`Attributes::write_id`], where the store tells. Lists don't.
    pub write_id: Option<String>,
}

/// What went wrong in a bucket.
#[derive(Debug, thiserror::Error)]
#[error("{action} in {location}: {message}{}", Tried::told(*.tried))]
pub struct BucketError {
    /// What sort of thing it is.
    pub kind: BucketErrorKind,
    /// What was tried: `put raw/a.csv`.
    pub action: String,
    /// Which bucket or folder.
    pub location: String,
    /// What the store said, in a few words, without secrets.
    pub message: String,
    /// How many seconds to wait before it is asked again, where the store says it.
    pub retry_after_s: Option<u32>,
    /// How often it was tried, where it was repeated until the time for that was used up.
    pub tried: Option<Tried>,
    /// What it was caused by.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of thing went wrong in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BucketErrorKind {
    /// There is no such bucket or folder.
    NoSuchBucket,
    /// There is no such object or upload.
    NotFound,
    /// An object stands where none was to be replaced.
    AlreadyExists,
    /// The credentials are known, but this isn't granted to them.
    Denied,
    /// The credentials are missing, wrong or expired.
    Unauthenticated,
    /// The credentials have ended; others are to be had.
    Expired,
    /// The bucket lies in another region.
    WrongRegion,
    /// The key can't be used in this store.
    InvalidKey,
    /// The disk is full or a quota is used up.
    Full,
    /// The folder or device is read-only.
    ReadOnly,
    /// The store can't be reached.
    Unreachable,
    /// The store asks to slow down.
    Throttled,
    /// The request took too long or its connection broke.
    Interrupted,
    /// The store failed.
    ServerFault,
    /// The store refused the request for a reason of its own.
    Refused,
}

impl BucketError {
    /// Whether the same call may well succeed a little later.
    pub fn is_retryable(&self) -> bool {
        self.kind.is_retryable()
    }
}

impl BucketErrorKind {
    /// Whether the same call may well succeed a little later.
    pub fn is_retryable(self) -> bool {
        use BucketErrorKind::{Expired, Interrupted, ServerFault, Throttled, Unreachable};
        matches!(
            self,
            Expired | Interrupted | ServerFault | Throttled | Unreachable
        )
    }
}

impl Staged {
    /// The object's length in bytes.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}
