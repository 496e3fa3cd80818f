//! The strict reader.

mod seen_keys;
mod walk;

use self::seen_keys::SeenKeys;
use self::walk::{LEVELS_MAX, Walk};
use super::error::{JsonError, JsonErrorKind};

/// How many objects and arrays may stand inside each other, the record itself counted.
pub const DEPTH_MAX: u32 = 128;

/// Checks that a text is one JSON object as RFC 8259 has it, in UTF-8, with nothing but white space
/// around it. Escapes have to make characters: half of a surrogate pair doesn't.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn check(record: &[u8]) -> Result<(), JsonError> {
    Checker::default().check(record)
}

/// Checks records that are like each other: what it has seen of their keys makes it faster, and changes
/// nothing else.
#[derive(Debug, Default)]
pub struct Checker {
    keys: SeenKeys,
}

/// A field of an object that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedField<'a> {
    /// The raw key of the field that it stands in, if it does.
    pub within: Option<&'a [u8]>,
    /// The raw key, without its quotes.
    pub key: &'a [u8],
    /// The raw value.
    pub value: &'a [u8],
}

impl Checker {
    /// See [`check()`].
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    #[inline]
    pub fn check(&mut self, record: &[u8]) -> Result<(), JsonError> {
        self.check_text(utf8(record)?)
    }

    /// Checks a text of which it is known that it is UTF-8: many records are cheaper to ask that of at
    /// once.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    #[inline]
    pub fn check_text(&mut self, record: &str) -> Result<(), JsonError> {
        Walk::of(record, &mut self.keys)?.run::<0>(|_| {})
    }

    /// Checks, and tells of each field of the object itself, and at two `LEVELS` of those of the objects
    /// in it, the inner ones first. What was told of before an error is as good as nothing.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    #[inline]
    pub fn check_fields<'a, const LEVELS: usize>(
        &mut self,
        record: &'a str,
        tell: impl FnMut(CheckedField<'a>),
    ) -> Result<(), JsonError> {
        const { assert!(LEVELS <= LEVELS_MAX) };
        Walk::of(record, &mut self.keys)?.run::<LEVELS>(tell)
    }
}

/// A record as text.
///
/// # Errors
/// It isn't UTF-8, and where that begins.
pub fn utf8(record: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(record).map_err(|error| JsonError {
        offset: error.valid_up_to(),
        kind: JsonErrorKind::InvalidUtf8,
    })
}

#[cfg(test)]
mod tests;
