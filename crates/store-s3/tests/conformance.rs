//! The promises of the bucket port, kept in memory and in folders.

use std::error::Error;

use spile_core::testing::{MemoryBucket, bucket_conformance};
use spile_core::{BucketError, PartLimits};
use spile_store_s3::FolderBucket;
use tempfile::TempDir;

mod memory {
    use super::*;

    async fn open() -> Result<(MemoryBucket, String, ()), BucketError> {
        Ok((MemoryBucket::new(), "own/".to_owned(), ()))
    }

    spile_core::bucket_conformance!(open);

    #[tokio::test]
    async fn of_rival_publishers_one_wins() -> Result<(), Box<dyn Error>> {
        let (bucket, prefix, _kept) = open().await?;
        Ok(bucket_conformance::of_rival_publishers_one_wins(&bucket, &prefix).await?)
    }
}

mod memory_like_s3 {
    use super::*;

    async fn open() -> Result<(MemoryBucket, String, ()), BucketError> {
        let limits = PartLimits {
            bytes_min: 5 * 1024 * 1024,
            bytes_usual: 8 * 1024 * 1024,
            count_max: 10_000,
        };
        let bucket = MemoryBucket::new().with_part_limits(limits);
        Ok((bucket, String::new(), ()))
    }

    spile_core::bucket_conformance!(open);
}

mod memory_that_ignores_if_absent {
    use super::*;

    async fn open() -> Result<(MemoryBucket, String, ()), BucketError> {
        Ok((
            MemoryBucket::new().ignoring_if_absent(),
            "own/".to_owned(),
            (),
        ))
    }

    spile_core::bucket_conformance!(open);
}

mod folder {
    use super::*;

    async fn open() -> Result<(FolderBucket, String, TempDir), Box<dyn Error>> {
        let kept = tempfile::tempdir()?;
        Ok((FolderBucket::open(kept.path())?, "own/".to_owned(), kept))
    }

    spile_core::bucket_conformance!(open);

    #[tokio::test]
    async fn of_rival_publishers_one_wins() -> Result<(), Box<dyn Error>> {
        let (bucket, prefix, _kept) = open().await?;
        Ok(bucket_conformance::of_rival_publishers_one_wins(&bucket, &prefix).await?)
    }
}
