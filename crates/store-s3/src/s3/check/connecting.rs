//! What has to be right before a bucket can be asked for anything.

use spile_core::BucketErrorKind;

use super::super::bucket::S3Bucket;
use super::super::config::S3Config;
use super::super::config_error::S3ConfigError;
#[cfg(feature = "roles")]
use super::super::{connect::client_options, endpoint::Endpoint};
use crate::check::{Checklist, Verdict};

impl S3Config {
    /// Tries out, one after the other, the credentials and all that loads ask of the bucket, see
    /// [`S3Bucket::check`]. Nothing further is tried where there are no credentials.
    #[cfg_attr(
        not(feature = "roles"),
        expect(unused_mut, reason = "there are no steps")
    )]
    pub async fn check(mut self, list: &mut Checklist<'_>) {
        #[cfg(feature = "roles")]
        if !self.check_credentials(list).await {
            return;
        }
        match S3Bucket::connect(self).await {
            Ok(bucket) => bucket.check(list).await,
            Err(error) => list.always("bucket", async { unconnected(&error) }).await,
        }
    }

    /// Settles region and credentials, so that connecting asks nobody for them again. Answers
    /// whether there are credentials.
    #[cfg(feature = "roles")]
    async fn check_credentials(&mut self, list: &mut Checklist<'_>) -> bool {
        use super::super::connect::DEFAULT_REGION;
        use crate::credentials::Search;

        let (Ok(endpoint), Ok(options)) = (Endpoint::new(self), client_options(self)) else {
            // Connecting fails as well, and is told of.
            return true;
        };
        self.region = self.find_region(&endpoint, &options).await.ok();
        let search = Search {
            region: self.region.as_deref().unwrap_or(DEFAULT_REGION),
            options: &options,
            is_aws: endpoint.is_aws(),
        };
        let found = search.check(&self.credentials, list).await;
        let is_found = found.is_some();
        self.credentials = found.unwrap_or_default();
        is_found
    }
}

pub(super) fn unconnected(error: &S3ConfigError) -> Verdict {
    match error {
        S3ConfigError::Bucket(error) => Verdict::failed(error.kind, &error.message),
        S3ConfigError::Credentials(error) => Verdict::from(error),
        error => Verdict::failed(BucketErrorKind::Refused, format!("failed to {error}")),
    }
}
