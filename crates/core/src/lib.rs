//! The domain of Spile: records come in by a [`Source`], are routed by cursor period to open
//! objects, encoded by an [`Encoding`], and go out by a [`Bucket`].
//!
//! ```text
//! Source ──Batch──▶ Router ──RoutedBatch──▶ Loader ──UploadStep──▶ Uploader ──Receipt──▶ Report
//! port              by cursor period        open objects           Bucket port
//! ```
//!
//! Data flows one way. [`run()`] is the whole of it, and its only asynchronous part together with the
//! uploader; everything between is plain, synchronous and without a clock.
//!
//! This crate knows nothing of AWS, files, environment variables or file formats: those are
//! adapters of its three ports.
//!
//! # Reading order
//!
//! 1. [`Records`], [`Batch`] and the ports [`Source`], [`Encoding`] and [`Bucket`].
//! 2. [`CursorSource`] and [`Zone`]: what the cursor of a record is, and what time that is.
//! 3. [`StreamPlan`] and [`Job`]: what a run is told.
//! 4. [`run()`], [`Outcome`] and [`Report`].
//! 5. [`ColumnType`] and [`SchemaMemory`]: columns that are known before the first record.
//! 6. [`Selection`] and [`Reshape`]: which streams and which of their columns are loaded.

mod bucket;
mod buckets;
mod causes;
mod checkpoint_sink;
mod checksum;
mod clock;
mod column_marks;
mod column_type;
mod cursor;
mod cursor_column;
mod cursor_times;
mod encoding;
mod globs;
mod held;
pub mod ids;
pub mod json;
mod json_schema;
mod key_register;
pub mod ledger;
mod limits;
mod load_error;
mod loader;
mod memory;
mod moment;
mod object;
mod object_upload;
mod parts;
mod pending;
mod period;
mod positions;
mod progress;
mod publish;
mod quarantine;
mod read_ahead;
mod receipt;
mod records;
mod report;
mod reshape;
mod retry;
mod roll;
mod router;
mod run;
mod schema_memory;
mod selection;
mod source;
mod stream_plan;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time_text;
mod upload;
mod upload_context;

pub use arrow::datatypes::SchemaRef;
pub use bucket::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, Part, PartLimits,
    Published, Staged, Upload,
};
pub use buckets::Buckets;
pub use causes::causes;
pub use checkpoint_sink::CheckpointSink;
pub use checksum::{Checksum, ChecksumBuilder};
pub use column_marks::{
    declared, declared_kind, declared_schema, is_declared, is_json_text, is_marked,
    json_text_field, marked_like, only_kind, undeclared,
};
pub use column_type::{ColumnType, ColumnTypeError, parse_columns};
pub use cursor::{CursorFault, CursorField, CursorFormat, CursorSource, RunCursor};
pub use cursor_times::CursorTimes;
pub use encoding::{EncodeError, Encoder, Encoding, Misfit, WriteError};
pub use globs::GlobError;
pub use json_schema::{JsonSchemaError, JsonSchemaErrorKind, SchemaColumn, columns_of_json_schema};
pub use load_error::LoadError;
pub use memory::{MemoryPlan, TooLittleMemory};
pub use moment::{Moment, Zone};
pub use object::ObjectId;
pub use pending::{CutPolicy, Released};
pub use period::{Period, TimeSpan};
pub use progress::Progress;
pub use quarantine::{QUARANTINE_SCHEMA, Quarantine, QuarantinedRecord};
pub use receipt::{Receipt, Unpublished, UploadError};
pub use records::{JsonRecords, Records, Span};
pub use report::{
    CursorReport, ErrorReport, ObjectReport, Report, RunFacts, StagedReport, Status, StreamReport,
};
pub use reshape::{Reshape, ReshapeConfig, ReshapeError, RestColumn};
pub use retry::{Failed, Retry, RetryPolicy, Tried};
pub use roll::RollPolicy;
pub use router::{CursorRange, RouteError};
pub use run::{Ending, Job, Outcome, PublishMode, RunError, run};
pub use schema_memory::{SchemaMemory, SchemaMemoryError};
pub use selection::Selection;
pub use source::{
    Batch, Batches, Checkpoint, DeclaredWrite, Generations, Message, Position, PositionUnit,
    RejectedRecord, Source, SourceError, StreamDeclaration, StreamName,
};
pub use spile_macros_template::{KeyPlan, ObjectKey};
pub use stream_plan::{SchemaChange, StreamPlan, StreamPlans, WriteMode};
