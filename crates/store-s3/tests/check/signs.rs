//! What a check reads in the headers of answers.

use chrono::{TimeDelta, Utc};
use spile_store_s3::S3Config;
use spile_store_s3::check::Status;
use spile_store_s3::s3::Encryption;

use super::ready::{UPLOAD, asked, check, check_with, expect, http_date, told, willing};
use crate::script::{Answer, Tested};

#[tokio::test]
async fn encryption_that_the_store_ignores_is_a_failure() -> Tested {
    let encrypted = |config: &mut S3Config| config.encryption = Some(Encryption::S3);
    let (findings, _) = check_with(willing, encrypted).await?;
    let words = "the store was asked for `AES256` and says nothing of it";
    expect(&findings, "encryption", Status::Failed, words)?;
    let encrypting = |head: &str| match asked(head) {
        ("put", "") => told("", &[("x-amz-server-side-encryption", "AES256")]),
        _ => willing(head),
    };
    let (findings, _) = check(encrypting).await?;
    expect(
        &findings,
        "encryption",
        Status::Passed,
        "AES256, as the bucket has it",
    )
}

#[tokio::test]
async fn a_rule_that_aborts_uploads_is_warned_of() -> Tested {
    let date = Utc::now() + TimeDelta::days(7) + TimeDelta::hours(1);
    let headers = format!(
        "x-amz-abort-date: {}\r\nx-amz-abort-rule-id: tidy\r\n",
        http_date(date)
    );
    let ruled = move |head: &str| match asked(head) {
        ("post", "uploads=") => Answer::Http("200 OK", headers.clone(), UPLOAD.to_owned()),
        _ => willing(head),
    };
    let (findings, _) = check(ruled).await?;
    let words = format!(
        "the rule `tidy` aborts what is staged today on {}, in 7 days",
        date.format("%Y-%m-%d")
    );
    expect(&findings, "lifecycle", Status::Warned, &words)
}

#[tokio::test]
async fn versions_are_warned_of() -> Tested {
    let versioned = |head: &str| match asked(head) {
        ("put", "") => told("", &[("x-amz-version-id", "3L4kqtJl")]),
        _ => willing(head),
    };
    let (findings, _) = check(versioned).await?;
    expect(
        &findings,
        "versioning",
        Status::Warned,
        "stays as an older version",
    )?;
    let words = "nothing but older versions is left behind";
    expect(&findings, "clean up", Status::Passed, words)
}

#[tokio::test]
async fn a_clock_that_is_off_is_told() -> Tested {
    let at = |minutes: i64| {
        move |head: &str| {
            let date = http_date(Utc::now() + TimeDelta::minutes(minutes));
            match willing(head) {
                Answer::Http(status, headers, body) => {
                    Answer::Http(status, format!("date: {date}\r\n{headers}"), body)
                }
                other => other,
            }
        }
    };
    let (findings, _) = check(at(0)).await?;
    expect(&findings, "clock", Status::Passed, "as the store's")?;
    let (findings, _) = check(at(5)).await?;
    expect(&findings, "clock", Status::Warned, "behind the store's")?;
    let (findings, _) = check(at(-20)).await?;
    expect(
        &findings,
        "clock",
        Status::Failed,
        "20 minutes ahead of the store's",
    )
}
