//! What a real store answers where something is wrong.

use std::time::Duration;

use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectKey, Retry, RetryPolicy,
};
use spile_store_s3::s3::Encryption;
use spile_store_s3::{S3Bucket, S3Config, S3ConfigError, S3Credentials};

use crate::store::{Tested, config, connect, own_prefix, read_only_config, setting};

/// Tries every operation that needs no other to have succeeded, and checks how each fails.
async fn check_all(bucket: &S3Bucket, kind: BucketErrorKind, message: &str) -> Tested {
    let key = ObjectKey::new(format!("{}a.csv", own_prefix()))?;
    check(writes(bucket, &key).await, kind, message);
    check(reads(bucket, &key).await, kind, message);
    Ok(())
}

async fn writes(bucket: &S3Bucket, key: &ObjectKey) -> Vec<Result<(), BucketError>> {
    let own = Attributes::default();
    vec![
        bucket.begin(key, &own).await.map(drop),
        bucket
            .put(key, "1".into(), &own, Condition::IfAbsent)
            .await
            .map(drop),
        bucket
            .put(key, "1".into(), &own, Condition::Replace)
            .await
            .map(drop),
        bucket.delete(key).await,
        bucket.honours_if_absent().await.map(drop),
    ]
}

async fn reads(bucket: &S3Bucket, key: &ObjectKey) -> Vec<Result<(), BucketError>> {
    vec![
        bucket.head(key).await.map(drop),
        bucket.get(key).await.map(drop),
        bucket.list("").await.map(drop),
    ]
}

fn check(results: Vec<Result<(), BucketError>>, kind: BucketErrorKind, message: &str) {
    for error in results.into_iter().map(Result::err) {
        let found = error
            .as_ref()
            .map(|error| (error.kind, error.message.as_str()));
        assert_eq!(found, Some((kind, message)), "{error:?}");
        assert!(
            !format!("{error:?}").contains("not the secret access key"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_bucket_is_named_so() -> Tested {
    let mut config = config()?;
    config.bucket = "no-such-bucket".to_owned();
    let bucket = connect(config).await?;
    check_all(
        &bucket,
        BucketErrorKind::NoSuchBucket,
        "there is no such bucket",
    )
    .await
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_an_unknown_key() -> Tested {
    let mut config = config()?;
    let id = setting("ACCESS_KEY_ID")?;
    config.credentials = S3Credentials::access_key(id, "not the secret access key");
    let bucket = connect(config.clone()).await?;
    let message = "the secret access key isn't that of the access key id";
    check_all(&bucket, BucketErrorKind::Unauthenticated, message).await?;
    config.credentials = S3Credentials::access_key("AKIAUNKNOWN", "not the secret access key");
    let bucket = connect(config).await?;
    let message = "the store doesn't know the access key id";
    check_all(&bucket, BucketErrorKind::Unauthenticated, message).await
}

#[tokio::test]
async fn who_may_only_read_may_not_write() -> Tested {
    let bucket = connect(read_only_config()?).await?;
    let key = ObjectKey::new(format!("{}a.csv", own_prefix()))?;
    for result in writes(&bucket, &key).await {
        assert_eq!(
            result.map_err(|error| error.kind),
            Err(BucketErrorKind::Denied)
        );
    }
    assert_eq!(bucket.head(&key).await?, None);
    assert_eq!(bucket.list(key.as_str()).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_closed_port_is_unreachable() -> Tested {
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut config = config()?;
    config.endpoint = Some(format!("http://{free}"));
    config.retry = Retry::new(RetryPolicy {
        elapsed_max: Duration::ZERO,
        attempts_min: 1,
        ..RetryPolicy::default()
    });
    let bucket = connect(config).await?;
    check_all(
        &bucket,
        BucketErrorKind::Unreachable,
        "the store can't be reached",
    )
    .await
}

#[tokio::test]
async fn plain_http_has_to_be_allowed() -> Tested {
    let mut config = config()?;
    config.allow_http = false;
    let refused = S3Bucket::connect(config).await;
    assert!(matches!(refused, Err(S3ConfigError::PlainHttp { .. })));
    Ok(())
}

/// Every setting that goes into headers, on every kind of request: what is signed wrongly fails.
#[tokio::test]
async fn settings_are_sent_and_signed() -> Tested {
    let mut with_settings = config()?;
    set_headers(&mut with_settings);
    let bucket = connect(with_settings).await?;
    spile_core::testing::bucket_conformance::published_it_appears_whole(&bucket, &own_prefix())
        .await?;
    spile_core::testing::bucket_conformance::an_object_is_put(&bucket, &own_prefix()).await?;
    Ok(())
}

fn set_headers(config: &mut S3Config) {
    config.expected_bucket_owner = Some("000000000000".to_owned());
    config.storage_class = Some("STANDARD".to_owned());
    config.tags = vec![("team".to_owned(), "a+b c".to_owned())];
    config.metadata = vec![("Made-By".to_owned(), "spile".to_owned())];
}

#[tokio::test]
async fn every_checksum_is_taken() -> Tested {
    use spile_store_s3::s3::Checksum::{Crc64Nvme, Default, None, Sha256};
    for checksum in [Default, None, Sha256, Crc64Nvme] {
        let mut config = config()?;
        config.checksum = checksum;
        let bucket = connect(config).await?;
        let prefix = own_prefix();
        spile_core::testing::bucket_conformance::a_large_object_is_its_parts(&bucket, &prefix)
            .await?;
    }
    Ok(())
}

/// The store has no keys to encrypt with, and says so: the setting has reached it.
#[tokio::test]
async fn encryption_is_asked_for() -> Tested {
    let mut config = config()?;
    config.encryption = Some(Encryption::Kms {
        key_id: Some("no-such-key".to_owned()),
    });
    let bucket = connect(config).await?;
    let key = ObjectKey::new(format!("{}a.csv", own_prefix()))?;
    let put = bucket
        .put(&key, "1".into(), &Attributes::default(), Condition::Replace)
        .await;
    assert!(put.is_err(), "{put:?}");
    Ok(())
}
