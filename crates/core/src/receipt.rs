//! What becomes of an object: it has appeared, or it hasn't.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use spile_macros_template::{KeyError, ObjectKey};
use tokio::task::JoinError;

use crate::bucket::{BucketError, Published, Staged};
use crate::checksum::Checksum;
use crate::ledger::LedgerError;
use crate::object::{ObjectId, ObjectPlan, Sealed};
use crate::period::Period;
use crate::router::CursorRange;
use crate::source::StreamName;

/// An object that has appeared in the bucket.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its name within the run.
    pub object: ObjectId,
    /// The stream that its records belong to.
    pub stream: StreamName,
    /// Whether they are bad ones, set aside.
    pub is_quarantine: bool,
    /// The generation of the stream that they are part of, where the source numbers them.
    pub generation: Option<i64>,
    /// Its key in the bucket.
    pub key: ObjectKey,
    /// The period that its records have in common.
    pub period: Period,
    /// The columns that it began with.
    pub schema: SchemaRef,
    /// Whether their source gave them their types (Parquet, Arrow).
    pub typed: bool,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// What those bytes come to.
    pub checksum: Checksum,
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
    /// A lifecycle rule of the bucket would remove it before it is published.
    #[error(
        "stage {key}: a lifecycle rule of the bucket removes unfinished uploads, this one at {abort_at}"
    )]
    Removed {
        /// The key.
        key: ObjectKey,
        /// When the store would remove it.
        abort_at: DateTime<Utc>,
    },
    /// It is whole in the bucket, but couldn't be published.
    #[error("publish {}: it is whole, and stays staged in the bucket", left.staged.upload.key)]
    Publish {
        /// What stays.
        left: Box<Unpublished>,
        /// Why it couldn't.
        source: BucketError,
    },
    /// What is kept of the run can't be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The bucket refused it or can't be reached.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The upload's task ended by a fault of the program.
    #[error("run an upload to its end")]
    Task(#[from] JoinError),
}

impl Receipt {
    /// What there will be to say of an object once it has appeared.
    pub(crate) fn to_be(
        object: ObjectId,
        plan: &ObjectPlan,
        key: ObjectKey,
        sealed: Sealed,
    ) -> Self {
        Self {
            object,
            stream: plan.stream.clone(),
            is_quarantine: plan.is_quarantine,
            generation: plan.generation,
            key,
            period: plan.period.clone(),
            schema: Arc::clone(&plan.schema),
            typed: plan.typed,
            rows: sealed.facts.rows,
            bytes: sealed.bytes,
            checksum: sealed.checksum,
            parts: 1,
            cursors: sealed.facts.cursors,
            etag: None,
        }
    }

    /// The object has appeared.
    pub(crate) fn published(self, published: Published) -> Self {
        Self {
            etag: published.etag,
            ..self
        }
    }
}
