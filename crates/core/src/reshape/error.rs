//! Why columns can't be left out or renamed as they should be.

use arrow::error::ArrowError;

use crate::globs::GlobError;

/// Why columns can't be left out, renamed or collected as they should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReshapeError {
    /// A text that is no glob.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// A column that would have no name.
    #[error("rename column `{column}`: its new name is empty")]
    EmptyName {
        /// The column.
        column: String,
    },
    /// A column of the rest that would have no name.
    #[error("collect the rest of the fields in a column: its name is empty")]
    EmptyRest,
    /// Two columns of one new name.
    #[error("rename both column `{first}` and column `{second}` to `{name}`")]
    SameName {
        /// One of the columns.
        first: String,
        /// The other.
        second: String,
        /// The name that both would have.
        name: String,
    },
    /// A new name that another column has, which stays.
    #[error("rename column `{column}` to `{name}`: another column has that name, and stays")]
    Taken {
        /// The column.
        column: String,
        /// The name.
        name: String,
    },
    /// The name of the column of the rest, which a known column has.
    #[error(
        "collect the rest of the fields in column `{name}`: column `{column}` is to be called that"
    )]
    RestTaken {
        /// The name.
        name: String,
        /// The known column that has it, by its old name.
        column: String,
    },
    /// A value that there is no room for inside of the column of the rest.
    #[error(
        "collect the rest of the fields in column `{name}`: with it, a record would have more than {} \
         levels",
        crate::json::DEPTH_MAX
    )]
    TooDeep {
        /// The column of the rest.
        name: String,
    },
}

impl From<ReshapeError> for ArrowError {
    fn from(error: ReshapeError) -> Self {
        ArrowError::from_external_error(Box::new(error))
    }
}
