//! parquet: columns with types.

mod dictionary;
mod rows;
mod slices;
mod writer;

use std::sync::{Arc, mpsc};
use std::thread;

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::file::properties::WriterPropertiesPtr;
use spile_core::{EncodeError, Encoder, Encoding, JsonRecords, Misfit, Records, WriteError};

use crate::declared;
use crate::decode::{Decoded, RowDecoder, conform, physical};
use crate::format::Format;
use crate::infer;
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

/// While one slice is written, the next ones are decoded on a thread of their own.
const SLICES_AHEAD: usize = 1;

impl Encoder for ParquetEncoder {
    fn write(&mut self, records: &Records) -> Result<(), WriteError> {
        let misfit = match records {
            Records::Json(records) => self.write_json(records)?,
            Records::Text(batch) => {
                let (batch, misfit) = conform::texts(batch, &self.schema)?;
                push(&mut self.rows, &mut self.writer, batch)?;
                misfit
            }
            Records::Columns(batch) => {
                let (batch, misfit) = conform::columns(batch, &self.schema)?;
                push(&mut self.rows, &mut self.writer, batch)?;
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
        let mut slices = Slices {
            decoder: &mut decoder,
            records,
            start: 0,
            rows: &mut self.slice_rows,
            ended: false,
        };
        let misfit = match records.len() > SLICE_ROWS_MAX {
            true => thread::scope(|scope| {
                let (sender, decoded) = mpsc::sync_channel(SLICES_AHEAD);
                scope.spawn(move || slices.try_for_each(|decoded| sender.send(decoded)));
                push_all(&mut self.rows, &mut self.writer, decoded)
            }),
            false => push_all(&mut self.rows, &mut self.writer, slices),
        }?;
        decoder.release();
        self.decoder = Some(decoder);
        Ok(misfit)
    }
}

/// Writes what was decoded, up to a record that doesn't fit.
fn push_all(
    rows: &mut Rows,
    writer: &mut Writer,
    decoded: impl IntoIterator<Item = Result<Decoded, EncodeError>>,
) -> Result<Option<Misfit>, EncodeError> {
    for decoded in decoded {
        let Decoded { batch, misfit } = decoded?;
        push(rows, writer, batch)?;
        if misfit.is_some() {
            return Ok(misfit);
        }
    }
    Ok(None)
}

fn push(rows: &mut Rows, writer: &mut Writer, batch: RecordBatch) -> Result<(), EncodeError> {
    if batch.num_columns() == 0 && batch.num_rows() > 0 {
        return Err(no_columns());
    }
    match rows.push(batch, writer.is_started())? {
        Some(batch) => writer.write(&batch),
        None => Ok(()),
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
