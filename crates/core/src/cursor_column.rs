//! The cursors of a batch, whatever form its records have.

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, UInt64Type};
use arrow::error::ArrowError;
use chrono::DateTime;

use crate::cursor::{CursorFault, CursorField};
use crate::json;
use crate::records::{JsonRecords, Records};

/// A cursor's value as its record holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CursorCell<'a> {
    /// A text, or a JSON scalar's own text.
    Text(Cow<'a, str>),
    /// A date or a time.
    Time(TimeCell),
    /// A number.
    Integer(i128),
}

/// A date or a time of a typed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeCell {
    pub(crate) kind: TimeKind,
    /// Since 1970-01-01 00:00:00: of UTC for an instant, else of a clock without a zone.
    pub(crate) nanos: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeKind {
    Date,
    Local,
    Instant,
}

/// The cursors of a batch.
pub(crate) enum CursorColumn<'a> {
    Json(&'a JsonRecords, &'a CursorField),
    Text(StringArray),
    Time {
        kind: TimeKind,
        ticks: Int64Array,
        tick_nanos: i128,
    },
    Signed(Int64Array),
    Unsigned(UInt64Array),
    /// No record has any.
    Absent,
}

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_DAY: i128 = 86_400 * NANOS_PER_SECOND;

impl CursorCell<'_> {
    /// Whether it is a text without any characters.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, CursorCell::Text(text) if text.is_empty())
    }

    /// The value as a text, for `{cursor}`: as a csv object would have it.
    pub(crate) fn raw(&self) -> Cow<'_, str> {
        match self {
            CursorCell::Text(text) => Cow::Borrowed(text),
            CursorCell::Integer(number) => Cow::Owned(number.to_string()),
            CursorCell::Time(time) => Cow::Owned(time.text()),
        }
    }
}

impl TimeCell {
    /// A fraction finer than a microsecond is cut.
    pub(crate) fn micros(self) -> Option<i64> {
        i64::try_from(self.nanos.div_euclid(1_000)).ok()
    }

    fn text(self) -> String {
        let seconds = i64::try_from(self.nanos.div_euclid(NANOS_PER_SECOND)).ok();
        let fraction = self.nanos.rem_euclid(NANOS_PER_SECOND) as u32;
        let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, fraction));
        let Some(time) = time else {
            return self.nanos.to_string();
        };
        match self.kind {
            TimeKind::Date if self.nanos % NANOS_PER_DAY == 0 => {
                time.format("%Y-%m-%d").to_string()
            }
            TimeKind::Date | TimeKind::Local => time.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            TimeKind::Instant => time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
        }
    }
}

impl<'a> CursorColumn<'a> {
    /// Finds the cursors of all records.
    pub(crate) fn of(records: &'a Records, field: &'a CursorField) -> Result<Self, CursorFault> {
        let columns = match records {
            Records::Json(json) => return Ok(CursorColumn::Json(json, field)),
            Records::Text(columns) | Records::Columns(columns) => columns,
        };
        let Some(column) = find_column(columns, field) else {
            return Ok(CursorColumn::Absent);
        };
        let found = || field.no_scalar(format!("values of type {}", column.data_type()));
        Self::typed(&column).ok().flatten().ok_or_else(found)
    }

