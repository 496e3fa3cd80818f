//! What becomes of lost answers, conflicts and odd failures of S3.

mod absent;
mod check;
mod ranges;
mod script;
mod sessions;

use std::time::Duration;

use script::{Answer, Tested, answer, object_of, refusal, store, store_with};
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectKey, Part, Retry,
    RetryPolicy, Staged, Upload,
};
use spile_store_s3::credentials::AccessKey;
use spile_store_s3::{S3Credentials, Secret};

const MARK: &str = "0b2c8a44-6ab8-4c0e-9a5c-0123456789ab";
const COMPLETED: &str = "<CompleteMultipartUploadResult><ETag>&quot;abc&quot;</ETag>\
                         </CompleteMultipartUploadResult>";

fn staged() -> Tested<Staged> {
    Ok(Staged {
        upload: Upload {
            key: ObjectKey::new("a.csv")?,
            id: "upload".to_owned(),
            write_id: Some(MARK.to_owned()),
            abort_at: None,
        },
        parts: vec![Part {
            number: 1,
            bytes: 4,
            etag: "\"part\"".to_owned(),
        }],
    })
}

/// What a store answers when it is asked whether an object stands that doesn't.
fn not_there() -> Vec<Answer> {
    let list = "<ListBucketResult></ListBucketResult>";
    vec![answer("404 Not Found", ""), answer("200 OK", list)]
}

/// Asks as whoever loads does: again, where that may help.
async fn again<T, F>(ask: impl Fn() -> F) -> Result<T, BucketError>
where
    F: Future<Output = Result<T, BucketError>>,
{
    match ask().await {
        Err(error) if error.is_retryable() => ask().await,
        result => result,
    }
}

/// Publishes to a store that gives these answers.
async fn publish(
    condition: Condition,
    answers: Vec<Answer>,
) -> Tested<Result<String, BucketError>> {
    let (bucket, _) = store(answers).await?;
    let staged = staged()?;
    let published = again(|| bucket.publish(&staged, condition)).await;
    Ok(published.map(|published| published.etag.unwrap_or_default()))
}

async fn check_published(condition: Condition, answers: Vec<Answer>) -> Tested {
    assert_eq!(publish(condition, answers).await??, "abc");
    Ok(())
}

