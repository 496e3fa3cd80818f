//! Values of Arrow columns as text.

pub(crate) mod nested;
mod scalar;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use spile_core::EncodeError;

use crate::escape;

/// Appends the text of a row's value.
pub(crate) type Push = Box<dyn Fn(usize, &mut Vec<u8>) -> Option<()>>;

/// A column whose values can be written one by one.
pub(crate) struct Cells {
    nulls: Option<NullBuffer>,
    kind: Kind,
}

/// How a value's text stands in JSON.
enum Kind {
    Null,
    /// As it is: booleans, integers, decimals.
    Bare(Push),
    /// As it is, if it is a number: not a number and the infinities are strings.
    Float(Push),
    /// In quotes, with nothing to escape: times, base64.
    Quoted(Push),
    /// In quotes, escaped.
    Text(Push),
    /// As it is, being JSON: structs, lists, maps.
    Json(Push),
}

impl Cells {
    /// Reads a column.
    ///
    /// # Errors
    /// A type that has no text.
    pub(crate) fn new(
        field: &FieldRef,
        array: &ArrayRef,
        format: &'static str,
    ) -> Result<Self, EncodeError> {
        if let DataType::Dictionary(_, values) = field.data_type() {
            let resolved = cast(array, values).map_err(|error| failed(format, error))?;
            let field = FieldRef::new(field.as_ref().clone().with_data_type((**values).clone()));
            return Self::new(&field, &resolved, format);
        }
        let kind = match scalar::kind(array) {
            Some(kind) => kind,
            None => nested::kind(field, array, format)?,
        };
        Ok(Self {
            nulls: array.logical_nulls(),
            kind,
        })
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        let valid = self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        !valid || matches!(self.kind, Kind::Null)
    }

    /// Appends a value as JSON.
    pub(crate) fn push_json(&self, row: usize, text: &mut Vec<u8>) -> Option<()> {
        if self.is_null(row) {
            text.extend_from_slice(b"null");
            return Some(());
        }
        match &self.kind {
            Kind::Null => text.extend_from_slice(b"null"),
            Kind::Bare(push) | Kind::Json(push) => push(row, text)?,
            Kind::Float(push) => push_json_float(push, row, text)?,
            Kind::Quoted(push) => push_quoted(push, row, text)?,
            Kind::Text(push) => {
                let start = text.len();
                push(row, text)?;
                escape::quote_from(start, text);
            }
        }
        Some(())
    }

    /// Appends a value's own text, nothing if it is null.
    pub(crate) fn push_text(&self, row: usize, text: &mut Vec<u8>) -> Option<()> {
        match &self.kind {
            _ if self.is_null(row) => Some(()),
            Kind::Null => Some(()),
            Kind::Bare(push)
            | Kind::Float(push)
            | Kind::Quoted(push)
            | Kind::Text(push)
            | Kind::Json(push) => push(row, text),
        }
    }
}

fn push_quoted(push: &Push, row: usize, text: &mut Vec<u8>) -> Option<()> {
    text.push(b'"');
    push(row, text)?;
    text.push(b'"');
    Some(())
}

/// JSON has no way to write these three but as strings.
fn push_json_float(push: &Push, row: usize, text: &mut Vec<u8>) -> Option<()> {
    let start = text.len();
    push(row, text)?;
    if text[start..].ends_with(b"NaN") || text[start..].ends_with(b"inf") {
        text.insert(start, b'"');
        text.push(b'"');
    }
    Some(())
}

/// A value that no text can be written for.
pub(crate) fn out_of_range(format: &'static str) -> EncodeError {
    EncodeError::Library {
        format,
        source: "a date or time beyond the calendar's range".into(),
    }
}

fn failed(format: &'static str, error: arrow::error::ArrowError) -> EncodeError {
    EncodeError::Library {
        format,
        source: Box::new(error),
    }
}

fn push_str(value: &str, text: &mut Vec<u8>) -> Option<()> {
    text.extend_from_slice(value.as_bytes());
    Some(())
}

fn strings(array: &ArrayRef) -> Option<Push> {
    Some(match array.data_type() {
        DataType::Utf8 => {
            let array = array.as_string::<i32>().clone();
            Box::new(move |row, text| push_str(array.value(row), text))
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>().clone();
            Box::new(move |row, text| push_str(array.value(row), text))
        }
        DataType::Utf8View => {
            let array = array.as_string_view().clone();
            Box::new(move |row, text| push_str(array.value(row), text))
        }
        _ => return None,
    })
}
