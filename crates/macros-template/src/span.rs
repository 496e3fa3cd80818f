use std::fmt;

/// A range of bytes in the template's text, `start..end`.
///
/// ```
/// use spile_macros_template::Span;
///
/// let span = Span { start: 4, end: 11 };
/// assert_eq!(span.of("raw/{hours}"), "{hours}");
/// assert_eq!(span.to_string(), "4..11");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Whether the span covers no byte: what it belongs to was not written by the user.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// The part of `text` that the span covers; empty where the span isn't one of `text`.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
