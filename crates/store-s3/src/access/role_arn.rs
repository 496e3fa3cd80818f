//! Roles by their ARNs.

use std::fmt;
use std::str::FromStr;

use super::account_id::AccountId;
use super::arn::Arn;
use super::error::AccessError;
use super::iam_name::IamName;
use super::partition::Partition;

/// A role: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`, where the path may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleArn {
    partition: Partition,
    account: AccountId,
    /// With a `/` at its end where there is one.
    path: String,
    name: IamName,
}

impl RoleArn {
    /// A role without a path.
    pub fn new(partition: Partition, account: AccountId, name: IamName) -> Self {
        RoleArn {
            partition,
            account,
            path: String::new(),
            name,
        }
    }

    /// The part of AWS that it is in.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that it belongs to.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Its name, without its path.
    pub fn name(&self) -> &IamName {
        &self.name
    }
}

fn wrong(text: &str, reason: impl Into<String>) -> AccessError {
    let hint = "write it like arn:aws:iam::222222222222:role/spile";
    AccessError::of("the role", text, reason, hint)
}

impl FromStr for RoleArn {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        parse(text).map_err(|reason| wrong(text, reason))
    }
}

fn parse(text: &str) -> Result<RoleArn, String> {
    let arn = Arn::split(text)?;
    let partition = arn.partition()?;
    let role = role_of(&arn)?;
    let account = AccountId::new(arn.account)
        .map_err(|_| format!("its account `{}` doesn't have twelve digits", arn.account))?;
    let (path, name) = role.split_at(role.rfind('/').map_or(0, |slash| slash + 1));
    check_path(path)?;
    Ok(RoleArn {
        partition,
        account,
        path: path.to_owned(),
        name: IamName::new(name).map_err(|error| error.reason)?,
    })
}

/// The path and the name of a role. The mistakes that are made most have a reason of their own.
fn role_of<'a>(arn: &Arn<'a>) -> Result<&'a str, String> {
    let kind = arn.resource.split(['/', ':']).next().unwrap_or_default();
    match (arn.service, kind) {
        ("sts", "assumed-role") => Err("it is a session of a role, not the role itself".to_owned()),
        ("iam", _) if !arn.region.is_empty() => Err(format!(
            "it has the region `{}`, roles have none",
            arn.region
        )),
        ("iam", "role") => {
            let role = arn.resource.strip_prefix("role/");
            role.ok_or_else(|| "there is no `/` after `role`".to_owned())
        }
        ("iam", kind) => Err(format!("it is the ARN of a `{kind}`, not of a role")),
        (service, _) => Err(format!("it is an ARN of `{service}`, not of `iam`")),
    }
}

fn check_path(path: &str) -> Result<(), &'static str> {
    let is_allowed = |c: char| c.is_ascii_graphic();
    match path.chars().all(is_allowed) && !path.starts_with('/') && !path.contains("//") {
        true => Ok(()),
        false => Err("its path isn't one that IAM takes"),
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleArn {
            partition,
            account,
            path,
            name,
        } = self;
        write!(f, "arn:{partition}:iam::{account}:role/{path}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_and_written_alike() {
        let cases = [
            ("arn:aws:iam::222222222222:role/spile", Partition::Aws),
            ("arn:aws-cn:iam::222222222222:role/spile", Partition::AwsCn),
            (
                "arn:aws-us-gov:iam::222222222222:role/data/loads/spile",
                Partition::AwsUsGov,
            ),
        ];
        for (text, partition) in cases {
            let role: RoleArn = text.parse().unwrap();
            assert_eq!(role.to_string(), text);
            assert_eq!(role.partition(), partition);
            assert_eq!(role.account().as_str(), "222222222222");
            assert_eq!(role.name().as_str(), "spile");
        }
    }

    fn check(text: &str, reason: &str) {
        let error = text.parse::<RoleArn>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("use the role `{text}`: {reason}")
        );
        assert!(error.hint.contains("arn:aws:iam::222222222222:role/spile"));
    }

    #[test]
    fn what_is_no_role_is_told_apart() {
        check("spile", "it doesn't begin with `arn:`");
        check("", "it doesn't begin with `arn:`");
        check("arn:aws:iam", "it has too few parts for an ARN");
        check(
            "arn:azure:iam::222222222222:role/spile",
            "there is no partition `azure`",
        );
        check("arn:aws:s3:::landing", "it is an ARN of `s3`, not of `iam`");
        check(
            "arn:aws:iam::222222222222:user/spile",
            "it is the ARN of a `user`, not of a role",
        );
        check(
            "arn:aws:sts::222222222222:assumed-role/spile/run",
            "it is a session of a role, not the role itself",
        );
        check(
            "arn:aws:iam:eu-west-1:222222222222:role/spile",
            "it has the region `eu-west-1`, roles have none",
        );
        check(
            "arn:aws:iam::2222:role/spile",
            "its account `2222` doesn't have twelve digits",
        );
        check(
            "arn:aws:iam::222222222222:role",
            "there is no `/` after `role`",
        );
        check(
            "arn:aws:iam::222222222222:role/",
            "a name has 1 to 64 characters",
        );
        check(
            "arn:aws:iam::222222222222:role/data/",
            "a name has 1 to 64 characters",
        );
        check(
            "arn:aws:iam::222222222222:role/a//b",
            "its path isn't one that IAM takes",
        );
        check(
            "arn:aws:iam::222222222222:role/sp ile",
            "a name has letters, digits and characters of _+=,.@- only",
        );
        let long = format!("arn:aws:iam::222222222222:role/{}", "x".repeat(65));
        check(&long, "a name has 1 to 64 characters");
    }
}
