//! Making a staged object appear where none may stand, whether its store can see to that or not.

use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition, Published, Staged};
use crate::retry::Retry;

/// Makes a staged object appear. Where `terms`, which the store knows, are less than what is `wanted`,
/// it would replace in silence: what can be done is to look before, whether another object stands
/// there by now.
pub(crate) async fn publish(
    bucket: &dyn Bucket,
    retry: &Retry,
    staged: &Staged,
    wanted: Condition,
    terms: Condition,
) -> Result<Published, BucketError> {
    let key = &staged.upload.key;
    if terms != wanted
        && let Some(found) = retry.run(|| bucket.head(key)).await?
    {
        // It may have been published before, by an attempt whose answer was lost.
        let is_own = found.write_id.is_some() && found.write_id == staged.upload.write_id;
        return match is_own {
            true => Ok(Published { etag: found.etag }),
            false => Err(BucketError {
                kind: BucketErrorKind::AlreadyExists,
                action: format!("publish {key}"),
                location: bucket.location(),
                message: "an object stands there".to_owned(),
                retry_after_s: None,
                tried: None,
                source: None,
            }),
        };
    }
    retry.run(|| bucket.publish(staged, terms)).await
}
