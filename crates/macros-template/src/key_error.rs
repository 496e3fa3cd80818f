use thiserror::Error;

/// Why a key can't be made.
///
/// ```
/// use spile_macros_template::{KeyError, ObjectKey};
///
/// let error = ObjectKey::new("k".repeat(2000)).unwrap_err();
/// assert!(matches!(error, KeyError::TooLong { bytes: 2000, limit: 1024, .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key has no text.
    #[error("make an object key of no text")]
    Empty,
    /// The key is longer than S3 allows.
    #[error("make an object key of {bytes} bytes, where at most {limit} are allowed: `{key}`")]
    TooLong {
        /// Its length in bytes of UTF-8.
        bytes: usize,
        /// The length that is allowed, in bytes.
        limit: usize,
        /// The key, shortened.
        key: String,
    },
    /// The key begins with `/`.
    #[error("make an object key of `{key}`: it begins with `/`")]
    LeadingSlash {
        /// The key, shortened.
        key: String,
    },
    /// The key ends with `/`.
    #[error("make an object key of `{key}`: it ends with `/`")]
    TrailingSlash {
        /// The key, shortened.
        key: String,
    },
    /// Two slashes have nothing between them.
    #[error("make an object key of `{key}`: it has an empty segment")]
    EmptySegment {
        /// The key, shortened.
        key: String,
    },
    /// A segment is `.` or `..`.
    #[error("make an object key of `{key}`: it has a segment `.` or `..`")]
    DotSegment {
        /// The key, shortened.
        key: String,
    },
    /// The key has a control character.
    #[error("make an object key of `{key}`: it has a control character")]
    ControlCharacter {
        /// The key, shortened, with escapes.
        key: String,
    },
    /// A macro that isn't optional needs the cursor, and there is none, or an empty one.
    #[error(
        "render `{{{name}}}`: the record has no cursor, or an empty one (`{{{name}?}}` allows that)"
    )]
    CursorMissing {
        /// The macro.
        name: String,
    },
    /// A macro writes a time, and the cursor is none.
    #[error("render `{{{name}}}`: the cursor `{cursor}` is no time")]
    CursorNotTime {
        /// The macro.
        name: String,
        /// The cursor, shortened.
        cursor: String,
    },
    /// The year of the cursor doesn't have four digits.
    #[error("render `{{{name}}}`: the year {year} is not within 0000 to 9999")]
    YearOutOfRange {
        /// The macro.
        name: String,
        /// The year.
        year: i32,
    },
    /// Objects are numbered from 1.
    #[error("number an object 0: the first one is 1")]
    NumberZero,
}
