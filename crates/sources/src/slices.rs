//! Cuts record batches of any size down to about the size of a batch, without copying.

use arrow::array::RecordBatch;
use spile_core::{PositionUnit, Records};

use crate::reader::Piece;

/// What is left of a record batch, and where in its input it stands.
pub(crate) struct Slices {
    batch_bytes: usize,
    left: Option<RecordBatch>,
    rows: usize,
    /// Of the next row.
    number: u64,
}

impl Slices {
    pub(crate) fn new(batch_bytes: usize) -> Self {
        Self {
            batch_bytes,
            left: None,
            rows: 0,
            number: 1,
        }
    }

    /// Takes the next record batch of the input.
    pub(crate) fn put(&mut self, batch: RecordBatch) {
        self.rows = rows_per_batch(&batch, self.batch_bytes);
        self.left = Some(batch).filter(|batch| batch.num_rows() > 0);
    }

    /// The next part of it.
    pub(crate) fn take(&mut self) -> Option<Piece> {
        let batch = self.left.take()?;
        let rows = self.rows.min(batch.num_rows());
        let rest = batch.num_rows() - rows;
        if rest > 0 {
            self.left = Some(batch.slice(rows, rest));
        }
        let number = self.number;
        self.number += rows as u64;
        let records = Records::Columns(batch.slice(0, rows));
        Some(Piece {
            records,
            unit: PositionUnit::Row,
            number,
            rejected: Vec::new(),
        })
    }
}

/// How many rows like these make up `bytes`; at least one.
pub(crate) fn rows_per_batch(batch: &RecordBatch, bytes: usize) -> usize {
    let rows = batch.num_rows().max(1);
    let batches = Records::Columns(batch.clone())
        .memory_bytes()
        .div_ceil(bytes.max(1))
        .max(1);
    (rows / batches).max(1)
}
