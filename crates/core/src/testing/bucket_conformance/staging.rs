//! Promises about objects that nobody sees yet.

use bytes::Bytes;
use futures::future::try_join_all;

use super::space::{Space, assert_fails, in_order};
use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition};

/// Neither a begun nor a staged object is seen by anyone.
pub async fn nothing_appears_before_it_is_published(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let upload = space.begin("a.csv").await?;
    assert_eq!(bucket.head(&upload.key).await?, None, "a begun object");
    let part = bucket
        .part(&upload, 1, Bytes::from_static(b"1,2\n"))
        .await?;
    assert_eq!(bucket.head(&upload.key).await?, None, "a sent object");
    let staged = bucket.finish(upload, vec![part]).await?;
    assert_eq!(
        bucket.head(&staged.upload.key).await?,
        None,
        "a staged object"
    );
    assert_fails(
        &bucket.get(&staged.upload.key).await,
        BucketErrorKind::NotFound,
    );
    assert_eq!(space.names().await?, [""; 0]);
    bucket.discard(&staged.upload).await
}

/// Once it is published, it is there with all its bytes.
pub async fn published_it_appears_whole(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let staged = space.stage("sales/2025/a.csv", "1,2\n3,4\n").await?;
    let key = &staged.upload.key;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    assert_eq!(space.text(key).await?, "1,2\n3,4\n");
    assert_eq!(
        bucket.head(key).await?.map(|info| (info.key, info.bytes)),
        Some((key.clone(), 8))
    );
    assert_eq!(space.names().await?, ["sales/2025/a.csv"]);
    Ok(())
}

/// The smallest part size is none for a last part, which may be the only one.
pub async fn a_tiny_object_can_be_staged(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let staged = space.stage("tiny", "12345").await?;
    bucket.publish(&staged, Condition::Replace).await?;
    assert_eq!(space.text(&staged.upload.key).await?, "12345");
    Ok(())
}

/// One part without a byte is an object without a byte.
pub async fn an_empty_object_can_be_staged(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let staged = space.stage("empty", "").await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    let info = bucket.head(&staged.upload.key).await?;
    assert_eq!(info.map(|info| info.bytes), Some(0));
    assert_eq!(space.text(&staged.upload.key).await?, "");
    Ok(())
}

/// An object of three parts is these parts, one behind the other.
pub async fn a_large_object_is_its_parts(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let bodies = [
        large_part(b'a'),
        large_part(b'b'),
        Bytes::from_static(b"end"),
    ];
    let staged = space.stage_parts("large", &bodies).await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    let found = bucket.get(&staged.upload.key).await?;
    assert_eq!(staged.bytes(), found.len() as u64);
    assert!(found == bodies.concat(), "the content differs");
    Ok(())
}

/// Parts may be sent backwards, and all at the same time.
pub async fn parts_come_in_any_order_and_at_once(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let bodies = [
        large_part(b'1'),
        large_part(b'2'),
        large_part(b'3'),
        Bytes::from_static(b"4"),
    ];
    let upload = space.begin("shuffled").await?;
    let last = bucket.part(&upload, 4, bodies[3].clone()).await?;
    let sent =
        [3, 1, 2].map(|number| bucket.part(&upload, number, bodies[number as usize - 1].clone()));
    let mut parts = try_join_all(sent).await?;
    parts.push(last);
    let staged = bucket.finish(upload, in_order(parts)).await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    let found = bucket.get(&staged.upload.key).await?;
    assert!(found == bodies.concat(), "the content differs");
    Ok(())
}

/// A part that is sent again counts as it was sent last.
pub async fn a_repeated_part_replaces(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let upload = space.begin("repeated").await?;
    bucket.part(&upload, 1, large_part(b'x')).await?;
    let first = bucket.part(&upload, 1, large_part(b'a')).await?;
    bucket
        .part(&upload, 2, Bytes::from_static(b"longer than its heir"))
        .await?;
    let second = bucket.part(&upload, 2, Bytes::from_static(b"heir")).await?;
    let staged = bucket.finish(upload, vec![first, second]).await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    let found = bucket.get(&staged.upload.key).await?;
    assert!(found == [large_part(b'a'), Bytes::from_static(b"heir")].concat());
    Ok(())
}

/// A part needs an upload that was begun.
pub async fn a_part_of_no_upload_is_not_found(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let gone = space.begin("gone").await?;
    bucket.discard(&gone).await?;
    assert_fails(
        &bucket.part(&gone, 1, Bytes::from_static(b"1,2\n")).await,
        BucketErrorKind::NotFound,
    );
    Ok(())
}

/// An upload can be given up while it is sent and when it is staged.
pub async fn a_discarded_upload_leaves_nothing(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let sent = space.begin("sent").await?;
    bucket.part(&sent, 1, Bytes::from_static(b"1,2\n")).await?;
    bucket.discard(&sent).await?;
    let staged = space.stage("staged", "1,2\n").await?;
    bucket.discard(&staged.upload).await?;
    assert_eq!(bucket.head(&sent.key).await?, None);
    assert_eq!(bucket.head(&staged.upload.key).await?, None);
    assert_eq!(space.names().await?, [""; 0]);
    Ok(())
}

/// What was given up doesn't come back.
pub async fn a_discarded_upload_is_not_published(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let staged = space.stage("a.csv", "1,2\n").await?;
    bucket.discard(&staged.upload).await?;
    for condition in [Condition::IfAbsent, Condition::Replace] {
        assert_fails(
            &bucket.publish(&staged, condition).await,
            BucketErrorKind::NotFound,
        );
    }
    assert_eq!(bucket.head(&staged.upload.key).await?, None);
    Ok(())
}

/// A second time, there is nothing to do.
pub async fn discarding_is_safe_to_repeat(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let staged = Space::new(bucket, prefix).stage("a.csv", "1,2\n").await?;
    bucket.discard(&staged.upload).await?;
    bucket.discard(&staged.upload).await
}

/// Whoever knows the key can find what was begun there, and discard it.
pub async fn an_upload_is_found_at_its_key(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let begun = space.begin("a.csv").await?;
    let staged = space.stage("a.csv", "1,2\n").await?;
    let longer = space.stage("a.csv.gz", "1,2\n").await?;
    let published = space.stage("b.csv", "1,2\n").await?;
    bucket.publish(&published, Condition::IfAbsent).await?;
    let found = bucket.uploads_at(&begun.key).await?;
    assert!(found.iter().all(|upload| upload.key == begun.key));
    assert_eq!(found.len(), 2, "those at this key alone: {found:?}");
    assert_eq!(bucket.uploads_at(&published.upload.key).await?, []);
    for upload in found {
        bucket.discard(&upload).await?;
    }
    assert_eq!(bucket.uploads_at(&begun.key).await?, []);
    assert_fails(
        &bucket.publish(&staged, Condition::IfAbsent).await,
        BucketErrorKind::NotFound,
    );
    bucket.discard(&longer.upload).await
}

/// Whoever tidies up after publishing harms nothing.
pub async fn discarding_keeps_what_was_published(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let staged = space.stage("a.csv", "1,2\n").await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    bucket.discard(&staged.upload).await?;
    assert_eq!(space.text(&staged.upload.key).await?, "1,2\n");
    Ok(())
}

/// As short as a part may be that isn't the last; all of one size, as some stores want.
fn large_part(byte: u8) -> Bytes {
    Bytes::from(vec![byte; 5 * 1024 * 1024 + 1])
}
