//! Promises about several writers of one key.

use futures::future::{join_all, try_join_all};

use super::space::{Space, attributes};
use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition, Published, Staged};

const RIVALS: usize = 8;

/// Of several who publish at one key at the same time, one's object stands, whole, and nobody who
/// was refused is the one.
pub async fn of_rival_publishers_one_stands(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let (bodies, results) = publish_at_once(space).await?;
    let standing = space.text(&space.key("a.csv")?).await?;
    let stands = bodies.iter().position(|body| *body == standing);
    assert!(
        stands.is_some_and(|rival| results[rival].is_ok()),
        "{standing} stands after {results:?}"
    );
    Ok(())
}

/// Of several who publish at one key at the same time, one succeeds.
///
/// This is more than `honours_if_absent` says, and so none of the promises that are asked of every
/// bucket: there are stores that look first and lock later.
pub async fn of_rival_publishers_one_wins(
    bucket: &dyn Bucket,
    prefix: &str,
) -> Result<(), BucketError> {
    let space = Space::new(bucket, prefix);
    let (bodies, results) = publish_at_once(space).await?;
    let winner = only_winner(&results);
    assert_eq!(space.text(&space.key("a.csv")?).await?, bodies[winner]);
    Ok(())
}

/// Of several who put at one key at the same time, one succeeds and its object stands.
pub async fn of_rival_puts_one_wins(bucket: &dyn Bucket, prefix: &str) -> Result<(), BucketError> {
    if !bucket.honours_if_absent().await? {
        return Ok(());
    }
    let space = Space::new(bucket, prefix);
    let (key, attributes) = (space.key("lease")?, attributes());
    let bodies: Vec<String> = (0..RIVALS).map(|rival| format!("rival {rival}")).collect();
    let put =
        |body: &String| bucket.put(&key, body.clone().into(), &attributes, Condition::IfAbsent);
    let winner = only_winner(&join_all(bodies.iter().map(put)).await);
    assert_eq!(space.text(&key).await?, bodies[winner]);
    Ok(())
}

type Results = Vec<Result<Published, BucketError>>;

async fn publish_at_once(space: Space<'_>) -> Result<(Vec<String>, Results), BucketError> {
    let bodies: Vec<String> = (0..RIVALS).map(|rival| format!("rival {rival}")).collect();
    let staged = bodies.iter().map(|body| space.stage("a.csv", body));
    let staged: Vec<Staged> = try_join_all(staged).await?;
    let publish = |staged| space.bucket.publish(staged, Condition::IfAbsent);
    let results = join_all(staged.iter().map(publish)).await;
    for staged in &staged {
        space.bucket.discard(&staged.upload).await?;
    }
    Ok((bodies, results))
}

fn only_winner(results: &[Result<Published, BucketError>]) -> usize {
    let kinds: Vec<Option<BucketErrorKind>> = results
        .iter()
        .map(|result| result.as_ref().err().map(|error| error.kind))
        .collect();
    let losers = kinds
        .iter()
        .filter(|kind| **kind == Some(BucketErrorKind::AlreadyExists));
    assert_eq!(losers.count(), results.len() - 1, "{results:?}");
    let winner = kinds.iter().position(Option::is_none);
    assert!(winner.is_some(), "{results:?}");
    winner.unwrap_or_default()
}
