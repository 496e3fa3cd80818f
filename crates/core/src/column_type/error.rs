//! What is wrong with the text of a column's type.

/// Why a text is no column type, or no list of columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnTypeError {
    /// A word that stands for no type.
    #[error("find a column type called `{word}`")]
    Unknown {
        /// The word.
        word: String,
        /// The type that was probably meant.
        nearest: Option<&'static str>,
    },
    /// Something else has to stand at a place.
    #[error("read `{text}`: {expected} is expected, not {found}")]
    Expected {
        /// The whole text.
        text: String,
        /// What has to stand there.
        expected: &'static str,
        /// What stands there: `` `)` `` or `the end`.
        found: String,
    },
    /// A decimal that there can't be.
    #[error(
        "make a decimal of {digits} digits, {places} of them places: it has from 1 to 76 digits, and no more places"
    )]
    Decimal {
        /// Digits in all.
        digits: u8,
        /// Digits behind the point.
        places: u8,
    },
    /// Two columns of one name.
    #[error("tell two columns called `{name}` apart")]
    Twice {
        /// The name.
        name: String,
    },
    /// More types inside each other than values can be.
    #[error(
        "read a type with more than {} inside each other",
        crate::json::DEPTH_MAX
    )]
    TooDeep,
}

impl ColumnTypeError {
    /// The type that was probably meant.
    pub fn nearest(&self) -> Option<&'static str> {
        match self {
            Self::Unknown { nearest, .. } => *nearest,
            _ => None,
        }
    }
}
