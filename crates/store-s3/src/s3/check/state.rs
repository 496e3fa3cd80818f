//! Whether what runs know of each other can be kept in a place of its own.

use super::super::bucket::S3Bucket;
use super::super::config::S3Config;
use super::connecting::unconnected;
use super::trial::Trial;
use crate::check::{ASSUME_ROLE, BASE_CREDENTIALS, Checklist, Verdict};

impl S3Config {
    /// Tries out what loads ask of the place of the state: less than of the destination, and under
    /// names of its own. Nothing is left behind.
    ///
    /// It comes after [`S3Config::check`] in the same list: where that has found no credentials,
    /// this isn't tried.
    pub async fn check_state(self, list: &mut Checklist<'_>) {
        let mut connected = None;
        let connect = async {
            match S3Bucket::connect(self).await {
                Ok(bucket) => connected.insert(bucket).named_as_state(),
                Err(error) => unconnected(&error),
            }
        };
        let needs = [BASE_CREDENTIALS, ASSUME_ROLE];
        list.probe("state", &needs, connect).await;
        if let Some(bucket) = connected {
            bucket.check_state(list).await;
        }
    }
}

impl S3Bucket {
    async fn check_state(&self, list: &mut Checklist<'_>) {
        let mut trial = match Trial::new(self) {
            Ok(trial) => trial,
            Err(fault) => return list.always("state prefix", async { (&fault).into() }).await,
        };
        list.probe("state delete", &[], trial.delete()).await;
        list.probe("state absent key", &[], trial.absent_key())
            .await;
        list.probe("state put", &["state delete"], trial.put())
            .await;
        list.probe("state get", &["state put"], trial.get()).await;
        list.always("state clean up", trial.clean_up()).await;
    }

    fn named_as_state(&self) -> Verdict {
        let (bucket, prefix) = (&self.to.bucket, &self.to.probe_prefix);
        Verdict::passed(format!("it is kept under s3://{bucket}/{prefix}"))
    }
}
