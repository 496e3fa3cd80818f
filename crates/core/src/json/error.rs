//! What is wrong with a text that should be JSON.

use std::fmt;

use super::Kind;

/// Why a text isn't one JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where in the text, in bytes from 0.
    pub offset: usize,
    /// What is wrong there.
    pub kind: JsonErrorKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Bytes that aren't UTF-8.
    InvalidUtf8,
    /// A JSON value, but no object.
    NotAnObject {
        /// What it is.
        found: Kind,
    },
    /// Something else should stand here.
    Expected {
        /// What should.
        expected: &'static str,
        /// The character that does, or `None` at the end of the text.
        found: Option<char>,
    },
    /// A control character inside a string that isn't escaped.
    ControlCharacter {
        /// The character.
        found: u8,
    },
    /// Half of a surrogate pair, which is no character.
    LoneSurrogate,
    /// Objects and arrays inside each other beyond [`DEPTH_MAX`](super::DEPTH_MAX).
    TooDeep,
}

impl std::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            JsonErrorKind::InvalidUtf8 => f.write_str("invalid UTF-8")?,
            JsonErrorKind::NotAnObject { found } => write!(f, "expected an object, found {found}")?,
            JsonErrorKind::Expected {
                expected,
                found: Some(found),
            } => match found {
                '\'' | '"' => write!(f, "expected {expected}, found `{found}`")?,
                _ => write!(f, "expected {expected}, found `{}`", found.escape_debug())?,
            },
            JsonErrorKind::Expected {
                expected,
                found: None,
            } => {
                write!(f, "expected {expected}, found the end")?;
            }
            JsonErrorKind::ControlCharacter { found } => {
                write!(f, "control character 0x{found:02x} in a string")?;
            }
            JsonErrorKind::LoneSurrogate => f.write_str("half of a surrogate pair")?,
            JsonErrorKind::TooDeep => write!(f, "more than {} levels deep", super::DEPTH_MAX)?,
        }
        write!(f, " at byte {}", self.offset)
    }
}
