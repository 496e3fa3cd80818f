//! Promises about the step that makes an object appear.

use super::space::{Space, assert_fails};
use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition};

/// Whoever lost the answer asks again, and hears that it is done.
pub async fn publishing_is_safe_to_repeat(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    for (name, condition) in [("a", Condition::IfAbsent), ("b", Condition::Replace)] {
        let staged = space.stage(name, "1,2\n").await?;
        let first = bucket.publish(&staged, condition).await?;
        let second = bucket.publish(&staged, condition).await?;
        assert_eq!(first, second, "{condition:?}");
        assert_eq!(space.text(&staged.upload.key).await?, "1,2\n");
    }
    Ok(())
}

/// An object that stands stays as it is.
pub async fn publishing_if_absent_refuses_an_object_that_stands(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    if !bucket.honours_if_absent().await? {
        return Ok(());
    }
    let space = Space::new(bucket, prefix);
    let staged = space.stage("a.csv", "late").await?;
    let key = space.put("a.csv", "early").await?;
    let refused = bucket.publish(&staged, Condition::IfAbsent).await;
    assert_fails(&refused, BucketErrorKind::AlreadyExists);
    assert_eq!(space.text(&key).await?, "early");
    bucket.discard(&staged.upload).await?;
    assert_eq!(space.text(&key).await?, "early");
    Ok(())
}

/// A refused object can still be published once nothing stands in its way.
pub async fn a_refused_object_stays_staged(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    if !bucket.honours_if_absent().await? {
        return Ok(());
    }
    let space = Space::new(bucket, prefix);
    let staged = space.stage("a.csv", "late").await?;
    let key = space.put("a.csv", "early").await?;
    let refused = bucket.publish(&staged, Condition::IfAbsent).await;
    assert_fails(&refused, BucketErrorKind::AlreadyExists);
    bucket.delete(&key).await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    assert_eq!(space.text(&key).await?, "late");
    Ok(())
}

/// Where it may, a published object takes the place of another, also of a longer one.
pub async fn publishing_replaces_where_it_may(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let key = space.put("a.csv", "early and long").await?;
    let staged = space.stage("a.csv", "late").await?;
    assert_eq!(space.text(&key).await?, "early and long");
    bucket.publish(&staged, Condition::Replace).await?;
    assert_eq!(space.text(&key).await?, "late");
    assert_eq!(space.names().await?, ["a.csv"]);
    Ok(())
}
