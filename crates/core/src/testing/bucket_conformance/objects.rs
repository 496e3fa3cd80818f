//! Promises about objects that are written, read and deleted in one step.

use bytes::Bytes;

use super::space::{Space, assert_fails, attributes};
use crate::bucket::{Attributes, Bucket, BucketError, BucketErrorKind, Condition};

/// An object that was put is there, and known.
pub async fn an_object_is_put(bucket: &dyn Bucket, prefix: &str) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let key = space.key("run/manifest.json")?;
    let body = Bytes::from_static(b"{}");
    let own = Attributes {
        write_id: "0198c0de-0000-4000-8000-000000000001".to_owned(),
        ..attributes()
    };
    let put = bucket.put(&key, body, &own, Condition::IfAbsent).await?;
    let info = bucket.head(&key).await?;
    let writer = info.as_ref().and_then(|info| info.write_id.clone());
    assert!(
        writer.is_none_or(|id| id == own.write_id),
        "who wrote it is told, or nobody"
    );
    assert_eq!(
        info.as_ref().map(|info| (&info.key, info.bytes)),
        Some((&key, 2))
    );
    assert_eq!(info.and_then(|info| info.etag), put.etag);
    assert_eq!(space.text(&key).await?, "{}");
    assert_eq!(space.names().await?, ["run/manifest.json"]);
    Ok(())
}

/// An object may have no byte.
pub async fn an_empty_object_is_put(bucket: &dyn Bucket, prefix: &str) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let key = space.put("_SUCCESS", "").await?;
    assert_eq!(bucket.head(&key).await?.map(|info| info.bytes), Some(0));
    assert_eq!(space.text(&key).await?, "");
    Ok(())
}

/// An object that stands stays as it is, even where the same bytes are put.
pub async fn putting_if_absent_refuses_an_object_that_stands(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    if !bucket.honours_if_absent().await? {
        return Ok(());
    }
    let space = Space::new(bucket, prefix);
    let key = space.put("lease", "early").await?;
    for body in ["late", "early"] {
        let put = bucket
            .put(&key, body.into(), &attributes(), Condition::IfAbsent)
            .await;
        assert_fails(&put, BucketErrorKind::AlreadyExists);
    }
    assert_eq!(space.text(&key).await?, "early");
    Ok(())
}

/// Where it may, a put object takes the place of another.
pub async fn putting_replaces_where_it_may(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    space.put("index.json", "early and long").await?;
    let key = space.put("index.json", "late").await?;
    assert_eq!(space.text(&key).await?, "late");
    Ok(())
}

/// Neither an absent object nor a part of a key is an object.
pub async fn nothing_is_known_of_an_absent_object(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    space.put("there/a.csv", "1,2\n").await?;
    for absent in [
        "absent",
        "there",
        "there/a",
        "there/a.csv/b",
        "absent/a.csv",
    ] {
        assert_eq!(bucket.head(&space.key(absent)?).await?, None, "{absent}");
    }
    Ok(())
}

/// What isn't there can't be read.
pub async fn an_absent_object_is_not_found(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    space.put("there/a.csv", "1,2\n").await?;
    for absent in ["absent", "there", "there/a.csv/b"] {
        let got = bucket.get(&space.key(absent)?).await;
        assert_fails(&got, BucketErrorKind::NotFound);
    }
    Ok(())
}

/// A deleted object is gone, and no other with it.
pub async fn a_deleted_object_is_gone(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let key = space.put("2025/a.csv", "1,2\n").await?;
    space.put("2025/b.csv", "3,4\n").await?;
    bucket.delete(&key).await?;
    assert_eq!(bucket.head(&key).await?, None);
    assert_eq!(space.names().await?, ["2025/b.csv"]);
    Ok(())
}

/// Where nothing is, nothing is to be deleted.
pub async fn deleting_an_absent_object_is_fine(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    space.put("there/a.csv", "1,2\n").await?;
    for absent in ["absent", "absent/a.csv", "there", "there/a.csv/b"] {
        bucket.delete(&space.key(absent)?).await?;
    }
    assert_eq!(space.names().await?, ["there/a.csv"]);
    Ok(())
}
