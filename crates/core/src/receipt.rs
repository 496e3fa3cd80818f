//! What becomes of an object: it has appeared, or it hasn't.

use arrow::datatypes::SchemaRef;
use spile_macros_template::{KeyError, ObjectKey};
use tokio::task::JoinError;

use crate::bucket::{BucketError, Published, Staged};
use crate::object::{ObjectId, ObjectPlan, Sealed};
use crate::router::CursorRange;
use crate::source::StreamName;

/// An object that has appeared in the bucket.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its name within the run.
    pub object: ObjectId,
    /// The stream that its records belong to.
    pub stream: StreamName,
    /// Its key in the bucket.
    pub key: ObjectKey,
    /// The columns that it began with, unless their source gave them their types (Parquet, Arrow).
    pub schema: Option<SchemaRef>,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// In how many parts it was sent.
    pub parts: u32,
    /// The first and the last of its records' cursors.
    pub cursors: Option<CursorRange>,
    /// What the store calls its content.
    pub etag: Option<String>,
}

/// An object that is whole in the store and couldn't be made to appear. It stays there, so that it
/// can be published later; until then it is seen by nobody, and costs its space.
#[derive(Clone, Debug)]
pub struct Unpublished {
    /// Its name within the run.
    pub object: ObjectId,
    /// The stream that its records belong to.
    pub stream: StreamName,
    /// Its records.
    pub rows: u64,
    /// Its upload and parts: what publishing it takes.
    pub staged: Staged,
}

/// Why an object didn't appear.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// No key can be made for it.
    #[error("make a key for an object of stream {stream}")]
    Key {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: KeyError,
    },
    /// Another writer's object appeared at its key while it was being sent.
    #[error("publish {key}: another object appeared at that key in the meantime")]
    Taken {
        /// The key.
        key: ObjectKey,
    },
    /// It is whole in the bucket, but couldn't be published.
    #[error("publish {}: it is whole, and stays staged in the bucket", left.staged.upload.key)]
    Publish {
        /// What stays.
        left: Box<Unpublished>,
        /// Why it couldn't.
        source: BucketError,
    },
    /// The bucket refused it or can't be reached.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The upload's task ended by a fault of the program.
    #[error("run an upload to its end")]
    Task(#[from] JoinError),
}

impl Receipt {
    pub(crate) fn new(
        object: ObjectId,
        plan: &ObjectPlan,
        key: ObjectKey,
        sealed: Sealed,
        published: Published,
    ) -> Self {
        Self {
            object,
            stream: plan.stream.clone(),
            key,
            schema: plan.schema.clone(),
            rows: sealed.rows,
            bytes: 0,
            parts: 1,
            cursors: sealed.cursors,
            etag: published.etag,
        }
    }
}
