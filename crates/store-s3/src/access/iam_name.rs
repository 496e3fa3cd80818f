//! Names of roles and users.

use std::fmt;
use std::str::FromStr;

use super::error::AccessError;

/// The name of a role or a user: 1 to 64 letters, digits and characters of `_+=,.@-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IamName(String);

impl IamName {
    /// Takes a name that IAM takes.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn new(text: impl Into<String>) -> Result<Self, AccessError> {
        let text = text.into();
        match fault_of(&text) {
            None => Ok(IamName(text)),
            Some(reason) => {
                let hint = "write the name alone, such as spile";
                Err(AccessError::of("the name", &text, reason, hint))
            }
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fault_of(name: &str) -> Option<&'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    match name {
        name if !name.chars().all(is_allowed) => {
            Some("a name has letters, digits and characters of _+=,.@- only")
        }
        name if !(1..=64).contains(&name.len()) => Some("a name has 1 to 64 characters"),
        _ => None,
    }
}

impl fmt::Display for IamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IamName {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        IamName::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_is_none() {
        for name in ["s", "spile_A1+=,.@-", &"x".repeat(64)] {
            assert_eq!(IamName::new(name).unwrap().as_str(), name);
        }
        let check = |name: &str, reason| assert_eq!(IamName::new(name).unwrap_err().reason, reason);
        check("", "a name has 1 to 64 characters");
        check(&"x".repeat(65), "a name has 1 to 64 characters");
        for name in ["a/b", "a b", "a*", "é"] {
            check(
                name,
                "a name has letters, digits and characters of _+=,.@- only",
            );
        }
    }
}
