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

/// Why AWS denies a HEAD is not said; where sessions are revoked, all else is denied for the same reason.
#[tokio::test]
async fn a_key_that_a_policy_denies_is_told_with_its_reason() -> Tested {
    const REVOKED: &str = "User: s is not authorized to perform: s3:ListBucket on resource: \
        \"arn:aws:s3:::landing\" with an explicit deny in an identity-based policy";
    let reason_of = |words: &str| {
        let body = format!("<Error><Code>AccessDenied</Code><Message>{words}</Message></Error>");
        answer("403 Forbidden", &body)
    };
    let head = async |list: Answer, expect: &str| -> Tested {
        let (bucket, _) = store(vec![answer("403 Forbidden", ""), list]).await?;
        let error = bucket.head(&ObjectKey::new("a.csv")?).await.err();
        let error = error.ok_or("it is denied")?;
        assert_eq!(error.kind, BucketErrorKind::Denied);
        assert_eq!(error.message, expect);
        Ok(())
    };
    head(reason_of(REVOKED), &format!("it isn't granted: {REVOKED}")).await?;
    // A list that isn't granted says nothing of the object.
    let missing = reason_of("no identity-based policy allows the s3:ListBucket action");
    head(missing, "it isn't granted (403)").await?;
    // The answer to a GET has a reason of its own.
    let (bucket, _) = store(vec![reason_of("own"), reason_of(REVOKED)]).await?;
    let error = bucket.get(&ObjectKey::new("a.csv")?).await.err();
    let message = error.map(|error| error.message);
    assert_eq!(message.as_deref(), Some("it isn't granted: own"));
    Ok(())
}
