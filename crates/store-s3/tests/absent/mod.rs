//! Keys where nothing stands, as whoever may list only some keys is told of them.

use spile_core::{Bucket, BucketErrorKind, ObjectKey};

use crate::script::{Answer, Tested, answer, refusal, store};

/// Whether an object stands, as far as a store has said.
type Told = Result<bool, BucketErrorKind>;

/// Whether AWS tells a key that isn't there from one that is forbidden depends on whether all keys
/// may be listed: here, a list tells.
#[tokio::test]
async fn a_key_that_is_denied_and_not_listed_is_absent() -> Tested {
    let check = async |denial: Answer, list: Answer, head: Told, get: Told| -> Tested {
        let (key, then) = (ObjectKey::new("a.csv")?, || {
            vec![denial.clone(), list.clone()]
        });
        let (bucket, _) = store(then()).await?;
        let found = bucket.head(&key).await.map(|found| found.is_some());
        assert_eq!(found.map_err(|error| error.kind), head);
        let (bucket, _) = store(then()).await?;
        let found = bucket.get(&key).await.map(|_| true);
        assert_eq!(found.map_err(|error| error.kind), get);
        Ok(())
    };
    let denied = || refusal("403 Forbidden", "AccessDenied");
    let listed = |key: &str| {
        let entry = format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2025-04-14T11:23:45.000Z</LastModified></Contents>"
        );
        let keys = if key.is_empty() { "" } else { &entry };
        answer(
            "200 OK",
            &format!("<ListBucketResult>{keys}</ListBucketResult>"),
        )
    };
    let absent = Err(BucketErrorKind::NotFound);
    check(denied(), listed(""), Ok(false), absent).await?;
    check(denied(), listed("a.csv-2"), Ok(false), absent).await?;
    let kept = Err(BucketErrorKind::Denied);
    check(denied(), listed("a.csv"), kept, kept).await?;
    check(denied(), denied(), kept, kept).await?;
    let missing = refusal("404 Not Found", "NoSuchBucket");
    let no_bucket = Err(BucketErrorKind::NoSuchBucket);
    check(denied(), missing, no_bucket, no_bucket).await
}
