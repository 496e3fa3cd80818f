//! How an upload ends whose object nobody wants.

use spile_core::{BucketErrorKind as Kind, Condition, Staged};

use super::bucket::S3Bucket;
use crate::fault::Fault;

/// What has become of an upload that was given up.
#[derive(Debug)]
pub(super) enum GivenUp {
    /// Nothing of it is left, and nothing has appeared.
    Aborted,
    /// It couldn't be aborted, and so its object has appeared, to be deleted.
    Completed {
        /// Why.
        denied: Fault,
    },
}

impl S3Bucket {
    /// Ends an upload for good. The grant that Spile works under has no abort: where that is
    /// denied, the upload is completed, since an object can be deleted. Whoever asks deletes what
    /// stands at the key afterwards.
    pub(super) async fn give_up(&self, staged: &Staged) -> Result<GivenUp, Fault> {
        match self.abort(&staged.upload).await {
            Ok(()) => Ok(GivenUp::Aborted),
            // Without a part there is nothing to be completed.
            Err(denied) if denied.kind == Kind::Denied && !staged.parts.is_empty() => {
                match self.complete(staged, Condition::Replace).await {
                    Err(fault) if fault.kind != Kind::NotFound => Err(fault),
                    _ => Ok(GivenUp::Completed { denied }),
                }
            }
            Err(fault) => Err(fault),
        }
    }
}