async fn check_failed(
    condition: Condition,
    answers: Vec<Answer>,
    kind: BucketErrorKind,
    message: &str,
) -> Tested {
    let error = publish(condition, answers).await?.err();
    let found = error
        .as_ref()
        .map(|error| (error.kind, error.message.as_str()));
    assert_eq!(found, Some((kind, message)), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_completion_asks_for_absence_and_is_signed() -> Tested {
    let (bucket, heads) = store(vec![answer("200 OK", COMPLETED); 2]).await?;
    bucket.publish(&staged()?, Condition::IfAbsent).await?;
    bucket.publish(&staged()?, Condition::Replace).await?;
    let heads = heads.lock().unwrap().clone();
    assert!(
        heads[0].starts_with("post /landing/a.csv?uploadid=upload http"),
        "{heads:?}"
    );
    assert!(heads[0].contains("\r\nif-none-match: *\r\n"), "{heads:?}");
    assert!(
        heads[0].contains("signedheaders=host;if-none-match;x-amz-"),
        "{heads:?}"
    );
    assert!(!heads[1].contains("if-none-match"), "{heads:?}");
    Ok(())
}

#[tokio::test]
async fn metadata_of_any_text_is_sent_in_ascii() -> Tested {
    let etag = Answer::Http("200 OK", "etag: \"abc\"\r\n".to_owned(), String::new());
    let (bucket, heads) = store(vec![etag]).await?;
    let own = Attributes {
        metadata: vec![("spile-run-id".to_owned(), "Läufe 1".to_owned())],
        ..Attributes::default()
    };
    let key = ObjectKey::new("a.csv")?;
    bucket
        .put(&key, "1".into(), &own, Condition::Replace)
        .await?;
    let heads = heads.lock().unwrap().clone();
    let expect = "\r\nx-amz-meta-spile-run-id: l%c3%a4ufe%201\r\n";
    assert!(heads[0].contains(expect), "{heads:?}");
    Ok(())
}

#[tokio::test]
async fn the_expected_owner_is_signed_in_every_request() -> Tested {
    let list = "<ListBucketResult></ListBucketResult>";
    let answers = vec![
        answer("200 OK", list),
        object_of("-"),
        answer("200 OK", COMPLETED),
    ];
    let own = |config: &mut spile_store_s3::S3Config| {
        config.expected_bucket_owner = Some("222222222222".to_owned());
    };
    let (bucket, heads) = store_with(answers, own).await?;
    bucket.list("raw/").await?;
    bucket.head(&ObjectKey::new("a")?).await?;
    bucket.publish(&staged()?, Condition::IfAbsent).await?;
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 3);
    for head in heads {
        assert!(
            head.contains("\r\nx-amz-expected-bucket-owner: 222222222222\r\n"),
            "{head}"
        );
        assert!(head.contains(";x-amz-expected-bucket-owner"), "{head}");
    }
    Ok(())
}

#[tokio::test]
async fn a_completion_whose_answer_was_lost_is_repeated() -> Tested {
    let lost = |then: Vec<Answer>| [vec![Answer::Lost], not_there(), then].concat();
    for condition in [Condition::IfAbsent, Condition::Replace] {
        check_published(condition, lost(vec![answer("200 OK", COMPLETED)])).await?;
        check_published(condition, vec![Answer::Lost, object_of(MARK)]).await?;
    }
    let stands = refusal("412 Precondition Failed", "PreconditionFailed");
    check_published(Condition::IfAbsent, lost(vec![stands, object_of(MARK)])).await?;
    let gone = refusal("404 Not Found", "NoSuchUpload");
    check_published(Condition::Replace, lost(vec![gone, object_of(MARK)])).await
}

/// Whether a refusal is of what was done already has to be found out.
#[tokio::test]
async fn a_refusal_that_is_not_understood_yet_is_repeated() -> Tested {
    let stands = refusal("412 Precondition Failed", "PreconditionFailed");
    let gone = refusal("404 Not Found", "NoSuchUpload");
    let failing = answer("503 Service Unavailable", "");
    for refused in [stands, gone] {
        let answers = vec![refused.clone(), failing.clone(), refused, object_of(MARK)];
        check_published(Condition::IfAbsent, answers).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_object_of_another_is_not_taken_for_ones_own() -> Tested {
    let stands = refusal("412 Precondition Failed", "PreconditionFailed");
    let answers = vec![stands, object_of("another")];
    let kind = BucketErrorKind::AlreadyExists;
    check_failed(Condition::IfAbsent, answers, kind, "an object stands there").await?;
    let gone = refusal("404 Not Found", "NoSuchUpload");
    let answers = vec![gone, object_of("another")];
    let kind = BucketErrorKind::NotFound;
    check_failed(Condition::Replace, answers, kind, "there is no such upload").await
}

#[tokio::test]
async fn rivals_in_conflict_try_again() -> Tested {
    let conflict = || refusal("409 Conflict", "ConditionalRequestConflict");
    let absent = || answer("404 Not Found", "");
    let list = || answer("200 OK", "<ListBucketResult></ListBucketResult>");
    let again = vec![conflict(), absent(), list(), answer("200 OK", COMPLETED)];
    check_published(Condition::IfAbsent, again).await?;
    check_published(Condition::IfAbsent, vec![conflict(), object_of(MARK)]).await?;
    let lost = vec![conflict(), object_of("another")];
    let kind = BucketErrorKind::AlreadyExists;
    check_failed(Condition::IfAbsent, lost, kind, "an object stands there").await
}

#[tokio::test]
async fn a_completion_that_fails_with_200_has_failed() -> Tested {
    let failing = |code| refusal("200 OK", code);
    let done = answer("200 OK", COMPLETED);
    let again = [vec![failing("InternalError")], not_there(), vec![done]];
    check_published(Condition::Replace, again.concat()).await?;
    let answers = vec![failing("InvalidPart"), answer("404 Not Found", "")];
    let kind = BucketErrorKind::Refused;
    check_failed(
        Condition::Replace,
        answers,
        kind,
        "the store refuses it: no",
    )
    .await?;
    let answers = vec![failing("PreconditionFailed"), object_of("another")];
    let kind = BucketErrorKind::AlreadyExists;
    check_failed(Condition::IfAbsent, answers, kind, "an object stands there").await
}

#[tokio::test]
async fn a_put_whose_answer_was_lost_is_looked_for() -> Tested {
    let stands = || refusal("412 Precondition Failed", "PreconditionFailed");
    let put = async |found: Answer| -> Tested<_> {
        let answers = [vec![Answer::Lost], not_there(), vec![stands(), found]];
        let (bucket, _) = store(answers.concat()).await?;
        let key = ObjectKey::new("lease")?;
        let own = Attributes {
            write_id: MARK.to_owned(),
            ..Attributes::default()
        };
        let put = || bucket.put(&key, "1".into(), &own, Condition::IfAbsent);
        let put = again(put).await;
        Ok(put.map(|put| put.etag).map_err(|error| error.kind))
    };
    assert_eq!(put(Answer::OwnObject).await?, Ok(Some("abc".to_owned())));
    assert_eq!(
        put(object_of("another")).await?,
        Err(BucketErrorKind::AlreadyExists)
    );
    Ok(())
}

/// A lifecycle rule says when it removes an upload, in a header of the answer that begins it.
#[tokio::test]
async fn an_upload_says_when_a_rule_removes_it() -> Tested {
    let begun = "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                 </InitiateMultipartUploadResult>";
    let begin = async |headers: &str| -> Tested<_> {
        let begun = Answer::Http("200 OK", headers.to_owned(), begun.to_owned());
        let (bucket, _) = store(vec![begun]).await?;
        let key = ObjectKey::new("a.csv")?;
        let upload = bucket.begin(&key, &Attributes::default()).await?;
        Ok(upload.abort_at.map(|at| at.to_rfc3339()))
    };
    let rule = "x-amz-abort-date: Tue, 15 Apr 2025 00:00:00 GMT\r\nx-amz-abort-rule-id: tidy\r\n";
    let at = Some("2025-04-15T00:00:00+00:00".to_owned());
    assert_eq!(begin(rule).await?, at);
    assert_eq!(begin("").await?, None);
    assert_eq!(begin("x-amz-abort-date: soon\r\n").await?, None);
    Ok(())
}

/// Lists under an answer, which is given as often as it is asked for.
async fn check_listed(given: Answer, kind: BucketErrorKind, message: &str) -> Tested {
    let token = |config: &mut spile_store_s3::S3Config| {
        config.credentials = S3Credentials::AccessKey(AccessKey {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: Secret::from("hush"),
            session_token: Some(Secret::from("hush-token")),
        });
        // Pages are asked for three times.
        config.retry = Retry::new(RetryPolicy {
            elapsed_max: Duration::ZERO,
            first_wait: Duration::from_millis(1),
            ..RetryPolicy::default()
        });
    };
    let (bucket, _) = store_with(vec![given; 3], token).await?;
    let error = bucket.list("").await.err();
    let found = error
        .as_ref()
        .map(|error| (error.kind, error.message.as_str()));
    assert_eq!(found, Some((kind, message)), "{error:?}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn failures_are_told_by_the_stores_codes() -> Tested {
    use BucketErrorKind as Kind;
    let slow = "the store asks to slow down";
    check_listed(refusal("503 Slow Down", "SlowDown"), Kind::Throttled, slow).await?;
    check_listed(
        answer("429 Too Many Requests", ""),
        Kind::Throttled,
        &format!("{slow} (429)"),
    )
    .await?;
    check_listed(
        refusal("500 Error", "InternalError"),
        Kind::ServerFault,
        "the store failed",
    )
    .await?;
    let expired = refusal("400 Bad Request", "ExpiredToken");
    let message = "the session token has expired";
    check_listed(expired, Kind::Unauthenticated, message).await?;
    let body = "<Error><Code>InvalidToken</Code><Message>no</Message><Token-0>hush-token</Token-0>\
                </Error>";
    let message = "the session token isn't valid";
    check_listed(
        answer("400 Bad Request", body),
        Kind::Unauthenticated,
        message,
    )
    .await?;
    let denied = refusal("403 Forbidden", "AccessDenied");
    check_listed(denied, Kind::Denied, "it isn't granted: no").await?;
    check_listed(Answer::Lost, Kind::Interrupted, "the connection broke").await?;
    check_listed(
        answer("200 OK", "<html>"),
        Kind::ServerFault,
        "the store's answer can't be read",
    )
    .await
}

#[tokio::test]
async fn a_wrong_region_names_the_right_one() -> Tested {
    let kind = BucketErrorKind::WrongRegion;
    let message = "the bucket is in the region eu-west-1, not in us-east-1";
    let header = "x-amz-bucket-region: eu-west-1\r\n".to_owned();
    let moved = "<Error><Code>PermanentRedirect</Code><Message>no</Message></Error>";
    let answer = Answer::Http("301 Moved Permanently", header, moved.to_owned());
    check_listed(answer, kind, message).await?;
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>no</Message>\
                <Region>eu-west-1</Region></Error>";
    check_listed(script::answer("400 Bad Request", body), kind, message).await
}

#[tokio::test]
async fn keys_of_other_programs_are_left_out_of_lists() -> Tested {
    let entry = |key: &str| {
        format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2025-04-14T11:23:45.000Z</LastModified></Contents>"
        )
    };
    let keys = ["raw/", "raw//a", "raw/b", "raw/../c"].map(entry).concat();
    let page = format!("<ListBucketResult>{keys}</ListBucketResult>");
    let (bucket, _) = store(vec![answer("200 OK", &page)]).await?;
    let keys = bucket
        .list("raw/")
        .await?
        .into_iter()
        .map(|object| object.key.into_string());
    assert_eq!(keys.collect::<Vec<_>>(), ["raw/b"]);
    Ok(())
}

/// Puts twice, then stages and publishes, then deletes.
#[tokio::test]
async fn a_store_that_ignores_conditions_is_found_out() -> Tested {
    let etag = || Answer::Http("200 OK", "etag: \"abc\"\r\n".to_owned(), String::new());
    let deleted = || answer("204 No Content", "");
    let begun = "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                 </InitiateMultipartUploadResult>";
    let refused = || refusal("412 Precondition Failed", "PreconditionFailed");
    // What others have left that were killed is looked for first.
    let none_left = || answer("200 OK", "<ListBucketResult></ListBucketResult>");
    let puts = || vec![none_left(), etag(), refused(), object_of("another")];
    let part = || [answer("200 OK", begun), etag()];
    let check = async |answers: Vec<Answer>, expect: bool| -> Tested {
        let requests = answers.len();
        let (bucket, heads) = store(answers).await?;
        assert_eq!(bucket.honours_if_absent().await?, expect);
        assert_eq!(bucket.honours_if_absent().await?, expect);
        assert_eq!(heads.lock().unwrap().len(), requests, "asked once");
        Ok(())
    };
    // It ignores the condition as often as it is asked.
    let ignoring = || vec![none_left(), etag(), etag(), etag(), etag()];
    let mut ignored = ignoring();
    ignored.push(deleted());
    check(ignored, false).await?;
    // What was tried out with is removed, also where that fails in passing.
    let mut failing = ignoring();
    failing.extend([answer("503 Service Unavailable", ""), deleted()]);
    check(failing, false).await?;
    let unknown = || refusal("501 Not Implemented", "NotImplemented");
    let absent = answer("404 Not Found", "");
    check(
        vec![none_left(), unknown(), absent, none_left(), deleted()],
        false,
    )
    .await?;
    let mut for_puts_only = puts();
    for _ in 0..3 {
        for_puts_only.extend(part());
        for_puts_only.extend([answer("200 OK", COMPLETED), deleted()]);
    }
    for_puts_only.push(deleted());
    check(for_puts_only, false).await?;
    let mut for_all = puts();
    for_all.extend(part());
    for_all.extend([refused(), object_of("another"), deleted(), deleted()]);
    check(for_all, true).await?;
    // Another's probe may have removed ours in between: it is asked again.
    let mut disturbed = vec![none_left(), etag(), etag()];
    disturbed.extend([refused(), object_of("another")]);
    disturbed.extend(part());
    disturbed.extend([refused(), object_of("another"), deleted(), deleted()]);
    check(disturbed, true).await?;
    // Not every grant lets one remove what was tried: what can't be aborted is completed.
    let denied = || refusal("403 Forbidden", "AccessDenied");
    let mut for_some = puts();
    for_some.extend(part());
    for_some.extend([refused(), object_of("another")]);
    for_some.extend([denied(), answer("200 OK", COMPLETED), denied()]);
    check(for_some, true).await
}
