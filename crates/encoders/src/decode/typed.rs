//! Columns with types that their source declared, as columns of wider types: each value exactly or
//! not at all.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, StructArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use spile_core::{EncodeError, Misfit, Span, is_declared, is_json_text};

use super::{Column, Failure, misfit, physical, refuse_nulls, too_long};
use crate::cells::{Cells, out_of_range};
use crate::shred::{ABSENT, slice};
use crate::unknown::first_value;

const FORMAT: &str = "parquet";

/// A column of the field `from` as one of the field `to`.
pub(crate) fn column(array: &ArrayRef, from: &Field, to: &FieldRef) -> Result<ArrayRef, Failure> {
    let held = physical(to);
    let text_alike = is_json_text(from) == is_json_text(to);
    if text_alike && array.data_type() == held.data_type() && !to.data_type().is_null() {
        return Ok(ArrayRef::clone(array));
    }
    let Some(first) = first_value(array) else {
        return Ok(new_null_array(held.data_type(), array.len()));
    };
    match (array.data_type(), to.data_type()) {
        (DataType::Float16 | DataType::Float32, DataType::Float64) => {
            Ok(cast(array, &DataType::Float64)?)
        }
        // Each type that can be declared has a form in JSON, at every depth.
        _ if is_declared(to) => by_text(array, from, to),
        // What is text to its source and JSON to us isn't looked into.
        (_, DataType::Null) | (DataType::Utf8, DataType::Utf8) if !is_json_text(to) => {
            refuse(array, from, to, first)
        }
        (DataType::Struct(_), DataType::Struct(fields)) => structs(array.as_struct(), fields, to),
        (DataType::List(item), DataType::List(wide)) => {
            lists(array.as_list::<i32>(), item, wide, to)
        }
        _ => by_text(array, from, to),
    }
}

/// Whether all values of a column have room in the field `to`.
pub(crate) fn takes(array: &ArrayRef, from: &Field, to: &FieldRef) -> bool {
    column(array, from, to).is_ok_and(|wide| refuse_nulls(to, &wide, None).is_ok())
}

fn structs(array: &StructArray, fields: &Fields, to: &FieldRef) -> Result<ArrayRef, Failure> {
    let nulls = array.nulls();
    let within = |failure: Failure| failure.inside(to.name(), |row| row);
    let mut children = Vec::with_capacity(fields.len());
    for field in fields {
        let child = match array.fields().find(field.name()) {
            Some((at, from)) => column(&masked(array.column(at), nulls)?, from, field),
            None => Ok(new_null_array(physical(field).data_type(), array.len())),
        };
        let child = child.map_err(within)?;
        refuse_nulls(field, &child, nulls).map_err(within)?;
        children.push(child);
    }
    refuse_unknown(array, fields).map_err(within)?;
    let fields = fields.iter().map(physical).collect();
    let wide = StructArray::try_new_with_length(fields, children, nulls.cloned(), array.len());
    Ok(Arc::new(wide?))
}

/// A value in a field that the wider struct doesn't have.
fn refuse_unknown(array: &StructArray, fields: &Fields) -> Result<(), Failure> {
    for (from, child) in array.fields().iter().zip(array.columns()) {
        let child = masked(child, array.nulls())?;
        if let (None, Some(at)) = (fields.find(from.name()), first_value(&child)) {
            return Err(Failure::Misfit(Misfit {
                at,
                column: from.name().clone(),
                expected: None,
                found: format!("a column of {}", from.data_type()),
            }));
        }
    }
    Ok(())
}

/// Of a null struct the fields are null, whatever stands in their arrays.
fn masked(child: &ArrayRef, nulls: Option<&NullBuffer>) -> Result<ArrayRef, Failure> {
    match nulls {
        Some(nulls) => {
            let null = BooleanArray::new(!nulls.inner(), None);
            Ok(nullif(child, &null)?)
        }
        None => Ok(ArrayRef::clone(child)),
    }
}

fn lists(
    array: &ListArray,
    item: &FieldRef,
    wide: &FieldRef,
    to: &FieldRef,
) -> Result<ArrayRef, Failure> {
    let ends = array.offsets();
    let (first, last) = (ends[0] as usize, ends[array.len()] as usize);
    let row = |item: usize| ends.partition_point(|end| *end as usize <= first + item) - 1;
    let within = |failure: Failure| failure.inside(to.name(), row);
    let values = array.values().slice(first, last - first);
    let values = column(&values, item, wide).map_err(within)?;
    refuse_nulls(wide, &values, None).map_err(within)?;
    let ends = OffsetBuffer::from_lengths(ends.lengths());
    let nulls = array.nulls().cloned();
    Ok(Arc::new(ListArray::try_new(
        physical(wide),
        ends,
        values,
        nulls,
    )?))
}

/// Writes each value as JSON and reads it as the wider type.
fn by_text(array: &ArrayRef, from: &Field, to: &FieldRef) -> Result<ArrayRef, Failure> {
    let texts = Texts::of(array, from)?;
    match Column::of_any_kind(to) {
        Ok(mut column) => column.build(&texts.text, &texts.slots),
        // No JSON can become this type.
        Err(_) => Err(texts.refuse(to, first_value(array).unwrap_or_default())),
    }
}

fn refuse(array: &ArrayRef, from: &Field, to: &FieldRef, row: usize) -> Result<ArrayRef, Failure> {
    let texts = Texts::of(&array.slice(0, row + 1), from)?;
    Err(texts.refuse(to, row))
}

/// A column's values as JSON.
pub(crate) struct Texts {
    text: Vec<u8>,
    slots: Vec<Span>,
}

impl Texts {
    /// # Errors
    /// A type or a value that no text can be written for.
    pub(crate) fn of(array: &ArrayRef, field: &Field) -> Result<Self, EncodeError> {
        let cells = Cells::new(&Arc::new(field.clone()), array, FORMAT)?;
        let (mut text, mut slots) = (Vec::new(), Vec::with_capacity(array.len()));
        for row in 0..array.len() {
            if cells.is_null(row) {
                slots.push(ABSENT);
                continue;
            }
            let start = offset(text.len())?;
            let pushed = cells.push_json(row, &mut text);
            pushed.ok_or_else(|| out_of_range(FORMAT))?;
            let end = offset(text.len())?;
            slots.push(Span { start, end });
        }
        Ok(Self { text, slots })
    }

    /// Each value that isn't null.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let values = self.slots.iter().filter(|slot| **slot != ABSENT);
        values.map(|slot| slice(&self.text, *slot))
    }

    fn refuse(&self, to: &Field, row: usize) -> Failure {
        let raw = self.slots.get(row).map(|slot| slice(&self.text, *slot));
        misfit(to.name(), to.data_type(), raw.unwrap_or_default(), row)
    }
}

pub(super) fn offset(length: usize) -> Result<u32, EncodeError> {
    u32::try_from(length).map_err(|_| too_long())
}
