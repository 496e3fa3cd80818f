//! Raw values of a column to an Arrow array, exactly or not at all.

mod binary;
mod by_value;
pub(crate) mod conform;
mod nested;
mod primitive;
mod rows;
mod strings;
pub(crate) mod text;
pub(crate) mod typed;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{DataType, Field, FieldRef};
use spile_core::json::{self, Kind};
use spile_core::{
    EncodeError, Misfit, Span, is_declared, is_json_text, is_marked, only_kind, undeclared,
};

use crate::shred::ABSENT;
pub(crate) use nested::refuse_nulls;
use nested::{ListColumn, StructColumn};
pub(crate) use rows::{Decoded, RowDecoder};

/// Makes arrays of one column.
#[derive(Debug)]
pub(crate) struct Column {
    /// The column as its object holds it.
    field: FieldRef,
    kind: ColumnKind,
    /// The only kind of value that it takes, beside null, where its type takes more than what was declared.
    only: Option<Kind>,
}

#[derive(Debug)]
enum ColumnKind {
    Null,
    /// Bytes that nobody has declared: no text is taken for them.
    Bytes,
    Scalar,
    JsonText,
    Struct(Box<StructColumn>),
    List(Box<ListColumn>),
}

/// Why a column can't be built.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A value that doesn't fit, at its row.
    Misfit(Misfit),
    Encode(EncodeError),
}

impl Column {
    /// What one takes up between calls, about.
    pub(crate) const BYTES: usize = 400;

    pub(crate) fn new(field: &FieldRef) -> Result<Self, EncodeError> {
        let column = Self::of_any_kind(field)?;
        let only = only_kind(field);
        Ok(Self { only, ..column })
    }

    /// A column of values that have a type already: only their type matters.
    fn of_any_kind(field: &FieldRef) -> Result<Self, EncodeError> {
        Self::within(field, is_declared(field))
    }

    /// A column, or one inside of a column that was declared, or wasn't.
    fn within(field: &FieldRef, declared: bool) -> Result<Self, EncodeError> {
        let kind = match field.data_type() {
            DataType::Null => ColumnKind::Null,
            DataType::Binary if !declared => ColumnKind::Bytes,
            DataType::Utf8 if is_json_text(field) => ColumnKind::JsonText,
            DataType::Struct(fields) => {
                ColumnKind::Struct(Box::new(StructColumn::new(fields, declared)?))
            }
            DataType::List(item) => ColumnKind::List(Box::new(ListColumn::new(item, declared)?)),
            data_type if primitive::is_known(data_type) => ColumnKind::Scalar,
            _ => return Err(unsupported(field)),
        };
        Ok(Self {
            field: physical(field),
            kind,
            only: None,
        })
    }

    /// The array of the values at `slots` of `text`.
    pub(crate) fn build(&mut self, text: &[u8], slots: &[Span]) -> Result<ArrayRef, Failure> {
        if self.may_take_others()
            && let Some(row) = self.first_other(text, slots)
        {
            return Err(self.misfit(text, slots, row));
        }
        let array = match &mut self.kind {
            ColumnKind::Null | ColumnKind::Bytes => {
                match slots.iter().position(|slot| *slot != ABSENT) {
                    Some(row) => return Err(self.misfit(text, slots, row)),
                    None => new_null_array(self.field.data_type(), slots.len()),
                }
            }
            ColumnKind::JsonText => strings::json_text(text, slots)?,
            ColumnKind::Struct(fields) => return fields.build(text, slots, &self.field),
            ColumnKind::List(items) => return items.build(text, slots, &self.field),
            ColumnKind::Scalar => match primitive::build(self.field.data_type(), text, slots)? {
                Ok(array) => array,
                Err(row) => return Err(self.misfit(text, slots, row)),
            },
        };
        Ok(array)
    }

    /// The first of the values that what was declared of the column doesn't take.
    pub(crate) fn first_misfit(
        &mut self,
        text: &[u8],
        slots: &[Span],
    ) -> Result<Option<Misfit>, EncodeError> {
        if self.only.is_some() {
            return match self.first_other(text, slots) {
                None => Ok(None),
                Some(row) => self.misfit(text, slots, row).into_misfit().map(Some),
            };
        }
        if self.field.is_nullable() && self.takes_text() {
            let row = slots.iter().position(|slot| !is_text(text, *slot));
            return match row.map(|row| self.misfit(text, slots, row)) {
                None => Ok(None),
                Some(failure) => failure.into_misfit().map(Some),
            };
        }
        let built = self.build(text, slots);
        let built = built.and_then(|array| refuse_nulls(&self.field, &array, None));
        built.map_or_else(|failure| failure.into_misfit().map(Some), |()| Ok(None))
    }

