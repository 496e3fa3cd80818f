//! Columns of objects and arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{FieldRef, Fields};
use spile_core::{EncodeError, Misfit, Span, json};

use super::{Column, Failure, found, misfit, too_long};
use crate::keys::Keys;
use crate::shred::{ABSENT, Slots, slice};

/// A struct's fields.
#[derive(Debug)]
pub(super) struct StructColumn {
    keys: Keys,
    slots: Slots,
    columns: Vec<Column>,
}

/// A list's items.
#[derive(Debug)]
pub(super) struct ListColumn {
    item: Column,
}

impl StructColumn {
    pub(super) fn release(&mut self) {
        self.slots = Slots::default();
        self.columns.iter_mut().for_each(Column::release);
    }

    pub(super) fn new(fields: &Fields, declared: bool) -> Result<Self, EncodeError> {
        let keys = Keys::new(fields.iter().map(|field| field.name().as_str()));
        let columns = fields
            .iter()
            .map(|field| Column::within(field, declared))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys,
            slots: Slots::default(),
            columns,
        })
    }

    pub(super) fn build(
        &mut self,
        text: &[u8],
        slots: &[Span],
        field: &FieldRef,
    ) -> Result<ArrayRef, Failure> {
        all_open_with(b'{', text, slots, field)?;
        let unknown = self.slots.shred(text, slots, &mut self.keys);
        if let Some(unknown) = unknown {
            return Err(Failure::Misfit(Misfit {
                at: unknown.row,
                column: format!("{}.{}", field.name(), unknown.key),
                expected: None,
                found: found(slice(text, unknown.value)),
            }));
        }
        let valid = validity(slots);
        let mut children = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter_mut().enumerate() {
            let child = column.build(text, self.slots.column(at));
            let child = child.map_err(|failure| failure.inside(field.name(), |row| row))?;
            refuse_nulls(&column.field, &child, valid.as_ref())
                .map_err(|failure| failure.inside(field.name(), |row| row))?;
            children.push(child);
        }
        let fields = self
            .columns
            .iter()
            .map(|column| FieldRef::clone(&column.field))
            .collect();
        Ok(Arc::new(StructArray::try_new_with_length(
            fields,
            children,
            valid,
            slots.len(),
        )?))
    }
}

impl ListColumn {
    pub(super) fn release(&mut self) {
        self.item.release();
    }

    pub(super) fn new(item: &FieldRef, declared: bool) -> Result<Self, EncodeError> {
        Ok(Self {
            item: Column::within(item, declared)?,
        })
    }

    pub(super) fn build(
        &mut self,
        text: &[u8],
        slots: &[Span],
        field: &FieldRef,
    ) -> Result<ArrayRef, Failure> {
        all_open_with(b'[', text, slots, field)?;
        let mut items = Vec::new();
        let mut ends = Vec::with_capacity(slots.len() + 1);
        ends.push(0);
        for slot in slots {
            push_items(text, *slot, &mut items);
            ends.push(i32::try_from(items.len()).map_err(|_| too_long())?);
        }
        let row = |item: usize| ends.partition_point(|end| *end as usize <= item) - 1;
        let in_list = |failure: Failure| failure.inside(field.name(), row);
        let values = self.item.build(text, &items).map_err(in_list)?;
        refuse_nulls(&self.item.field, &values, None).map_err(in_list)?;
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        let item = FieldRef::clone(&self.item.field);
        Ok(Arc::new(ListArray::try_new(
            item,
            ends,
            values,
            validity(slots),
        )?))
    }
}

/// Appends the places of an array's elements.
fn push_items(text: &[u8], slot: Span, items: &mut Vec<Span>) {
    let mut elements = json::elements(slice(text, slot));
    while let Some(element) = elements.next() {
        let end = slot.start + elements.offset() as u32;
        let start = end - element.len() as u32;
        let null = element[0] == b'n';
        items.push(if null { ABSENT } else { Span { start, end } });
    }
}

/// A null in a column that was declared to have none doesn't fit.
pub(crate) fn refuse_nulls(
    field: &FieldRef,
    array: &ArrayRef,
    parent: Option<&NullBuffer>,
) -> Result<(), Failure> {
    if field.is_nullable() || array.null_count() == 0 {
        return Ok(());
    }
    let counts = |row: &usize| parent.is_none_or(|parent| parent.is_valid(*row));
    match (0..array.len())
        .filter(counts)
        .find(|row| array.is_null(*row))
    {
        Some(row) => Err(misfit(field.name(), field.data_type(), b"null", row)),
        None => Ok(()),
    }
}

fn validity(slots: &[Span]) -> Option<NullBuffer> {
    let valid = NullBuffer::from_iter(slots.iter().map(|slot| *slot != ABSENT));
    Some(valid).filter(|valid| valid.null_count() > 0)
}

fn all_open_with(
    bracket: u8,
    text: &[u8],
    slots: &[Span],
    field: &FieldRef,
) -> Result<(), Failure> {
    let opens = |slot: &Span| {
        slice(text, *slot)
            .first()
            .is_none_or(|first| *first == bracket)
    };
    match slots.iter().position(|slot| !opens(slot)) {
        Some(row) => Err(misfit(
            field.name(),
            field.data_type(),
            slice(text, slots[row]),
            row,
        )),
        None => Ok(()),
    }
}

impl Failure {
    /// The failure of a column, as one of the column around it. `row` says which of its rows it is.
    pub(super) fn inside(self, parent: &str, row: impl Fn(usize) -> usize) -> Self {
        match self {
            Failure::Misfit(misfit) => Failure::Misfit(Misfit {
                at: row(misfit.at),
                column: format!("{parent}.{}", misfit.column),
                ..misfit
            }),
            encode @ Failure::Encode(_) => encode,
        }
    }
}
