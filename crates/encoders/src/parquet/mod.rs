//! parquet: columns with types.

mod rows;
mod writer;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::file::properties::WriterPropertiesPtr;
use spile_core::{EncodeError, Encoder, Encoding, JsonRecords, Misfit, Records, WriteError};

use crate::declared;
use crate::decode::{RowDecoder, conform, physical};
use crate::format::Format;
use crate::infer;
use crate::shred;
use rows::Rows;
use writer::Writer;

pub(crate) const FORMAT: &str = "parquet";

/// Makes parquet objects.
#[derive(Debug)]
pub(crate) struct ParquetEncoding {
    pub(crate) properties: WriterPropertiesPtr,
}

impl Encoding for ParquetEncoding {
    fn extension(&self) -> &str {
        Format::Parquet.extension()
    }

    fn content_type(&self) -> &str {
        Format::Parquet.content_type()
    }

    fn schema_kind(&self) -> Option<&'static str> {
        Some(FORMAT)
    }

    fn misfit(
        &self,
        declared: &SchemaRef,
        records: &Records,
    ) -> Result<Option<Misfit>, EncodeError> {
        declared::first_misfit(declared, records)
    }

    fn schema(
        &self,
        known: Option<&SchemaRef>,
        sample: &Records,
    ) -> Result<SchemaRef, EncodeError> {
        infer::of_sample(known, sample)
    }

    /// Of the file's writer; more by each column, which isn't known beforehand.
    fn object_memory_bytes(&self) -> usize {
        writer::WRITER_BYTES
    }

    fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>, EncodeError> {
        let fields: Vec<FieldRef> = schema.fields().iter().map(physical).collect();
        fields.iter().try_for_each(can_hold)?;
        let physical = SchemaRef::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Box::new(ParquetEncoder {
            schema: Arc::clone(schema),
            decoder: None,
            slice_rows: SLICE_ROWS_MIN,
            rows: Rows::default(),
            writer: Writer::new(physical, Arc::clone(&self.properties)),
        }))
    }
}

fn can_hold(field: &FieldRef) -> Result<(), EncodeError> {
    let schema = Schema::new(vec![FieldRef::clone(field)]);
    let converted = ArrowSchemaConverter::new().convert(&schema);
    converted.map(drop).map_err(|_| EncodeError::Unsupported {
        format: FORMAT,
        column: field.name().clone(),
        data_type: field.data_type().clone(),
        hint: "the format has no such type: cast the column first",
    })
}

struct ParquetEncoder {
    schema: SchemaRef,
    /// Made when the first JSON record comes: other records don't need it.
    decoder: Option<RowDecoder>,
    /// Records to decode at a time. Few after a misfit, since what is behind one is decoded in vain.
    slice_rows: usize,
    rows: Rows,
    writer: Writer,
}

/// After a misfit.
const SLICE_ROWS_MIN: usize = 32;
/// No more than the decoder takes at a time.
const SLICE_ROWS_MAX: usize = 1_024;

impl Encoder for ParquetEncoder {
    fn write(&mut self, records: &Records) -> Result<(), WriteError> {
        let misfit = match records {
            Records::Json(records) => self.write_json(records)?,
            Records::Text(batch) => {
                let (batch, misfit) = conform::texts(batch, &self.schema)?;
                self.push(batch)?;
                misfit
            }
            Records::Columns(batch) => {
                let (batch, misfit) = conform::columns(batch, &self.schema)?;
                self.push(batch)?;
                misfit
            }
        };
        misfit.map_or(Ok(()), |misfit| Err(WriteError::Misfit(misfit)))
    }

    fn take_output(&mut self) -> Vec<u8> {
        self.writer.take_output()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, EncodeError> {
        if let Some(batch) = self.rows.take()? {
            self.writer.write(&batch)?;
        }
        self.writer.finish()
    }

    fn output_bytes(&self) -> usize {
        self.writer.output_bytes()
    }

    fn memory_bytes(&self) -> usize {
        let decoder = self.decoder.as_ref().map_or(0, RowDecoder::memory_bytes);
        size_of::<Self>() + decoder + self.rows.memory_bytes() + self.writer.memory_bytes()
    }

    fn pending_bytes(&self) -> usize {
        self.rows.expected_bytes() + self.writer.pending_bytes()
    }
}

impl ParquetEncoder {
    fn write_json(&mut self, records: &JsonRecords) -> Result<Option<Misfit>, EncodeError> {
        let mut decoder = match self.decoder.take() {
            Some(decoder) => decoder,
            None => RowDecoder::new(&self.schema)?,
        };
        let mut start = 0;
        let mut misfit = None;
        while misfit.is_none() && start < records.len() {
            let range = shred::next_chunk(records, start, self.slice_rows);
            let rows = range.len();
            let decoded = decoder.decode(records, range)?;
            self.push(decoded.batch)?;
            misfit = decoded.misfit.map(|misfit| Misfit {
                at: start + misfit.at,
                ..misfit
            });
            start += rows;
            self.slice_rows = match misfit {
                Some(_) => SLICE_ROWS_MIN,
                None => (self.slice_rows * 2).min(SLICE_ROWS_MAX),
            };
        }
        decoder.release();
        self.decoder = Some(decoder);
        Ok(misfit)
    }

    fn push(&mut self, batch: RecordBatch) -> Result<(), EncodeError> {
        if batch.num_columns() == 0 && batch.num_rows() > 0 {
            return Err(no_columns());
        }
        match self.rows.push(batch, self.writer.is_started())? {
            Some(batch) => self.writer.write(&batch),
            None => Ok(()),
        }
    }
}

/// Rows of no columns would be lost.
fn no_columns() -> EncodeError {
    EncodeError::Unsupported {
        format: FORMAT,
        column: String::new(),
        data_type: arrow::datatypes::DataType::Null,
        hint: "records without any field need a format that has rows without columns: jsonl",
    }
}

fn library(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EncodeError {
    EncodeError::Library {
        format: FORMAT,
        source: source.into(),
    }
}
