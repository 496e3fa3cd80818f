//! Columns of text.

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, GenericStringArray, OffsetSizeTrait};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use spile_core::{Span, json};

use super::primitive::Built;
use super::{Failure, too_long};
use crate::shred::slice;

/// Strings without their quotes and escapes.
pub(super) fn text<O: OffsetSizeTrait>(text: &[u8], slots: &[Span]) -> Built {
    let mut column = TextColumn::<O>::new(slots);
    for (row, slot) in slots.iter().enumerate() {
        let raw = slice(text, *slot);
        if !raw.is_empty() && json::unescape_into(raw, &mut column.values).is_none() {
            return Ok(Err(row));
        }
        column.end_row(raw)?;
    }
    Ok(Ok(column.finish()?))
}

/// Values as they stand.
pub(super) fn json_text(text: &[u8], slots: &[Span]) -> Result<ArrayRef, Failure> {
    let mut column = TextColumn::<i32>::new(slots);
    for slot in slots {
        let raw = slice(text, *slot);
        column.values.extend_from_slice(raw);
        column.end_row(raw)?;
    }
    column.finish()
}

struct TextColumn<O> {
    values: Vec<u8>,
    ends: Vec<O>,
    valid: NullBufferBuilder,
}

impl<O: OffsetSizeTrait> TextColumn<O> {
    fn new(slots: &[Span]) -> Self {
        let bytes = slots
            .iter()
            .map(|slot| (slot.end - slot.start) as usize)
            .sum();
        let mut ends = Vec::with_capacity(slots.len() + 1);
        ends.push(O::zero());
        let valid = NullBufferBuilder::new(slots.len());
        Self {
            values: Vec::with_capacity(bytes),
            ends,
            valid,
        }
    }

    #[inline]
    fn end_row(&mut self, raw: &[u8]) -> Result<(), Failure> {
        self.ends
            .push(O::from_usize(self.values.len()).ok_or_else(too_long)?);
        self.valid.append(!raw.is_empty());
        Ok(())
    }

    /// The array. Its text is checked to be UTF-8 as a whole, which is far quicker than each value.
    fn finish(mut self) -> Result<ArrayRef, Failure> {
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        let values = Buffer::from_vec(self.values);
        Ok(Arc::new(GenericStringArray::<O>::try_new(
            ends,
            values,
            self.valid.finish(),
        )?))
    }
}
