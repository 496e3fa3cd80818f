//! Structs, lists and maps as JSON.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, FieldRef};
use spile_core::EncodeError;

use super::{Cells, Kind, Push};
use crate::escape;

/// How to write a nested column.
pub(super) fn kind(
    field: &FieldRef,
    array: &ArrayRef,
    format: &'static str,
) -> Result<Kind, EncodeError> {
    let push = match array.data_type() {
        DataType::Struct(fields) => {
            structs(fields.iter().zip(array.as_struct().columns()), format)?
        }
        DataType::List(item) => {
            let lists = array.as_list::<i32>().clone();
            let items = Cells::new(item, lists.values(), format)?;
            let range = move |row: usize| {
                let ends = lists.value_offsets();
                (ends[row] as usize, ends[row + 1] as usize)
            };
            push_items(items, range)
        }
        DataType::LargeList(item) => {
            let lists = array.as_list::<i64>().clone();
            let items = Cells::new(item, lists.values(), format)?;
            let range = move |row: usize| {
                let ends = lists.value_offsets();
                (ends[row] as usize, ends[row + 1] as usize)
            };
            push_items(items, range)
        }
        DataType::FixedSizeList(item, length) => {
            let length = *length as usize;
            let items = Cells::new(item, array.as_fixed_size_list().values(), format)?;
            push_items(items, move |row| (row * length, (row + 1) * length))
        }
        DataType::Map(..) => maps(array, format)?,
        other => return Err(unsupported(field, other, format)),
    };
    Ok(Kind::Json(push))
}

fn structs<'a>(
    columns: impl Iterator<Item = (&'a FieldRef, &'a ArrayRef)>,
    format: &'static str,
) -> Result<Push, EncodeError> {
    let column = |(field, array): (&FieldRef, &ArrayRef)| {
        Ok((escape::key(field.name()), Cells::new(field, array, format)?))
    };
    let columns: Vec<(Vec<u8>, Cells)> = columns.map(column).collect::<Result<_, _>>()?;
    Ok(Box::new(move |row, text| {
        push_object(
            columns.iter().map(|(key, cells)| (key.as_slice(), cells)),
            row,
            text,
        )
    }))
}

/// Appends an object of a row's values. Keys come with their quotes and colons.
pub(crate) fn push_object<'a>(
    columns: impl Iterator<Item = (&'a [u8], &'a Cells)>,
    row: usize,
    text: &mut Vec<u8>,
) -> Option<()> {
    let mut separator = b'{';
    for (key, cells) in columns {
        text.push(separator);
        text.extend_from_slice(key);
        cells.push_json(row, text)?;
        separator = b',';
    }
    if separator == b'{' {
        text.push(separator);
    }
    text.push(b'}');
    Some(())
}

fn push_items(items: Cells, range: impl Fn(usize) -> (usize, usize) + 'static) -> Push {
    Box::new(move |row, text| {
        let (start, end) = range(row);
        text.push(b'[');
        for item in start..end {
            if item > start {
                text.push(b',');
            }
            items.push_json(item, text)?;
        }
        text.push(b']');
        Some(())
    })
}

/// Maps become objects; a key that isn't text becomes the text that it is written as.
fn maps(array: &ArrayRef, format: &'static str) -> Result<Push, EncodeError> {
    let maps = array.as_map().clone();
    let entries = maps.entries();
    let cells = |at: usize| Cells::new(&entries.fields()[at], entries.column(at), format);
    let (keys, values) = (cells(0)?, cells(1)?);
    Ok(Box::new(move |row, text| {
        let ends = maps.value_offsets();
        text.push(b'{');
        for entry in ends[row] as usize..ends[row + 1] as usize {
            if entry > ends[row] as usize {
                text.push(b',');
            }
            let start = text.len();
            keys.push_text(entry, text)?;
            escape::quote_from(start, text);
            text.push(b':');
            values.push_json(entry, text)?;
        }
        text.push(b'}');
        Some(())
    }))
}

fn unsupported(field: &FieldRef, data_type: &DataType, format: &'static str) -> EncodeError {
    EncodeError::Unsupported {
        format,
        column: field.name().clone(),
        data_type: data_type.clone(),
        hint: "it has no text that readers agree on: cast it to a number or to text first",
    }
}
