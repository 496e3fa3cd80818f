//! The port that turns records into the bytes of objects.

use std::fmt;

use arrow::datatypes::{DataType, SchemaRef};

use crate::records::Records;

/// A format with its compression and options, all checked: what objects of a stream are made by.
///
/// It decides which schema its objects need, since formats differ in that: parquet needs each
/// column's name and type, csv the names only, jsonl neither.
pub trait Encoding: Send + Sync + fmt::Debug {
    /// The extension of its objects' keys, without a leading dot: `csv.gz`.
    fn extension(&self) -> &str;

    /// The `Content-Type` of its objects.
    fn content_type(&self) -> &str;

    /// The name of what a schema says of its objects' columns: `parquet` for names and types, `csv`
    /// for names. What one encoding knew of a stream, another of the same name can begin with.
    /// `None` where objects have no columns that a schema could hold fast.
    fn schema_kind(&self) -> Option<&'static str>;

    /// The schema that the next object begins with: the columns of `known` in their order, widened
    /// and appended to so that every record of `sample` fits. A column of which nothing but nulls
    /// has been seen has the type `Null`.
    ///
    /// # Errors
    /// What this format can't hold.
    fn schema(&self, known: Option<&SchemaRef>, sample: &Records)
    -> Result<SchemaRef, EncodeError>;

    /// The first record with a value that the type of a declared column doesn't take. Columns that
    /// aren't declared are passed over.
    ///
    /// # Errors
    /// A declared type that records of this form have no values of.
    fn misfit(
        &self,
        declared: &SchemaRef,
        records: &Records,
    ) -> Result<Option<Misfit>, EncodeError>;

    /// Bytes of memory that an open object takes up at least, as soon as there are enough records to
    /// work on: what its compressor needs.
    fn object_memory_bytes(&self) -> usize;

    /// Begins an object. Where its format has types at all, its encoder takes no record of which a
    /// [declared](crate::is_declared) column doesn't take the value, or one with an
    /// [only kind](crate::only_kind) doesn't.
    ///
    /// # Errors
    /// A schema that this format can't hold.
    fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>, EncodeError>;
}

/// The object that is being made: records go in, bytes come out.
pub trait Encoder: Send {
    /// Appends records in their order.
    ///
    /// # Errors
    /// On [`WriteError::Misfit`] the records before it are in the object, it and those behind it
    /// aren't, and the encoder can be written to or finished. After any other error the object is
    /// lost.
    fn write(&mut self, records: &Records) -> Result<(), WriteError>;

    /// Takes the bytes that are finished so far, to append to those taken before.
    fn take_output(&mut self) -> Vec<u8>;

    /// Ends the object and returns its last bytes.
    ///
    /// # Errors
    /// The object is lost.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, EncodeError>;

    /// Bytes that [`take_output`](Self::take_output) would return.
    fn output_bytes(&self) -> usize;

    /// Bytes of memory held, output that wasn't taken included.
    fn memory_bytes(&self) -> usize;

    /// Bytes of what was written but has not come out yet, as they are expected to come out: with
    /// the bytes that came out, the object's size if it were finished now.
    fn pending_bytes(&self) -> usize;
}

/// Why records can't be appended to an object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A record that the object's schema has no room for.
    #[error("fit a record into the object's schema: {0}")]
    Misfit(Misfit),
    /// Anything else.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The first record that doesn't fit the schema of its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Its index among the records given.
    pub at: usize,
    /// The column, as a dotted path.
    pub column: String,
    /// The type that the column has, or `None` where the object has no such column.
    pub expected: Option<DataType>,
    /// What was found, shortened: `text "n/a"`.
    pub found: String,
}

/// What went wrong in an encoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The format has no way to hold a column of this type.
    #[error("hold column {column} of type {data_type} in {format}: {hint}")]
    Unsupported {
        /// The format's name.
        format: &'static str,
        /// The column, as a dotted path.
        column: String,
        /// Its type.
        data_type: DataType,
        /// What to do about it.
        hint: &'static str,
    },
    /// The library that writes the format failed.
    #[error("encode records as {format}")]
    Library {
        /// The format's name.
        format: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expected {
            Some(expected) => {
                write!(
                    f,
                    "column {} is {expected}, found {}",
                    self.column, self.found
                )
            }
            None => write!(f, "no column {} yet, found {}", self.column, self.found),
        }
    }
}
