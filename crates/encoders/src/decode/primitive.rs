//! Columns of scalars.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{ArrayRef, ArrowPrimitiveType, BooleanBuilder, PrimitiveArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use spile_core::time_text::{self, TimeText};
use spile_core::{Span, json};

use super::{Failure, binary, strings};
use crate::number::{self, Number};
use crate::shred::slice;

/// An array, or the row of the first value that doesn't fit.
pub(super) type Built = Result<Result<ArrayRef, usize>, Failure>;

/// Whether JSON values can be columns of this scalar type.
pub(super) fn is_known(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary
    ) || matches!(
        data_type,
        DataType::Date32 | DataType::Decimal128(..) | DataType::Decimal256(..)
    ) || matches!(
        data_type,
        DataType::Timestamp(..) | DataType::Time64(TimeUnit::Microsecond)
    ) || matches!(data_type, DataType::Float32 | DataType::Float64)
        || data_type.is_integer()
}

pub(super) fn build(data_type: &DataType, text: &[u8], slots: &[Span]) -> Built {
    let cells = Cells {
        text,
        slots,
        data_type,
    };
    Ok(match data_type {
        DataType::Utf8 => return strings::text::<i32>(text, slots),
        DataType::LargeUtf8 => return strings::text::<i64>(text, slots),
        DataType::Binary => return binary::bytes(text, slots),
        DataType::Boolean => cells.booleans(),
        DataType::Int64 => cells.build::<Int64Type>(number::integer),
        DataType::Float64 => cells.build::<Float64Type>(number::float),
        DataType::Date32 => cells.build::<Date32Type>(date),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            cells.build::<TimestampMicrosecondType>(instant)
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            cells.build::<TimestampMicrosecondType>(naive)
        }
        DataType::Decimal128(precision, scale) => {
            let limit = 10_i128.pow(u32::from(*precision));
            let scale = i64::from(*scale);
            cells.build::<Decimal128Type>(|raw| {
                let value = Number::parse(raw)?.scaled(scale)?;
                (value.abs() < limit).then_some(value)
            })
        }
        _ => return Ok(rare(&cells)),
    })
}

/// Types that are only ever declared.
fn rare(cells: &Cells<'_>) -> Result<ArrayRef, usize> {
    fn small<T: TryFrom<i64>>(raw: &[u8]) -> Option<T> {
        T::try_from(number::integer(raw)?).ok()
    }
    match cells.data_type {
        DataType::Int8 => cells.build::<Int8Type>(small),
        DataType::Int16 => cells.build::<Int16Type>(small),
        DataType::Int32 => cells.build::<Int32Type>(small),
        DataType::UInt8 => cells.build::<UInt8Type>(small),
        DataType::UInt16 => cells.build::<UInt16Type>(small),
        DataType::UInt32 => cells.build::<UInt32Type>(small),
        DataType::UInt64 => {
            cells.build::<UInt64Type>(|raw| u64::try_from(Number::parse(raw)?.scaled(0)?).ok())
        }
        DataType::Decimal256(precision, scale) => {
            let (digits, scale) = (u32::from(*precision), i64::from(*scale));
            cells.build::<Decimal256Type>(|raw| Number::parse(raw)?.scaled_256(scale, digits))
        }
        DataType::Float32 => cells.build::<Float32Type>(|raw| Number::parse(raw)?.to_f32()),
        DataType::Time64(_) => cells.build::<Time64MicrosecondType>(clock),
        DataType::Timestamp(unit, zone) => timestamps(cells, *unit, zone.is_some()),
        _ => Err(0),
    }
}

fn timestamps(cells: &Cells<'_>, unit: TimeUnit, zoned: bool) -> Result<ArrayRef, usize> {
    let micros = move |raw: &[u8]| if zoned { instant(raw) } else { naive(raw) };
    let coarse = move |raw: &[u8], per: i64| {
        let micros = micros(raw)?;
        (micros % per == 0).then_some(micros / per)
    };
    match unit {
        TimeUnit::Second => cells.build::<TimestampSecondType>(|raw| coarse(raw, 1_000_000)),
        TimeUnit::Millisecond => cells.build::<TimestampMillisecondType>(|raw| coarse(raw, 1_000)),
        TimeUnit::Microsecond => cells.build::<TimestampMicrosecondType>(micros),
        TimeUnit::Nanosecond => {
            cells.build::<TimestampNanosecondType>(|raw| micros(raw)?.checked_mul(1_000))
        }
    }
}

struct Cells<'a> {
    text: &'a [u8],
    slots: &'a [Span],
    data_type: &'a DataType,
}

impl Cells<'_> {
    #[inline]
    fn build<T: ArrowPrimitiveType>(
        &self,
        read: impl Fn(&[u8]) -> Option<T::Native>,
    ) -> Result<ArrayRef, usize> {
        let mut values = Vec::with_capacity(self.slots.len());
        let mut valid = NullBufferBuilder::new(self.slots.len());
        for (row, slot) in self.slots.iter().enumerate() {
            let raw = slice(self.text, *slot);
            if raw.is_empty() {
                values.push(T::Native::default());
                valid.append_null();
            } else {
                values.push(read(raw).ok_or(row)?);
                valid.append_non_null();
            }
        }
        let array = PrimitiveArray::<T>::new(values.into(), valid.finish());
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }

    fn booleans(&self) -> Result<ArrayRef, usize> {
        let mut values = BooleanBuilder::with_capacity(self.slots.len());
        for (row, slot) in self.slots.iter().enumerate() {
            match slice(self.text, *slot) {
                b"" => values.append_null(),
                b"true" => values.append_value(true),
                b"false" => values.append_value(false),
                _ => return Err(row),
            }
        }
        Ok(Arc::new(values.finish()))
    }
}

fn date(raw: &[u8]) -> Option<i32> {
    match time_text::parse(&string(raw)?)? {
        TimeText::Date(days) => Some(days),
        TimeText::Naive(_) | TimeText::Offset { .. } => None,
    }
}

fn naive(raw: &[u8]) -> Option<i64> {
    match time_text::parse(&string(raw)?)? {
        TimeText::Naive(clock) if !clock.inexact => Some(clock.micros),
        _ => None,
    }
}

fn instant(raw: &[u8]) -> Option<i64> {
    match time_text::parse(&string(raw)?)? {
        TimeText::Offset { clock, .. } if clock.inexact => None,
        time => time.instant_micros(),
    }
}

/// Microseconds since midnight of `11:23:45.5`.
fn clock(raw: &[u8]) -> Option<i64> {
    let text = [b"1970-01-01T", &*string(raw)?].concat();
    match time_text::parse(&text)? {
        TimeText::Naive(clock) if !clock.inexact => Some(clock.micros),
        _ => None,
    }
}

/// A string's text.
#[inline]
pub(super) fn string(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if !inner.contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    Some(Cow::Owned(json::unescape(raw)?.into_owned().into_bytes()))
}
