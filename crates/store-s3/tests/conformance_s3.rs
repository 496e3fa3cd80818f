//! The promises of the bucket port, kept on S3.

mod s3_failures;
mod store;

mod s3 {
    use spile_store_s3::S3Bucket;

    use super::store::{Tested, config, connect, own_prefix};

    async fn open() -> Tested<(S3Bucket, String, ())> {
        let prefix = own_prefix();
        let mut config = config()?;
        config.probe_prefix.clone_from(&prefix);
        Ok((connect(config).await?, prefix, ()))
    }

    spile_core::bucket_conformance!(open);
}
