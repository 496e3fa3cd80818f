//! One value inside a record.

use std::fmt;

use super::read::fields;
use super::unescape::key_is;

/// The way to a value inside nested objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    segments: Box<[Box<str>]>,
}

/// The raw text of the value at `path`, or `None` where there is none. Of fields with the same key
/// the last counts. A `null` is a value.
pub fn find<'a>(object: &'a [u8], path: &Path) -> Option<&'a [u8]> {
    path.segments.iter().try_fold(object, |object, key| {
        fields(object)
            .filter(|(raw, _)| key_is(raw, key))
            .map(|(_, value)| value)
            .last()
    })
}

impl Path {
    /// A path with dots between its keys: `meta.updated_at`.
    pub fn parse(dotted: &str) -> Self {
        Self {
            segments: dotted.split('.').map(Box::from).collect(),
        }
    }

    /// A path of keys that may have dots in them.
    pub fn from_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self {
            segments: keys.into_iter().map(Box::from).collect(),
        }
    }

    /// Its keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.segments.iter().map(|key| &**key)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_raw_value() {
        let check = |object: &str, path: &str, expect: Option<&str>| {
            let found = find(object.as_bytes(), &Path::parse(path));
            assert_eq!(
                found.map(String::from_utf8_lossy).as_deref(),
                expect,
                "{object} {path}"
            );
        };
        check(r#"{"a":1,"b":"x"}"#, "b", Some(r#""x""#));
        check(r#"{"a":1,"a":2}"#, "a", Some("2"));
        check(r#"{"a":{"b":{"c":[1]}}}"#, "a.b.c", Some("[1]"));
        check(r#"{"a":{"b":1},"a":{}}"#, "a.b", None);
        check(r#"{"\u0061":null}"#, "a", Some("null"));
        check(r#"{"a":[{"b":1}]}"#, "a.b", None);
        check(r#"{"a":1}"#, "b", None);
        check(r#"{}"#, "", None);
    }

    #[test]
    fn keys_may_have_dots() {
        let path = Path::from_keys(["a.b", "c"]);
        assert_eq!(find(br#"{"a.b":{"c":1}}"#, &path), Some(&b"1"[..]));
        assert_eq!(path.to_string(), "a.b.c");
    }
}
