//! What a check makes of denials, as AWS words them.

use spile_core::BucketErrorKind;
use spile_store_s3::S3Config;
use spile_store_s3::check::Status;
use spile_store_s3::s3::Encryption;

use super::ready::{
    asked, asked_of, check, check_with, denied, expect, expect_missing, is_of_absent, told,
    verdict, willing,
};
use crate::script::Tested;

#[tokio::test]
async fn a_denial_of_kms_names_the_key() -> Tested {
    const KEY: &str = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd";
    let encrypted = |key: &'static str| {
        move |config: &mut S3Config| {
            let key_id = Some(key.to_owned());
            config.encryption = Some(Encryption::Kms { key_id });
        }
    };
    let locked = |head: &str| match asked(head) {
        ("put", _) => denied(&format!(
            "User: arn:aws:sts::222222222222:assumed-role/spile/s is not authorized to perform: \
             kms:GenerateDataKey on resource: {KEY} because no identity-based policy allows the \
             kms:GenerateDataKey action"
        )),
        _ => willing(head),
    };
    let (findings, _) = check_with(locked, encrypted(KEY)).await?;
    expect_missing(&findings, "put", "kms:GenerateDataKey", KEY)?;
    let silent = |head: &str| match asked(head) {
        ("put", _) => denied("Access Denied"),
        _ => willing(head),
    };
    let (findings, _) = check_with(silent, encrypted(KEY)).await?;
    let words = format!("if s3:PutObject is granted, kms:GenerateDataKey on {KEY} is missing");
    expect(&findings, "put", Status::Failed, &words)?;
    let vague = |head: &str| match asked(head) {
        ("put", "") => told(
            "",
            &[
                ("x-amz-server-side-encryption", "aws:kms"),
                ("x-amz-server-side-encryption-aws-kms-key-id", KEY),
            ],
        ),
        ("put", _) => denied("no right to perform: kms:Decrypt"),
        _ => willing(head),
    };
    let (findings, _) = check_with(vague, encrypted("1234abcd")).await?;
    expect(&findings, "encryption", Status::Passed, KEY)?;
    let key = "arn:aws:kms:us-east-1:*:key/1234abcd";
    expect_missing(&findings, "multipart upload", "kms:Decrypt", key)
}

#[tokio::test]
async fn an_explicit_deny_is_told() -> Tested {
    let forbidding = |head: &str| match asked(head) {
        ("put", "") => denied(
            "… is not authorized to perform: s3:PutObject on resource: \
            \"arn:aws:s3:::landing/raw/x\" with an explicit deny in a resource-based policy",
        ),
        _ => willing(head),
    };
    let (findings, heads) = check(forbidding).await?;
    expect(&findings, "put", Status::Failed, "that Deny has to go")?;
    expect(
        &findings,
        "get",
        Status::Skipped,
        "not tried, since `put` has failed",
    )?;
    expect(&findings, "clean up", Status::Passed, "nothing was written")?;
    assert_eq!(
        verdict(&findings, "put")?.fault,
        Some(BucketErrorKind::Denied)
    );
    assert_eq!(asked_of(&heads, |method, _| method == "delete"), 1);
    Ok(())
}

/// A statement in the access policy wouldn't help there.
#[tokio::test]
async fn a_policy_of_another_kind_is_named_as_what_is_in_the_way() -> Tested {
    let narrowed = |head: &str| match asked(head) {
        ("put", "") => denied(
            "User: … is not authorized to perform: s3:PutObject on resource: \
             \"arn:aws:s3:::landing/raw/x\" because no session policy allows the s3:PutObject action",
        ),
        _ => willing(head),
    };
    let (findings, _) = check(narrowed).await?;
    let words = "it has to allow s3:PutObject on arn:aws:s3:::landing/raw/*, too";
    expect(
        &findings,
        "put",
        Status::Failed,
        "in the way is the session policy",
    )?;
    expect(&findings, "put", Status::Failed, words)?;
    let put = verdict(&findings, "put")?;
    assert_eq!(put.missing, None);
    assert!(put.hint.is_some_and(|hint| hint.starts_with("ask whoever")));
    Ok(())
}

/// AWS denies what it would call absent if all keys could be listed.
#[tokio::test]
async fn a_grant_that_is_narrowed_to_a_prefix_is_enough() -> Tested {
    let narrowed = |head: &str| match is_of_absent(head) {
        true => denied("Access Denied"),
        false => willing(head),
    };
    let (findings, _) = check(narrowed).await?;
    expect(&findings, "absent key", Status::Passed, "absent")?;
    expect(&findings, "get", Status::Passed, "")?;
    let listing_folders_only = move |head: &str| match asked(head).1.contains("-absent") {
        true => denied("Access Denied"),
        false => narrowed(head),
    };
    let (findings, _) = check(listing_folders_only).await?;
    let words = "can't be told from a forbidden one\nit isn't granted";
    expect(&findings, "absent key", Status::Failed, words)?;
    let bucket = "arn:aws:s3:::landing";
    expect_missing(&findings, "absent key", "s3:ListBucket", bucket)
}
