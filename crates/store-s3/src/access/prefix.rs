//! The part of a bucket that something is narrowed to.

use std::fmt;
use std::str::FromStr;

use super::error::AccessError;

/// The folders that all keys of a scope begin with, such as `raw/sales`: without a `/` at either
/// end, and without anything that policies read as more than itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prefix(String);

/// What a key may have at most, less the `/` and one character after it.
const BYTES_MAX: usize = 1022;

impl Prefix {
    /// The folders.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prefix {
    type Err = AccessError;

    /// A `/` at either end is left away.
    fn from_str(text: &str) -> Result<Self, AccessError> {
        let folders = text.trim_matches('/');
        match fault_of(folders) {
            None => Ok(Prefix(folders.to_owned())),
            Some(reason) => {
                let hint = "write the folders that all keys begin with, such as raw/sales";
                Err(AccessError::of("the prefix", text, reason, hint))
            }
        }
    }
}

fn fault_of(folders: &str) -> Option<&'static str> {
    // Policies are Latin-1, and so is what stands in them.
    let is_foreign = |c: char| c.is_control() || c > '\u{ff}';
    match folders {
        "" => Some("it has no folder"),
        folders if folders.contains(['*', '?']) => Some("policies read `*` and `?` as wildcards"),
        folders if folders.contains(['{', '}']) => {
            Some("it has braces, and macros differ from run to run")
        }
        folders if folders.contains(is_foreign) => {
            Some("it has characters that policies can't have")
        }
        folders
            if folders
                .split('/')
                .any(|name| matches!(name, "" | "." | "..")) =>
        {
            Some("a folder of it has no name, or one of dots")
        }
        folders if folders.len() > BYTES_MAX => Some("it is longer than a key can be"),
        _ => None,
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_ends_are_left_away() {
        for text in ["raw/sales", "/raw/sales", "raw/sales/"] {
            assert_eq!(text.parse::<Prefix>().unwrap().as_str(), "raw/sales");
        }
        assert_eq!("été $5".parse::<Prefix>().unwrap().as_str(), "été $5");
    }

    fn check(text: &str, reason: &str) {
        let error = text.parse::<Prefix>().unwrap_err();
        assert_eq!(error.reason, reason, "{text}");
    }

    #[test]
    fn what_policies_would_read_otherwise_is_refused() {
        check("", "it has no folder");
        check("/", "it has no folder");
        check("raw/*", "policies read `*` and `?` as wildcards");
        check("raw?", "policies read `*` and `?` as wildcards");
        check(
            "raw/{stream_name}",
            "it has braces, and macros differ from run to run",
        );
        check(
            "${aws:username}",
            "it has braces, and macros differ from run to run",
        );
        check("raw\n", "it has characters that policies can't have");
        check("данные", "it has characters that policies can't have");
        check("a//b", "a folder of it has no name, or one of dots");
        check("a/../b", "a folder of it has no name, or one of dots");
        check(&"x".repeat(1023), "it is longer than a key can be");
    }
}