    /// `None` where values of the type are no cursors.
    fn typed(column: &ArrayRef) -> Result<Option<Self>, ArrowError> {
        let ticks = |kind, tick_nanos| {
            let ticks = integers(column)?;
            Ok(Some(CursorColumn::Time {
                kind,
                ticks,
                tick_nanos,
            }))
        };
        match column.data_type() {
            DataType::Dictionary(_, values) => Self::typed(&cast(column, values)?),
            DataType::Timestamp(unit, Some(_)) => ticks(TimeKind::Instant, nanos(*unit)),
            DataType::Timestamp(unit, None) => ticks(TimeKind::Local, nanos(*unit)),
            DataType::Date32 => ticks(TimeKind::Date, NANOS_PER_DAY),
            DataType::Date64 => ticks(TimeKind::Date, nanos(TimeUnit::Millisecond)),
            DataType::UInt64 => {
                let numbers = column.as_primitive::<UInt64Type>().clone();
                Ok(Some(CursorColumn::Unsigned(numbers)))
            }
            other if other.is_integer() => integers(column).map(CursorColumn::Signed).map(Some),
            other if other.is_nested() || is_binary(other) => Ok(None),
            _ => {
                let texts = cast(column, &DataType::Utf8)?;
                Ok(Some(CursorColumn::Text(texts.as_string().clone())))
            }
        }
    }

    /// The cursor of the record at `index`.
    pub(crate) fn cell(&self, index: usize) -> Result<Option<CursorCell<'_>>, CursorFault> {
        Ok(match self {
            CursorColumn::Json(records, field) => return json_cell(records, field, index),
            CursorColumn::Absent => None,
            CursorColumn::Text(column) => column
                .is_valid(index)
                .then(|| CursorCell::Text(Cow::Borrowed(column.value(index)))),
            CursorColumn::Signed(column) => column
                .is_valid(index)
                .then(|| CursorCell::Integer(column.value(index).into())),
            CursorColumn::Unsigned(column) => column
                .is_valid(index)
                .then(|| CursorCell::Integer(column.value(index).into())),
            CursorColumn::Time {
                kind,
                ticks,
                tick_nanos,
            } => ticks.is_valid(index).then(|| {
                let nanos = i128::from(ticks.value(index)) * tick_nanos;
                CursorCell::Time(TimeCell { kind: *kind, nanos })
            }),
        })
    }
}

/// The column of a field. What is null within a struct that is null itself is null too.
fn find_column(columns: &RecordBatch, field: &CursorField) -> Option<ArrayRef> {
    if let Some(column) = columns.column_by_name(field.name()) {
        return Some(ArrayRef::clone(column));
    }
    let mut keys = field.path.keys();
    let first = ArrayRef::clone(columns.column_by_name(keys.next()?)?);
    keys.try_fold(first, |parent, key| {
        let parent = parent.as_struct_opt()?;
        masked(parent.column_by_name(key)?, parent.nulls())
    })
}

fn masked(child: &ArrayRef, parent: Option<&NullBuffer>) -> Option<ArrayRef> {
    let Some(valid) = parent else {
        return Some(ArrayRef::clone(child));
    };
    nullif(child, &BooleanArray::new(!valid.inner(), None)).ok()
}

/// Of one tick.
fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => NANOS_PER_SECOND,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// No text that a key could be made of.
fn is_binary(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(
        data_type,
        Binary | BinaryView | FixedSizeBinary(_) | LargeBinary
    )
}

fn integers(column: &ArrayRef) -> Result<Int64Array, ArrowError> {
    Ok(cast(column, &DataType::Int64)?
        .as_primitive::<Int64Type>()
        .clone())
}

fn json_cell<'a>(
    records: &'a JsonRecords,
    field: &CursorField,
    index: usize,
) -> Result<Option<CursorCell<'a>>, CursorFault> {
    let record = records.record(index);
    let literal = field.literal.as_ref();
    let literal = literal.and_then(|literal| json::find(record, literal));
    let Some(value) = literal.or_else(|| json::find(record, &field.path)) else {
        return Ok(None);
    };
    match value.first() {
        None | Some(b'n') => Ok(None),
        Some(b'{') => Err(field.no_scalar("an object")),
        Some(b'[') => Err(field.no_scalar("an array")),
        Some(b'"') => Ok(json::unescape(value).map(CursorCell::Text)),
        Some(_) => Ok(Some(CursorCell::Text(String::from_utf8_lossy(value)))),
    }
}

#[cfg(test)]
mod tests;
