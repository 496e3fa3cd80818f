//! Keys that objects are encrypted with.

use std::fmt;
use std::str::FromStr;

use super::account_id::AccountId;
use super::arn::Arn;
use super::error::AccessError;
use super::partition::Partition;

/// A key of KMS: `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KmsKeyArn {
    partition: Partition,
    text: String,
}

impl KmsKeyArn {
    /// The part of AWS that it is in.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for KmsKeyArn {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let partition = check(text).map_err(|reason| {
            let hint = "write it like arn:aws:kms:eu-west-1:222222222222:key/ID; \
                        `aws kms describe-key --key-id KEY` shows it";
            AccessError::of("the key", text, reason, hint)
        })?;
        Ok(KmsKeyArn {
            partition,
            text: text.to_owned(),
        })
    }
}

fn check(text: &str) -> Result<Partition, String> {
    let arn = Arn::split(text)?;
    let partition = arn.partition()?;
    if arn.service != "kms" {
        return Err(format!("it is an ARN of `{}`, not of `kms`", arn.service));
    }
    if arn.resource.starts_with("alias/") {
        return Err("policies know keys, not their aliases".to_owned());
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name = |text: &str| !text.is_empty() && text.chars().all(is_allowed);
    AccountId::new(arn.account)
        .map_err(|_| format!("its account `{}` doesn't have twelve digits", arn.account))?;
    match arn.resource.strip_prefix("key/") {
        Some(id) if is_name(id) && is_name(arn.region) => Ok(partition),
        Some(id) if is_name(id) => Err("it has no region".to_owned()),
        _ => Err("it doesn't end with `key/` and an id".to_owned()),
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, reason: &str) {
        let error = text.parse::<KmsKeyArn>().unwrap_err();
        assert_eq!(error.to_string(), format!("use the key `{text}`: {reason}"));
    }

    #[test]
    fn keys_and_what_is_none() {
        let text = "arn:aws-cn:kms:cn-north-1:222222222222:key/1234abcd-12ab-34cd";
        let key: KmsKeyArn = text.parse().unwrap();
        assert_eq!((key.partition(), key.as_str()), (Partition::AwsCn, text));
        check("1234abcd", "it doesn't begin with `arn:`");
        check("arn:aws:s3:::landing", "it is an ARN of `s3`, not of `kms`");
        check(
            "arn:aws:kms:eu-west-1:222222222222:alias/landing",
            "policies know keys, not their aliases",
        );
        check("arn:aws:kms::222222222222:key/12", "it has no region");
        check(
            "arn:aws:kms:eu-west-1:2:key/12",
            "its account `2` doesn't have twelve digits",
        );
        for end in ["key/", "key/*", "12"] {
            check(
                &format!("arn:aws:kms:eu-west-1:222222222222:{end}"),
                "it doesn't end with `key/` and an id",
            );
        }
    }
}
