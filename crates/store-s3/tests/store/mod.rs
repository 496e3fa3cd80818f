//! The store that the tests of S3 run against.

use std::error::Error;

use spile_store_s3::{S3Bucket, S3Config, S3Credentials};

pub(crate) type Tested<T = ()> = Result<T, Box<dyn Error>>;

/// A setting of the store.
pub(crate) fn setting(name: &str) -> Tested<String> {
    let name = format!("SPILE_TEST_S3_{name}");
    std::env::var(&name).map_err(|_| format!("{name} isn't set: run `cargo xtask test`").into())
}

/// The bucket, by the key that may do everything.
pub(crate) fn config() -> Tested<S3Config> {
    as_key("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
}

/// The bucket, by the key that may only read.
pub(crate) fn read_only_config() -> Tested<S3Config> {
    as_key("READONLY_ACCESS_KEY_ID", "READONLY_SECRET_ACCESS_KEY")
}

/// A prefix that no other test has.
pub(crate) fn own_prefix() -> String {
    format!("t-{}/", &uuid::Uuid::new_v4().simple().to_string()[..12])
}

pub(crate) async fn connect(config: S3Config) -> Tested<S3Bucket> {
    Ok(S3Bucket::connect(config).await?)
}

fn as_key(id: &str, secret: &str) -> Tested<S3Config> {
    let mut config = S3Config::new(setting("BUCKET")?);
    config.endpoint = Some(setting("ENDPOINT")?);
    config.allow_http = true;
    config.credentials = S3Credentials::access_key(setting(id)?, setting(secret)?);
    Ok(config)
}
