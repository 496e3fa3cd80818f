//! What every format's reader does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use spile_core::{Batch, Position, PositionUnit, Records, RejectedRecord, SourceError, StreamName};

/// Reads the records of one input.
pub(crate) trait Reader: Send {
    /// The next records, good ones or bad, never none of them; or `None` at the end. After an error
    /// nothing can be read.
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError>;
}

/// A batch before its input's name is on it.
pub(crate) struct Piece {
    pub(crate) records: Records,
    pub(crate) unit: PositionUnit,
    /// Of the first record, from 1.
    pub(crate) number: u64,
    /// Records that can't be read.
    pub(crate) rejected: Vec<RejectedRecord>,
}

impl Piece {
    /// The batch of a stream that it is, with its input's name on it.
    pub(crate) fn into_batch(
        self,
        stream: &StreamName,
        generation: Option<i64>,
        origin: &Arc<str>,
        input_bytes: u64,
    ) -> Batch {
        let first = self.rejected.first().filter(|_| self.records.is_empty());
        let position = first.map(|bad| bad.position.clone());
        Batch {
            stream: stream.clone(),
            generation,
            records: self.records,
            position: position.unwrap_or_else(|| Position {
                origin: Arc::clone(origin),
                unit: self.unit,
                number: self.number,
            }),
            rejected: self.rejected,
            input_bytes,
        }
    }
}

/// A piece ends with so many bad records: each takes more memory than its text.
pub(crate) const REJECTED_MAX: usize = 1_000;

/// A reader whose decoder isn't ours.
pub(crate) struct Guarded {
    reader: Box<dyn Reader>,
    origin: Arc<str>,
    format: &'static str,
}

impl Guarded {
    /// `begin` makes the reader.
    pub(crate) fn new<R: Reader + 'static>(
        origin: &Arc<str>,
        format: &'static str,
        begin: impl FnOnce() -> Result<R, SourceError>,
    ) -> Result<Self, SourceError> {
        let reader = guard(origin, format, begin)?;
        Ok(Self {
            reader: Box::new(reader),
            origin: Arc::clone(origin),
            format,
        })
    }
}

impl Reader for Guarded {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        guard(&self.origin, self.format, || self.reader.next_piece())
    }
}

/// The decoders of Parquet and Arrow meet some damaged files by a panic; to us, that is one more
/// way to find that a file is damaged. Nobody uses a reader again after it.
fn guard<T>(
    origin: &Arc<str>,
    format: &'static str,
    decode: impl FnOnce() -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        let cause = "its decoder gave up: the file is damaged".to_owned();
        Err(SourceError::Format {
            origin: Arc::clone(origin),
            format,
            cause,
        })
    })
}
