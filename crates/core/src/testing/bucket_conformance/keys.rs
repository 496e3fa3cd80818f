//! Promises about keys and lists.

use futures::future::try_join_all;

use super::space::Space;
use crate::bucket::{Bucket, BucketError, Condition};

/// What a template may make of names that come from data.
const ODD_NAMES: [&str; 13] = [
    "space d",
    "plus+and%2B",
    "percent%2Fand%",
    "year=2025/month=04/day=14",
    "2025-04-14T11:23:45Z",
    "~tilde",
    "Größe/売上/🦀",
    "quote'\"`",
    "amp&semi;hash#query?",
    "less<more>",
    "brackets[{(|)}]",
    "star*at@comma,dollar$bang!",
    ".hidden/_under",
];

/// A key comes back as it was given, from a list too, whether put or published.
pub async fn keys_are_kept_byte_for_byte(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    for name in ODD_NAMES {
        space.put(&format!("put/{name}"), name).await?;
        let staged = space.stage(&format!("staged/{name}"), name).await?;
        bucket.publish(&staged, Condition::Replace).await?;
    }
    for start in ["put/", "staged/"] {
        let mut expected = ODD_NAMES.map(|name| format!("{start}{name}"));
        expected.sort_unstable();
        assert_eq!(space.names_under(start).await?, expected);
        for name in ODD_NAMES {
            let key = space.key(&format!("{start}{name}"))?;
            assert_eq!(space.text(&key).await?, name);
            assert_eq!(
                bucket.head(&key).await?.map(|info| info.key),
                Some(key.clone())
            );
            bucket.delete(&key).await?;
        }
    }
    assert_eq!(space.names().await?, [""; 0]);
    Ok(())
}

/// A key may have 1,024 bytes.
pub async fn the_longest_key_is_kept(bucket: &dyn Bucket, prefix: &str) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let mut name = "ü".to_owned();
    while prefix.len() + name.len() < 1_023 {
        name.push(if name.len().is_multiple_of(200) {
            '/'
        } else {
            'x'
        });
    }
    name.push('x');
    let key = space.put(&name, "long").await?;
    assert_eq!(key.as_str().len(), 1_024);
    assert_eq!(space.text(&key).await?, "long");
    assert_eq!(space.names().await?, [name]);
    Ok(())
}

/// Lists are in the order of the keys' bytes, in which `-` and `.` come before `/`.
pub async fn a_list_is_ordered_by_key(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let ordered = ["B", "a-1", "a.csv", "a/1", "a/10", "a/2", "a0", "b/1", "é"];
    for name in ordered.iter().rev() {
        space.put(name, name).await?;
    }
    assert_eq!(space.names().await?, ordered);
    Ok(())
}

/// A prefix is text, and doesn't end at a `/`.
pub async fn a_list_has_exactly_its_prefix(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    for name in ["a", "ab", "a+/1", "a+/2/3", "b"] {
        space.put(name, name).await?;
    }
    let check = async |start: &str, expected: &[&str]| {
        let found = space.names_under(start).await?;
        assert_eq!(found, expected, "under `{start}`");
        Ok::<(), BucketError>(())
    };
    check("a", &["a", "a+/1", "a+/2/3", "ab"]).await?;
    check("a+", &["a+/1", "a+/2/3"]).await?;
    check("a+/", &["a+/1", "a+/2/3"]).await?;
    check("a+/2", &["a+/2/3"]).await?;
    check("a+/2/3", &["a+/2/3"]).await?;
    check("a+/2/3/", &[]).await?;
    check("a/", &[]).await?;
    check("none", &[]).await?;
    check("none/at/all", &[]).await
}

/// Stores hand out 1,000 keys at a time.
pub async fn a_list_is_longer_than_a_page(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let names: Vec<String> = (0..1_001).map(|n| format!("{n:05}")).collect();
    for some in names.chunks(16) {
        try_join_all(some.iter().map(|name| space.put(name, name))).await?;
    }
    assert_eq!(space.names().await?, names);
    Ok(())
}
