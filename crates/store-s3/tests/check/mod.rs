//! What a check finds in stores that answer as no real one would on demand.

mod denials;
mod ready;
mod signs;

use std::sync::atomic::{AtomicBool, Ordering};

use ready::{
    asked, asked_of, check, check_with, denied, expect, expect_missing, expect_nothing_left,
    willing,
};

use spile_store_s3::S3Config;
use spile_store_s3::check::{Checklist, Finding, Status};

use crate::script::{Tested, store_by};

#[tokio::test]
async fn a_willing_store_passes() -> Tested {
    let (findings, heads) = check(willing).await?;
    let is_bad = |one: &&Finding| matches!(one.verdict.status, Status::Failed | Status::Warned);
    let bad: Vec<_> = findings.iter().filter(is_bad).collect();
    assert!(bad.is_empty(), "{bad:?}");
    expect_nothing_left(&heads);
    // Nothing is written before it is known that it can be deleted.
    let methods: Vec<String> = heads
        .lock()
        .unwrap()
        .iter()
        .map(|head| asked(head).0.to_owned())
        .collect();
    let expect = ["get", "delete", "get", "head", "get", "put"];
    assert_eq!(methods[..6], expect);
    assert!(heads.lock().unwrap()[1].starts_with("delete /landing/raw/.spile-probe-"));
    Ok(())
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_warned_of() -> Tested {
    let ignoring = |ignored: &'static str| {
        move |head: &str| match asked(head) {
            (method, query) if method == ignored && query != "uploads=" => {
                willing(&head.replace("if-none-match", "ignored"))
            }
            _ => willing(head),
        }
    };
    let (findings, _) = check(ignoring("put")).await?;
    let words = "the store ignores If-None-Match";
    expect(&findings, "conditional put", Status::Warned, words)?;
    expect(&findings, "conditional upload", Status::Passed, "")?;
    let (findings, heads) = check(ignoring("post")).await?;
    expect(&findings, "conditional put", Status::Passed, "")?;
    expect(&findings, "conditional upload", Status::Warned, words)?;
    assert_eq!(
        asked_of(&heads, |method, query| method == "delete"
            && query.is_empty()),
        2
    );
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_that_could_not_be_deleted() -> Tested {
    let undeletable = |head: &str| match asked(head) {
        ("delete", "") => denied("Access Denied"),
        _ => willing(head),
    };
    let (findings, heads) = check(undeletable).await?;
    expect(
        &findings,
        "delete",
        Status::Failed,
        "it isn't granted: Access Denied",
    )?;
    expect_missing(
        &findings,
        "delete",
        "s3:DeleteObject",
        "arn:aws:s3:::landing/raw/*",
    )?;
    expect(
        &findings,
        "put",
        Status::Skipped,
        "not tried, since `delete` has failed",
    )?;
    assert_eq!(
        asked_of(&heads, |method, _| method == "put" || method == "post"),
        0
    );
    Ok(())
}

/// AWS grants no abort with the five actions.
#[tokio::test]
async fn an_upload_that_may_not_be_aborted_is_completed_and_deleted() -> Tested {
    let unabortable = |head: &str| match asked(head) {
        ("delete", query) if !query.is_empty() => denied("Access Denied"),
        _ => willing(head),
    };
    let (findings, heads) = check(unabortable).await?;
    expect(&findings, "abort", Status::Warned, "lifecycle rule")?;
    expect_missing(
        &findings,
        "abort",
        "s3:AbortMultipartUpload",
        "arn:aws:s3:::landing/raw/*",
    )?;
    expect(&findings, "conditional upload", Status::Passed, "")?;
    expect(
        &findings,
        "clean up",
        Status::Passed,
        "nothing is left behind",
    )?;
    expect_nothing_left(&heads);
    let heads = heads.lock().unwrap();
    let unconditional = heads.iter().filter(|head| {
        asked(head).1.starts_with("uploadid=")
            && asked(head).0 == "post"
            && !head.contains("if-none-match")
    });
    assert_eq!(unconditional.count(), 3, "each of the three uploads");
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_removed_is_named() -> Tested {
    let stubborn = |head: &str| match asked(head) {
        ("delete", query) if !query.is_empty() => denied("Access Denied"),
        ("put", query) if query.contains("partnumber") => denied("Access Denied"),
        _ => willing(head),
    };
    let (findings, _) = check(stubborn).await?;
    expect(
        &findings,
        "multipart upload",
        Status::Failed,
        "no object can be uploaded in parts",
    )?;
    expect(
        &findings,
        "clean up",
        Status::Failed,
        "an upload to raw/.spile-probe-",
    )?;
    expect(&findings, "clean up", Status::Failed, "is left behind")
}

/// The signal comes while the object is put.
#[tokio::test]
async fn an_interrupted_check_removes_what_it_wrote() -> Tested {
    let (bucket, heads) = store_by(willing, |_| ()).await?;
    let stopped = AtomicBool::new(false);
    let tell = |finding: &Finding| stopped.store(finding.name == "put", Ordering::Relaxed);
    let mut list = Checklist::new(tell, || stopped.load(Ordering::Relaxed));
    bucket.check(&mut list).await;
    let findings = list.into_findings();
    expect(&findings, "put", Status::Passed, "")?;
    expect(&findings, "get", Status::Skipped, "interrupted")?;
    expect(
        &findings,
        "clean up",
        Status::Passed,
        "nothing is left behind",
    )?;
    assert_eq!(
        asked_of(&heads, |method, query| method == "delete"
            && query.is_empty()),
        2
    );
    Ok(())
}

#[tokio::test]
async fn tags_need_an_action_of_their_own() -> Tested {
    let tagged = |config: &mut S3Config| {
        config.tags = vec![("team".to_owned(), "data".to_owned())];
    };
    let untaggable = |head: &str| match head.contains("\r\nx-amz-tagging: team=data\r\n") {
        true => denied("Access Denied"),
        false => willing(head),
    };
    let (findings, _) = check_with(untaggable, tagged).await?;
    expect(&findings, "put", Status::Passed, "")?;
    expect_missing(
        &findings,
        "tags",
        "s3:PutObjectTagging",
        "arn:aws:s3:::landing/raw/*",
    )?;
    let (findings, _) = check_with(willing, tagged).await?;
    expect(&findings, "tags", Status::Passed, "objects can be tagged")
}
