//! Accounts of AWS.

use std::fmt;
use std::str::FromStr;

use super::error::AccessError;
use super::partition::Partition;

/// An account of AWS: twelve digits. It is a text, since the first of them may be 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// Takes twelve digits.
    ///
    /// # Errors
    ///
    /// Any other text, also the form with dashes that consoles show.
    pub fn new(text: impl Into<String>) -> Result<Self, AccessError> {
        let text = text.into();
        let reason = match text.len() {
            _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => "it has more than digits",
            12 => return Ok(AccountId(text)),
            _ => "it doesn't have twelve digits",
        };
        let hint = "write the twelve digits alone, such as 111111111111; \
                    `aws sts get-caller-identity` shows yours";
        Err(AccessError::of("the account", &text, reason, hint))
    }

    /// One that is nobody's, to be shown in place of one that isn't known.
    pub(crate) fn example() -> Self {
        AccountId("0".repeat(12))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The principal that stands for whomever this account lets act: `arn:aws:iam::ACCOUNT:root`.
    pub fn root_arn(&self, partition: Partition) -> String {
        format!("arn:{partition}:iam::{self}:root")
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        AccountId::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, reason: &str) {
        let error = AccountId::new(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("use the account `{text}`: {reason}")
        );
    }

    #[test]
    fn an_account_has_twelve_digits() {
        let id = AccountId::new("012345678901").unwrap();
        assert_eq!(
            id.root_arn(Partition::AwsCn),
            "arn:aws-cn:iam::012345678901:root"
        );
        check("12345678901", "it doesn't have twelve digits");
        check("1234567890123", "it doesn't have twelve digits");
        check("", "it doesn't have twelve digits");
        check("1234-5678-9012", "it has more than digits");
        check("12345678901٢", "it has more than digits");
    }
}
