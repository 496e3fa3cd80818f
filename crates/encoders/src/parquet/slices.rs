//! JSON records, decoded some at a time.

use spile_core::{EncodeError, JsonRecords, Misfit};

use crate::decode::{Decoded, RowDecoder};
use crate::shred;

/// After a misfit.
pub(super) const SLICE_ROWS_MIN: usize = 32;
/// No more than the decoder takes at a time.
pub(super) const SLICE_ROWS_MAX: usize = 1_024;

/// The records in slices, up to the first that doesn't fit.
pub(super) struct Slices<'a> {
    pub(super) decoder: &'a mut RowDecoder,
    pub(super) records: &'a JsonRecords,
    pub(super) start: usize,
    /// Records to decode at a time. Few after a misfit, since what is behind one is decoded in vain.
    pub(super) rows: &'a mut usize,
    pub(super) ended: bool,
}

impl Slices<'_> {
    fn decode(&mut self) -> Result<Decoded, EncodeError> {
        let range = shred::next_chunk(self.records, self.start, *self.rows);
        let (start, rows) = (self.start, range.len());
        let Decoded { batch, misfit } = self.decoder.decode(self.records, range)?;
        let misfit = misfit.map(|misfit| Misfit {
            at: start + misfit.at,
            ..misfit
        });
        self.start += rows;
        *self.rows = match misfit {
            Some(_) => SLICE_ROWS_MIN,
            None => (*self.rows * 2).min(SLICE_ROWS_MAX),
        };
        Ok(Decoded { batch, misfit })
    }
}

impl Iterator for Slices<'_> {
    type Item = Result<Decoded, EncodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.start >= self.records.len() {
            return None;
        }
        let decoded = self.decode();
        self.ended = decoded.as_ref().map_or(true, |it| it.misfit.is_some());
        Some(decoded)
    }
}
