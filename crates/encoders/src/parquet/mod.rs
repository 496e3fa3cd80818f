//! parquet: columns with types.

mod behind;
mod dictionary;
mod rows;
mod slices;
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
use behind::Behind;
use rows::Rows;
use slices::{SLICE_ROWS_MAX, SLICE_ROWS_MIN, Slices};
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
            writer: Behind::new(Writer::new(physical, Arc::clone(&self.properties))),
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
    writer: Behind,
}

/// Of records that are worth handing over to another thread, if there are few of them.
const LARGE_BYTES: usize = 512 << 10;

impl Encoder for ParquetEncoder {
    fn write(&mut self, records: &Records) -> Result<(), WriteError> {
        // Handing over costs something, too.
        let is_large = records.len() > SLICE_ROWS_MAX || records.memory_bytes() > LARGE_BYTES;
        let misfit = match records {
            Records::Json(records) => {
                let (batches, misfit) = self.decode(records)?;
                self.push(batches, is_large)?;
                misfit
            }
            Records::Text(batch) => {
                let (batch, misfit) = conform::texts(batch, &self.schema)?;
                self.push(vec![batch], is_large)?;
                misfit
            }
            Records::Columns(batch) => {
                let (batch, misfit) = conform::columns(batch, &self.schema)?;
                self.push(vec![batch], is_large)?;
                misfit
            }
        };
        misfit.map_or(Ok(()), |misfit| Err(WriteError::Misfit(misfit)))
    }

    fn take_output(&mut self) -> Vec<u8> {
        self.writer.take_output()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, EncodeError> {
        self.writer.write(self.rows.take()?.as_slice())?;
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
    /// The columns of some records, up to the first that doesn't fit.
    fn decode(
        &mut self,
        records: &JsonRecords,
    ) -> Result<(Vec<RecordBatch>, Option<Misfit>), EncodeError> {
        let mut decoder = match self.decoder.take() {
            Some(decoder) => decoder,
            None => RowDecoder::new(&self.schema)?,
        };
        let slices = Slices {
            decoder: &mut decoder,
            records,
            start: 0,
            rows: &mut self.slice_rows,
            ended: false,
        };
        let (mut batches, mut misfit) = (Vec::new(), None);
        for decoded in slices {
            let decoded = decoded?;
            batches.push(decoded.batch);
            misfit = decoded.misfit;
        }
        decoder.release();
        self.decoder = Some(decoder);
        Ok((batches, misfit))
    }

    /// Writes rows, where there are enough of them: large batches while the next one is decoded.
    fn push(&mut self, batches: Vec<RecordBatch>, is_large: bool) -> Result<(), EncodeError> {
        let mut ready = Vec::new();
        for batch in batches {
            if batch.num_columns() == 0 && batch.num_rows() > 0 {
                return Err(no_columns());
            }
            let is_started = self.writer.is_started() || !ready.is_empty();
            ready.extend(self.rows.push(batch, is_started)?);
        }
        match is_large {
            true => self.writer.write_later(ready),
            false => self.writer.write(&ready),
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
