use std::fmt;

use crate::KeyError;
use crate::escape::is_dot_segment;

/// The longest key that S3 takes, in bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 1024;

/// The finished key of an object, relative to its bucket: `raw/sales/2025-04-14.csv`.
///
/// It has 1 to 1,024 bytes, neither begins nor ends with `/`, has no empty segment, none that is
/// `.` or `..`, and no control character. This type alone checks that.
///
/// ```
/// use spile_macros_template::ObjectKey;
///
/// let key = ObjectKey::new("raw/sales.csv")?;
/// assert_eq!(key.as_str(), "raw/sales.csv");
/// assert!(ObjectKey::new("raw/../sales.csv").is_err());
/// # Ok::<(), spile_macros_template::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key of this text.
    ///
    /// # Errors
    ///
    /// Names what a key can't have; see [`KeyError`].
    pub fn new(key: impl Into<String>) -> Result<Self, KeyError> {
        let key = key.into();
        match fault(&key) {
            Some(error) => Err(error),
            None => Ok(Self(key)),
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as text, without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ObjectKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

fn fault(key: &str) -> Option<KeyError> {
    let shown = || shorten(key);
    if key.is_empty() {
        return Some(KeyError::Empty);
    }
    if key.len() > KEY_BYTES_MAX {
        return Some(KeyError::TooLong {
            bytes: key.len(),
            limit: KEY_BYTES_MAX,
            key: shown(),
        });
    }
    if key.starts_with('/') {
        return Some(KeyError::LeadingSlash { key: shown() });
    }
    if key.ends_with('/') {
        return Some(KeyError::TrailingSlash { key: shown() });
    }
    if key.contains(char::is_control) {
        return Some(KeyError::ControlCharacter { key: shown() });
    }
    key.split('/').find_map(|segment| match segment {
        "" => Some(KeyError::EmptySegment { key: shown() }),
        dots if is_dot_segment(dots) => Some(KeyError::DotSegment { key: shown() }),
        _ => None,
    })
}

/// At most 60 characters of `text`, its middle left out, control characters as escapes.
pub(crate) fn shorten(text: &str) -> String {
    let count = text.chars().count();
    if count <= 60 {
        return text.escape_debug().to_string();
    }
    let head: String = text.chars().take(40).collect();
    let tail: String = text.chars().skip(count - 19).collect();
    format!("{}…{}", head.escape_debug(), tail.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, expect: &str) {
        let found = ObjectKey::new(key).map_or_else(|error| error.to_string(), String::from);
        assert_eq!(found, expect);
    }

    #[test]
    fn a_key_is_taken_as_it_is() {
        for key in [
            "a",
            "a/b.c",
            ".a/..b/...",
            "é 東京/%2F:*",
            &"k".repeat(1024),
        ] {
            check(key, key);
        }
    }

    #[test]
    fn what_no_key_has_is_refused() {
        check("", "make an object key of no text");
        check("/a", "make an object key of `/a`: it begins with `/`");
        check("a/", "make an object key of `a/`: it ends with `/`");
        check(
            "a//b",
            "make an object key of `a//b`: it has an empty segment",
        );
        check(
            "a/./b",
            "make an object key of `a/./b`: it has a segment `.` or `..`",
        );
        check(
            "..",
            "make an object key of `..`: it has a segment `.` or `..`",
        );
        check(
            "a\nb",
            r"make an object key of `a\nb`: it has a control character",
        );
        check(
            "a\u{85}b",
            r"make an object key of `a\u{85}b`: it has a control character",
        );
    }

    #[test]
    fn a_long_key_is_counted_in_bytes_and_shown_short() {
        check(
            &format!("raw/{}/tail.csv", "é".repeat(600)),
            "make an object key of 1213 bytes, where at most 1024 are allowed: \
             `raw/éééééééééééééééééééééééééééééééééééé…éééééééééé/tail.csv`",
        );
    }
}
