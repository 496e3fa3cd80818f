//! Names of buckets.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::error::AccessError;

/// The name of a bucket on AWS: 3 to 63 lower-case letters, digits, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BucketName(String);

impl BucketName {
    /// Takes a name that a bucket can be created with.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn new(text: impl Into<String>) -> Result<Self, AccessError> {
        let text = text.into();
        match fault_of(&text) {
            None => Ok(BucketName(text)),
            Some(reason) => {
                let hint = "a name has 3 to 63 lower-case letters, digits and `-`, such as \
                            acme-landing";
                Err(AccessError::of("the bucket", &text, reason, hint))
            }
        }
    }

    /// A name that some store takes, even if no bucket on AWS can have it.
    pub(crate) fn of_any_store(text: &str) -> Self {
        BucketName(text.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fault_of(name: &str) -> Option<&'static str> {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_inside = |c: char| is_end(c) || c == '-' || c == '.';
    match name {
        name if name.starts_with("s3://") || name.starts_with("arn:") => {
            Some("the name alone is expected")
        }
        name if name.chars().any(|c| c.is_ascii_uppercase()) => Some("it has upper-case letters"),
        name if !name.chars().all(is_inside) => {
            Some("it has more than letters, digits, `-` and `.`")
        }
        name if !(3..=63).contains(&name.len()) => Some("it doesn't have 3 to 63 characters"),
        name if !(name.starts_with(is_end) && name.ends_with(is_end)) => {
            Some("it doesn't begin and end with a letter or a digit")
        }
        name if name.contains("..") => Some("it has two dots in a row"),
        name if name.parse::<Ipv4Addr>().is_ok() => Some("it reads like an IP address"),
        _ => None,
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BucketName {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        BucketName::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_bucket_can_have() {
        for name in [
            "abc",
            "acme-landing",
            "logs.acme.com",
            "1a2",
            &"x".repeat(63),
        ] {
            assert_eq!(BucketName::new(name).unwrap().as_str(), name);
        }
    }

    fn check(name: &str, reason: &str) {
        let error = BucketName::new(name).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("use the bucket `{name}`: {reason}")
        );
    }

    #[test]
    fn names_that_none_can_have() {
        check("s3://acme", "the name alone is expected");
        check("arn:aws:s3:::acme", "the name alone is expected");
        check("Acme", "it has upper-case letters");
        check("acme/raw", "it has more than letters, digits, `-` and `.`");
        check("acme*", "it has more than letters, digits, `-` and `.`");
        check("", "it doesn't have 3 to 63 characters");
        check("ab", "it doesn't have 3 to 63 characters");
        check(&"x".repeat(64), "it doesn't have 3 to 63 characters");
        check("-acme", "it doesn't begin and end with a letter or a digit");
        check("acme.", "it doesn't begin and end with a letter or a digit");
        check("a..b", "it has two dots in a row");
        check("192.168.5.4", "it reads like an IP address");
    }
}
