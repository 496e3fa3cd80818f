//! Parquet, read in batches whose rows are few enough for their width.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use spile_core::SourceError;

use crate::config::Sizes;
use crate::reader::{Piece, Reader};
use crate::seekable::Seekable;
use crate::slices::{Slices, rows_per_batch};

/// Reads one Parquet file.
pub(crate) struct Parquet {
    origin: Arc<str>,
    sizes: Sizes,
    input: Seekable,
    metadata: ArrowReaderMetadata,
    reader: ParquetRecordBatchReader,
    rows_read: u64,
    rows: u64,
    slices: Slices,
}

pub(crate) const FORMAT: &str = "parquet";
/// Even of the narrowest rows.
const BATCH_ROWS_MAX: u64 = 64 << 10;
/// How far a batch may go beyond its size before the rest is read in smaller ones.
const EXCESS: usize = 4;

impl Parquet {
    pub(crate) fn new(
        origin: Arc<str>,
        input: Seekable,
        sizes: Sizes,
    ) -> Result<Self, SourceError> {
        let metadata = ArrowReaderMetadata::load(&input.file, ArrowReaderOptions::new())
            .map_err(|error| format_error(&origin, explain(&error)))?;
        let groups = metadata.metadata().row_groups();
        let rows = groups.iter().map(rows_of).sum();
        let widest = groups.iter().map(row_bytes).max().unwrap_or(1).max(1);
        let batch_rows = (sizes.batch_bytes as u64 / widest).clamp(1, BATCH_ROWS_MAX) as usize;
        let reader = reader(&input, &metadata, batch_rows, 0)
            .map_err(|error| format_error(&origin, explain(&error)))?;
        let slices = Slices::new(sizes.batch_bytes);
        Ok(Self {
            origin,
            sizes,
            input,
            metadata,
            reader,
            rows_read: 0,
            rows,
            slices,
        })
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        let Some(batch) = self.reader.next() else {
            return Ok(None);
        };
        let batch = batch.map_err(|error| format_error(&self.origin, explain_arrow(&error)))?;
        self.rows_read += batch.num_rows() as u64;
        self.input.advance(self.rows_read, self.rows);
        self.shrink(&batch)?;
        Ok(Some(batch))
    }

    /// The file's own figures say little of values that repeat: where rows turn out much wider than
    /// they told, the reader starts anew behind this batch, with fewer rows at a time.
    fn shrink(&mut self, batch: &RecordBatch) -> Result<(), SourceError> {
        let rows = rows_per_batch(batch, self.sizes.batch_bytes);
        if batch.num_rows() / rows <= EXCESS || self.rows_read >= self.rows {
            return Ok(());
        }
        self.reader = reader(&self.input, &self.metadata, rows, self.rows_read)
            .map_err(|error| format_error(&self.origin, explain(&error)))?;
        Ok(())
    }
}

impl Reader for Parquet {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        loop {
            if let Some(piece) = self.slices.take() {
                return Ok(Some(piece));
            }
            match self.read()? {
                Some(batch) => self.slices.put(batch),
                None => return Ok(None),
            }
        }
    }
}

fn reader(
    input: &Seekable,
    metadata: &ArrowReaderMetadata,
    batch_rows: usize,
    skip: u64,
) -> Result<ParquetRecordBatchReader, ParquetError> {
    ParquetRecordBatchReaderBuilder::new_with_metadata(input.file.try_clone()?, metadata.clone())
        .with_batch_size(batch_rows)
        .with_offset(usize::try_from(skip).unwrap_or(usize::MAX))
        .build()
}

fn rows_of(group: &RowGroupMetaData) -> u64 {
    positive(group.num_rows())
}

/// About how many bytes a row of the group takes up in memory.
fn row_bytes(group: &RowGroupMetaData) -> u64 {
    let bytes = group
        .columns()
        .iter()
        .map(column_bytes)
        .fold(0, u64::saturating_add);
    bytes / rows_of(group).max(1)
}

fn column_bytes(column: &ColumnChunkMetaData) -> u64 {
    let values = positive(column.num_values());
    let of_values = values.saturating_mul(value_bytes(column));
    let of_texts = column.unencoded_byte_array_data_bytes().map_or(0, positive);
    positive(column.uncompressed_size()).max(of_values.saturating_add(of_texts))
}

/// In memory, without the text that an offset points to.
fn value_bytes(column: &ColumnChunkMetaData) -> u64 {
    match column.column_type() {
        Type::BOOLEAN => 1,
        Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
        Type::INT64 | Type::DOUBLE | Type::INT96 => 8,
        Type::FIXED_LEN_BYTE_ARRAY => positive(column.column_descr().type_length().into()),
    }
}

/// A damaged file can say anything.
fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn format_error(origin: &Arc<str>, cause: String) -> SourceError {
    SourceError::Format {
        origin: Arc::clone(origin),
        format: FORMAT,
        cause,
    }
}

fn explain(error: &ParquetError) -> String {
    explain_text(&error.to_string())
}

fn explain_arrow(error: &ArrowError) -> String {
    match error {
        ArrowError::ParquetError(text) => explain_text(text),
        other => explain_text(&other.to_string()),
    }
}

fn explain_text(text: &str) -> String {
    let is_cut = [
        "Corrupt footer",
        "smaller than the size of the footer",
        "less than the size of",
        "too small",
    ]
    .iter()
    .any(|sign| text.contains(sign));
    if is_cut {
        return "it doesn't end as a Parquet file does: the file is truncated, or none".to_owned();
    }
    text.trim_start_matches("Parquet error: ").to_owned()
}

#[cfg(test)]
mod tests;
