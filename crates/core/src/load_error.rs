//! Why records can't be loaded.

use arrow::datatypes::Field;
use arrow::error::ArrowError;

use crate::column_type::ColumnType;
use crate::encoding::{EncodeError, Misfit};
use crate::router::RouteError;
use crate::source::{Position, StreamName};

/// Why records can't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Nobody can tell how to make the objects of a stream.
    #[error("plan stream {stream}")]
    Plan {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The columns of a stream can't be left out or renamed as they should be.
    #[error("choose the columns of stream {stream}")]
    Reshape {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: ArrowError,
    },
    /// A record has no route.
    #[error("route the record at {position}")]
    Route {
        /// Where the record was read.
        position: Position,
        /// Why not.
        source: RouteError,
    },
    /// A record has a value that the declared type of its column doesn't take.
    #[error(
        "fit the record at {position} into the declared schema: {}",
        of_declared(misfit)
    )]
    Declared {
        /// Where the record was read.
        position: Position,
        /// What doesn't fit.
        misfit: Misfit,
    },
    /// A bad record, after as many as may be set aside.
    #[error(
        "read the record at {position}: {cause}; max_bad_records = {bad_records_max}, and so many \
         were set aside before it"
    )]
    TooManyBad {
        /// Where the record was read.
        position: Position,
        /// What is wrong with it.
        cause: String,
        /// So many may be set aside.
        bad_records_max: u64,
    },
    /// A record doesn't fit the columns that its stream had so far, and they must not change.
    #[error("keep the columns of stream {stream} as they are: {misfit}")]
    SchemaChange {
        /// The stream.
        stream: StreamName,
        /// What doesn't fit.
        misfit: Misfit,
    },
    /// An object can't be encoded.
    #[error("encode records of stream {stream}")]
    Encode {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: EncodeError,
    },
    /// Records can't be gathered.
    #[error("gather records of stream {stream}")]
    Gather {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: ArrowError,
    },
    /// A record fits no schema, not even the one that was made for it: a fault of the encoding.
    #[error("make room for a record of stream {stream}: {misfit}")]
    NoRoom {
        /// The stream.
        stream: StreamName,
        /// What doesn't fit.
        misfit: Misfit,
    },
}

/// What doesn't fit a declared column, with its type as it was declared.
pub(crate) fn of_declared(misfit: &Misfit) -> String {
    let Misfit { column, found, .. } = misfit;
    let Some(expected) = &misfit.expected else {
        return format!("there is no {column} in it, found {found}");
    };
    let field = Field::new(column, expected.clone(), true);
    match ColumnType::of(&field) {
        Some(declared) => format!("column {column} is {declared}, found {found}"),
        None => misfit.to_string(),
    }
}
