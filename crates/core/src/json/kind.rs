//! Which kind of value a text is.

use std::fmt;

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// `-1.5e3`
    Number,
    /// `"text"`
    String,
    /// `[1, 2]`
    Array,
    /// `{"key": 1}`
    Object,
}

/// The kind of a value, told by its first byte.
#[inline]
pub fn kind(value: &[u8]) -> Option<Kind> {
    Some(match value.first()? {
        b'"' => Kind::String,
        b'-' | b'0'..=b'9' => Kind::Number,
        b'n' => Kind::Null,
        b't' | b'f' => Kind::Bool,
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        _ => return None,
    })
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Null => "null",
            Kind::Bool => "a boolean",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        })
    }
}
