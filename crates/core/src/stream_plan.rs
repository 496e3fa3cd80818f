//! How the objects of a stream are made.

use std::sync::Arc;

use spile_macros_template::KeyPlan;

use crate::cursor::CursorSource;
use crate::encoding::Encoding;
use crate::source::StreamName;

/// How the objects of one stream are made.
#[derive(Clone, Debug)]
pub struct StreamPlan {
    /// Their keys.
    pub keys: Arc<KeyPlan>,
    /// What the cursor of a record is.
    pub cursor: CursorSource,
    /// Their format.
    pub encoding: Arc<dyn Encoding>,
    /// What may be replaced.
    pub write: WriteMode,
    /// What happens when a record doesn't fit the columns that the stream had so far.
    pub schema_change: SchemaChange,
}

/// What an object may replace. Never one that the same run wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteMode {
    /// Nothing: a key that is taken takes the next number.
    #[default]
    Append,
    /// What stood at its key.
    Overwrite,
}

/// What happens when a record doesn't fit the columns that its stream had so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SchemaChange {
    /// The object is sealed, and the next one has room for the record.
    #[default]
    Widen,
    /// The run fails.
    Fail,
}

/// Tells how the objects of a stream are made, when its first record arrives.
pub type StreamPlans = Box<
    dyn FnMut(&StreamName) -> Result<StreamPlan, Box<dyn std::error::Error + Send + Sync>> + Send,
>;
