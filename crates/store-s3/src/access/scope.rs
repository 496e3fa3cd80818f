//! What a grant is about.

use super::bucket_name::BucketName;
use super::partition::Partition;
use super::prefix::Prefix;

/// A bucket, or what lies under a prefix of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    partition: Partition,
    bucket: BucketName,
    prefix: Option<Prefix>,
}

impl Scope {
    /// A whole bucket in `aws`.
    pub fn bucket(bucket: BucketName) -> Self {
        Scope {
            partition: Partition::Aws,
            bucket,
            prefix: None,
        }
    }

    /// The same in another part of AWS.
    #[must_use]
    pub fn in_partition(mut self, partition: Partition) -> Self {
        self.partition = partition;
        self
    }

    /// Only what lies under a prefix.
    #[must_use]
    pub fn under(mut self, prefix: Prefix) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// The part of AWS that it is in.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The bucket's name.
    pub fn name(&self) -> &BucketName {
        &self.bucket
    }

    /// What it is narrowed to.
    pub fn prefix(&self) -> Option<&Prefix> {
        self.prefix.as_ref()
    }

    /// As a destination: `s3://acme-landing`, or `s3://acme-landing/raw` under a prefix.
    pub fn url(&self) -> String {
        let folders = self.prefix.as_ref().map(|prefix| format!("/{prefix}"));
        format!("s3://{}{}", self.bucket, folders.unwrap_or_default())
    }

    /// The bucket itself: `arn:aws:s3:::acme-landing`.
    pub fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.bucket)
    }

    /// Its objects: `arn:aws:s3:::acme-landing/*`, or `…/raw/*` under a prefix.
    pub fn objects_arn(&self) -> String {
        format!("{}/{}", self.bucket_arn(), self.keys())
    }

    /// The keys of its objects, as a pattern: `*`, or `raw/*` under a prefix.
    pub(super) fn keys(&self) -> String {
        let folders = self.prefix.as_ref().map(|prefix| format!("{prefix}/"));
        folders.unwrap_or_default() + "*"
    }
}