    /// The first value of another kind than the only one.
    fn first_other(&self, text: &[u8], slots: &[Span]) -> Option<usize> {
        let only = self.only?;
        let is_other = |slot: &Span| {
            *slot != ABSENT && json::kind(crate::shred::slice(text, *slot)) != Some(only)
        };
        slots.iter().position(is_other)
    }

    /// Whether its type takes values of other kinds than the only one, too.
    fn may_take_others(&self) -> bool {
        let is_json = matches!(self.kind, ColumnKind::JsonText);
        self.only.is_some() && (is_json || self.takes_text())
    }

    /// Whether it takes any text, and nothing else.
    fn takes_text(&self) -> bool {
        let of_text = matches!(self.field.data_type(), DataType::Utf8 | DataType::LargeUtf8);
        of_text && matches!(self.kind, ColumnKind::Scalar)
    }

    /// Gives back the memory that is needed during one call only.
    fn release(&mut self) {
        match &mut self.kind {
            ColumnKind::Struct(fields) => fields.release(),
            ColumnKind::List(items) => items.release(),
            ColumnKind::Null | ColumnKind::Bytes | ColumnKind::Scalar | ColumnKind::JsonText => {}
        }
    }

    fn misfit(&self, text: &[u8], slots: &[Span], row: usize) -> Failure {
        let expected = match self.kind {
            ColumnKind::Null => &DataType::Null,
            _ => self.field.data_type(),
        };
        misfit(
            self.field.name(),
            expected,
            crate::shred::slice(text, slots[row]),
            row,
        )
    }
}

/// The column as an object holds it: what has no type yet is text, and whether the type was declared
/// is nobody's business any more.
pub(crate) fn physical(field: &FieldRef) -> FieldRef {
    if is_marked(field) {
        return physical(&FieldRef::new(undeclared(field.as_ref().clone())));
    }
    let data_type = match field.data_type() {
        DataType::Null => DataType::Utf8,
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(physical).collect()),
        DataType::List(item) => DataType::List(physical(item)),
        _ => return FieldRef::clone(field),
    };
    FieldRef::new(field.as_ref().clone().with_data_type(data_type))
}

fn is_text(text: &[u8], slot: Span) -> bool {
    slot == ABSENT || text.get(slot.start as usize) == Some(&b'"')
}

impl Failure {
    fn into_misfit(self) -> Result<Misfit, EncodeError> {
        match self {
            Failure::Misfit(misfit) => Ok(misfit),
            Failure::Encode(error) => Err(error),
        }
    }
}

fn misfit(column: &str, expected: &DataType, raw: &[u8], at: usize) -> Failure {
    let (column, expected) = (column.to_owned(), Some(expected.clone()));
    Failure::Misfit(Misfit {
        at,
        column,
        expected,
        found: found(raw),
    })
}

/// A raw value, shortened, for a person.
pub(crate) fn found(raw: &[u8]) -> String {
    const CHARACTERS: usize = 40;
    let text = String::from_utf8_lossy(raw);
    let shown = match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    };
    match json::kind(raw) {
        Some(Kind::String) => format!("text {shown}"),
        Some(Kind::Number) => format!("number {shown}"),
        Some(Kind::Array) => format!("array {shown}"),
        Some(Kind::Object) => format!("object {shown}"),
        Some(Kind::Null) | None => "null".to_owned(),
        Some(Kind::Bool) => shown,
    }
}

fn unsupported(field: &Field) -> EncodeError {
    EncodeError::Unsupported {
        format: "parquet",
        column: field.name().clone(),
        data_type: field.data_type().clone(),
        hint: "JSON values have no form of this type: declare another",
    }
}

/// Text of one column is more than Arrow's offsets can count.
fn too_long() -> EncodeError {
    let source = "a column's text of more than 2 GiB".into();
    EncodeError::Library {
        format: "parquet",
        source,
    }
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        Failure::Encode(error)
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Failure::Encode(EncodeError::Library {
            format: "parquet",
            source: Box::new(error),
        })
    }
}
