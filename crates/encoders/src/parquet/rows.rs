//! Rows that wait until there are enough of them to be written at once.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use spile_core::EncodeError;

use super::behind::SHRINKS;
use super::library;

/// Batches that are gathered: each call of the parquet writer costs something for each column.
#[derive(Default)]
pub(super) struct Rows {
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

/// Enough rows, or bytes, to be written.
const ROWS: usize = 1_024;
const BYTES: usize = 256 << 10;
/// Enough bytes to start the writer for: it takes about as much itself, some 80 KiB a column.
const BYTES_TO_START: usize = 1 << 20;
/// Small batches are joined when there are so many: each has its own buffers.
const BATCHES: usize = 16;

impl Rows {
    /// Takes rows, and gives all of them back if they are enough for a writer that has started or
    /// has yet to.
    pub(super) fn push(
        &mut self,
        batch: RecordBatch,
        started: bool,
    ) -> Result<Option<RecordBatch>, EncodeError> {
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
        let enough = match started {
            true => self.rows >= ROWS || self.bytes >= BYTES,
            false => self.bytes >= BYTES_TO_START,
        };
        if enough {
            return self.take();
        }
        if self.batches.len() >= BATCHES {
            self.join()?;
        }
        Ok(None)
    }

    /// Gives all rows back.
    pub(super) fn take(&mut self) -> Result<Option<RecordBatch>, EncodeError> {
        self.join()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(std::mem::take(&mut self.batches).pop())
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn expected_bytes(&self) -> usize {
        self.bytes / SHRINKS
    }

    fn join(&mut self) -> Result<(), EncodeError> {
        if let [first, _, ..] = self.batches.as_slice() {
            let joined = concat_batches(first.schema_ref(), &self.batches).map_err(library)?;
            self.bytes = joined.get_array_memory_size();
            self.batches = vec![joined];
        }
        Ok(())
    }
}
