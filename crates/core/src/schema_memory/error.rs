//! Why columns can't be remembered.

use spile_macros_template::{KeyError, ObjectKey};

use crate::bucket::BucketError;
use crate::source::StreamName;

/// Why the columns of streams can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaMemoryError {
    /// A stream or its connection has a name that no key can be made of.
    #[error("find a place to remember the columns of stream {stream} at")]
    Key {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: KeyError,
    },
    /// What is remembered can't be understood.
    #[error("understand the columns that are remembered at {key} in {location}: {cause}")]
    Document {
        /// The object's key.
        key: ObjectKey,
        /// Which bucket or folder.
        location: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The bucket refuses or can't be reached.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}
