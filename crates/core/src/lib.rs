//! The domain of Spile: records come in by a [`Source`], are routed by cursor period to open
//! objects, encoded by an [`Encoding`], and go out by a [`Bucket`].
//!
//! This crate knows nothing of AWS, files, environment variables or file formats.

mod bucket;
mod encoding;
pub mod json;
mod records;
mod source;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time_text;

pub use bucket::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, Part, PartLimits,
    Published, Staged, Upload,
};
pub use encoding::{EncodeError, Encoder, Encoding, Misfit, WriteError};
pub use records::{JsonRecords, Records, Span};
pub use source::{Batch, Position, PositionUnit, Source, SourceError, StreamName};
pub use spile_macros_template::ObjectKey;
