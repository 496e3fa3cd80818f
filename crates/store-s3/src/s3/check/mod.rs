//! Whether a bucket is ready for loads.
//!
//! Everything is tried with one object at a key of its own, which is deleted at the end. Deleting
//! is tried first: where it isn't granted, nothing is written at all.

mod connecting;
mod denial;
mod objects;
mod obstacle;
mod signs;
mod state;
mod trial;
mod uploads;

use super::bucket::S3Bucket;
use crate::check::{Checklist, Verdict};
use trial::Trial;

impl S3Bucket {
    /// Tries out, one after the other, all that loads ask of the bucket. Nothing is left behind,
    /// whatever fails, but what a bucket keeps of deleted objects.
    ///
    /// It works under the grant of five actions that loads work under; what they can do without is
    /// at most warned of.
    pub async fn check(&self, list: &mut Checklist<'_>) {
        let mut trial = match Trial::new(self) {
            Ok(trial) => trial,
            Err(fault) => return list.always("prefix", async { Verdict::from(&fault) }).await,
        };
        list.probe("bucket", &[], trial.bucket()).await;
        list.probe("delete", &["bucket"], trial.delete()).await;
        list.probe("list", &["bucket"], trial.list()).await;
        list.probe("absent key", &["list"], trial.absent_key())
            .await;
        list.probe("put", &["delete"], trial.put()).await;
        list.probe("get", &["put"], trial.get()).await;
        list.probe("multipart upload", &["put"], trial.upload())
            .await;
        list.probe("conditional put", &["put"], trial.conditional_put())
            .await;
        let (upload, conditional) = (["multipart upload"], trial.conditional_upload());
        list.probe("conditional upload", &upload, conditional).await;
        list.probe("abort", &upload, trial.abort()).await;
        list.probe("list uploads", &["bucket"], trial.list_uploads())
            .await;
        list.probe("encryption", &["put"], trial.encryption()).await;
        list.probe("tags", &["put"], trial.tags()).await;
        list.probe("versioning", &["put"], trial.versioning()).await;
        list.probe("lifecycle", &upload, trial.lifecycle()).await;
        list.always("clock", trial.clock()).await;
        list.always("clean up", trial.clean_up()).await;
    }
}
