//! What is wrong with the documentation, in words.

use std::fmt;

/// The result of a test.
pub(crate) type Tested<T = ()> = Result<T, Fault>;

/// A text for whoever mends it: a failed test prints it as it is.
pub(crate) struct Fault(String);

impl Fault {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
