//! A store that is ready for loads, what a check finds in it, and what it was asked.

use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use spile_store_s3::S3Config;
use spile_store_s3::check::{Checklist, Finding, Status, Verdict};

use crate::script::{Answer, Heads, Tested, answer, object_of, refusal, store_by};

pub(crate) const UPLOAD: &str = "<InitiateMultipartUploadResult><UploadId>u-1</UploadId>\
                      </InitiateMultipartUploadResult>";
pub(crate) const COMPLETED: &str = "<CompleteMultipartUploadResult><ETag>&quot;abc&quot;</ETag>\
                         </CompleteMultipartUploadResult>";

/// A store that does all that it is asked, and honours conditions.
pub(crate) fn willing(head: &str) -> Answer {
    let (method, query) = asked(head);
    let is_conditional = head.contains("\r\nif-none-match: *\r\n");
    match (method, query) {
        ("put" | "post", query) if is_conditional && !query.starts_with("uploads=") => {
            refusal("412 Precondition Failed", "PreconditionFailed")
        }
        ("get", "location=") => answer(
            "200 OK",
            "<LocationConstraint>us-east-1</LocationConstraint>",
        ),
        ("get", query) if query.starts_with("uploads=") => {
            answer("200 OK", "<ListMultipartUploadsResult/>")
        }
        ("get", query) if query.starts_with("list-type") => answer("200 OK", "<ListBucketResult/>"),
        ("head" | "get", _) if is_of_absent(head) => refusal("404 Not Found", "NoSuchKey"),
        ("get", _) => told("?", &[]),
        ("head", _) => object_of("-"),
        ("post", "uploads=") => answer("200 OK", UPLOAD),
        ("post", _) => answer("200 OK", COMPLETED),
        ("delete", _) => answer("204 No Content", ""),
        _ => told("", &[]),
    }
}

/// Whether a request is for the key where nothing ever stands.
pub(crate) fn is_of_absent(head: &str) -> bool {
    let target = head.split_whitespace().nth(1);
    target.is_some_and(|target| !target.contains('?') && target.ends_with("-absent"))
}

/// The method and the query of a request.
pub(crate) fn asked(head: &str) -> (&str, &str) {
    let mut words = head.split_whitespace();
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    (method, query)
}

/// An object's content, or the answer to a put, with further headers.
pub(crate) fn told(body: &str, more: &[(&str, &str)]) -> Answer {
    let more = more
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = more.collect::<String>()
        + "etag: \"abc\"\r\nlast-modified: Mon, 14 Apr 2025 11:23:45 GMT\r\n";
    Answer::Http("200 OK", headers, body.to_owned())
}

pub(crate) fn denied(message: &str) -> Answer {
    let body = format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>");
    answer("403 Forbidden", &body)
}

pub(crate) async fn check_with(
    answer: impl FnMut(&str) -> Answer + Send + 'static,
    change: impl FnOnce(&mut S3Config),
) -> Tested<(Vec<Finding>, Heads)> {
    let prefixed = |config: &mut S3Config| {
        config.probe_prefix = "raw/".to_owned();
        change(config);
    };
    let (bucket, heads) = store_by(answer, prefixed).await?;
    let mut list = Checklist::new(|_| (), || false);
    bucket.check(&mut list).await;
    Ok((list.into_findings(), heads))
}

pub(crate) async fn check(
    answer: impl FnMut(&str) -> Answer + Send + 'static,
) -> Tested<(Vec<Finding>, Heads)> {
    check_with(answer, |_| ()).await
}

pub(crate) fn verdict<'f>(findings: &'f [Finding], name: &str) -> Tested<&'f Verdict> {
    let found = findings.iter().find(|finding| finding.name == name);
    Ok(&found.ok_or(format!("no {name}: {findings:?}"))?.verdict)
}

pub(crate) fn expect(findings: &[Finding], name: &str, status: Status, words: &str) -> Tested {
    let verdict = verdict(findings, name)?;
    assert_eq!(verdict.status, status, "{verdict:?}");
    assert!(verdict.message.contains(words), "{verdict:?}");
    Ok(())
}

/// The one failure, with what is missing for it.
pub(crate) fn expect_missing(
    findings: &[Finding],
    name: &str,
    action: &str,
    resource: &str,
) -> Tested {
    let verdict = verdict(findings, name)?;
    let missing = verdict.missing.as_ref().ok_or(format!("{verdict:?}"))?;
    assert_eq!(
        (missing.action.name(), &*missing.resource),
        (action, resource)
    );
    Ok(())
}

pub(crate) fn asked_of(heads: &Heads, is_meant: impl Fn(&str, &str) -> bool) -> usize {
    let heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = heads.iter().map(|head| asked(head));
    asked
        .filter(|(method, query)| is_meant(method, query))
        .count()
}

/// Every upload that has begun has ended, and the last request for the object deletes it.
pub(crate) fn expect_nothing_left(heads: &Heads) {
    let begun = asked_of(heads, |method, query| {
        method == "post" && query == "uploads="
    });
    let aborted = asked_of(heads, |method, query| {
        method == "delete" && !query.is_empty()
    });
    assert!(begun >= 3 && aborted >= 2, "{begun} begun, {aborted} ended");
    let heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
    let last = heads.last().map(|head| asked(head));
    assert_eq!(last, Some(("delete", "")));
}

pub(crate) fn http_date(moment: DateTime<Utc>) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
