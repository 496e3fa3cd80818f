//! Scalars as text.

use std::fmt::{Display, LowerExp};

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, downcast_integer_array,
};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float16Type, Float32Type, Float64Type, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};

use super::{Kind, Push, strings};
use crate::canonical;

const NANOS_PER_MICRO: i64 = 1_000;
const NANOS_PER_MILLI: i64 = 1_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;
const MILLIS_PER_DAY: i64 = 86_400_000;

/// How to write a scalar column; `None` for other types.
pub(super) fn kind(array: &ArrayRef) -> Option<Kind> {
    let kind = match array.data_type() {
        DataType::Null => Kind::Null,
        DataType::Boolean => Kind::Bare(booleans(array)),
        DataType::Float16 => Kind::Float(half_floats(array)),
        DataType::Float32 => Kind::Float(floats::<Float32Type>(array)),
        DataType::Float64 => Kind::Float(floats::<Float64Type>(array)),
        data_type if data_type.is_integer() => Kind::Bare(integers(array)?),
        data_type if data_type.is_decimal() => Kind::Bare(decimals(array)?),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text(strings(array)?),
        _ => Kind::Quoted(binary(array).or_else(|| times(array))?),
    };
    Some(kind)
}

fn booleans(array: &ArrayRef) -> Push {
    let array = array.as_boolean().clone();
    Box::new(move |row, text| {
        let value: &[u8] = if array.value(row) { b"true" } else { b"false" };
        text.extend_from_slice(value);
        Some(())
    })
}

fn integers(array: &ArrayRef) -> Option<Push> {
    let array: &dyn Array = array;
    Some(downcast_integer_array!(array => shown(array), _ => return None))
}

fn shown<T: ArrowPrimitiveType<Native: Display>>(array: &PrimitiveArray<T>) -> Push {
    let array = array.clone();
    Box::new(move |row, text| {
        canonical::push(array.value(row), text);
        Some(())
    })
}

fn floats<T: ArrowPrimitiveType<Native: Into<f64> + Display + LowerExp>>(array: &ArrayRef) -> Push {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, text| {
        canonical::push_float(array.value(row), text);
        Some(())
    })
}

fn half_floats(array: &ArrayRef) -> Push {
    let array = array.as_primitive::<Float16Type>().clone();
    Box::new(move |row, text| {
        canonical::push_float(array.value(row).to_f32(), text);
        Some(())
    })
}

fn decimals(array: &ArrayRef) -> Option<Push> {
    Some(match array.data_type() {
        DataType::Decimal32(..) => decimal(array.as_primitive::<Decimal32Type>()),
        DataType::Decimal64(..) => decimal(array.as_primitive::<Decimal64Type>()),
        DataType::Decimal128(..) => decimal(array.as_primitive::<Decimal128Type>()),
        DataType::Decimal256(..) => decimal(array.as_primitive::<Decimal256Type>()),
        _ => return None,
    })
}

fn decimal<T: DecimalType>(array: &PrimitiveArray<T>) -> Push {
    let array = array.clone();
    Box::new(move |row, text| {
        text.extend_from_slice(array.value_as_string(row).as_bytes());
        Some(())
    })
}

/// Bytes as base64 with padding.
fn binary(array: &ArrayRef) -> Option<Push> {
    Some(match array.data_type() {
        DataType::Binary => {
            let array = array.as_binary::<i32>().clone();
            Box::new(move |row, text| push_base64(array.value(row), text))
        }
        DataType::LargeBinary => {
            let array = array.as_binary::<i64>().clone();
            Box::new(move |row, text| push_base64(array.value(row), text))
        }
        DataType::BinaryView => {
            let array = array.as_binary_view().clone();
            Box::new(move |row, text| push_base64(array.value(row), text))
        }
        DataType::FixedSizeBinary(_) => {
            let array = array.as_fixed_size_binary().clone();
            Box::new(move |row, text| push_base64(array.value(row), text))
        }
        _ => return None,
    })
}

fn push_base64(bytes: &[u8], text: &mut Vec<u8>) -> Option<()> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | u32::from(*three.get(at).unwrap_or(&0))
        });
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { digit } else { b'=' });
        }
    }
    Some(())
}

fn times(array: &ArrayRef) -> Option<Push> {
    Some(match array.data_type() {
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>().clone();
            Box::new(move |row, text| canonical::push_date(array.value(row), text))
        }
        DataType::Date64 => {
            let array = array.as_primitive::<Date64Type>().clone();
            Box::new(move |row, text| push_date64(array.value(row), text))
        }
        DataType::Time32(TimeUnit::Second) => clocks::<Time32SecondType>(array, NANOS_PER_SECOND),
        DataType::Time32(_) => clocks::<Time32MillisecondType>(array, NANOS_PER_MILLI),
        DataType::Time64(TimeUnit::Microsecond) => {
            clocks::<Time64MicrosecondType>(array, NANOS_PER_MICRO)
        }
        DataType::Time64(_) => clocks::<Time64NanosecondType>(array, 1),
        DataType::Timestamp(unit, zone) => timestamps(array, *unit, zone.is_some()),
        _ => return None,
    })
}

/// A date in milliseconds. One that isn't whole days is written as the time that it is.
fn push_date64(millis: i64, text: &mut Vec<u8>) -> Option<()> {
    if millis % MILLIS_PER_DAY == 0 {
        return canonical::push_date(i32::try_from(millis / MILLIS_PER_DAY).ok()?, text);
    }
    canonical::push_timestamp(
        i128::from(millis) * i128::from(NANOS_PER_MILLI),
        false,
        text,
    )
}

fn clocks<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef, unit_nanos: i64) -> Push {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, text| {
        let nanos = array.value(row).into().checked_mul(unit_nanos)?;
        let seconds = u32::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
        canonical::push_clock(seconds, nanos.rem_euclid(NANOS_PER_SECOND) as u32, text);
        Some(())
    })
}

fn timestamps(array: &ArrayRef, unit: TimeUnit, zoned: bool) -> Push {
    match unit {
        TimeUnit::Second => instants::<TimestampSecondType>(array, NANOS_PER_SECOND, zoned),
        TimeUnit::Millisecond => {
            instants::<TimestampMillisecondType>(array, NANOS_PER_MILLI, zoned)
        }
        TimeUnit::Microsecond => {
            instants::<TimestampMicrosecondType>(array, NANOS_PER_MICRO, zoned)
        }
        TimeUnit::Nanosecond => instants::<TimestampNanosecondType>(array, 1, zoned),
    }
}

fn instants<T: ArrowPrimitiveType<Native = i64>>(
    array: &ArrayRef,
    unit_nanos: i64,
    zoned: bool,
) -> Push {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, text| {
        let nanos = i128::from(array.value(row)) * i128::from(unit_nanos);
        canonical::push_timestamp(nanos, zoned, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        let check = |bytes: &[u8], expect: &str| {
            let mut text = Vec::new();
            assert_eq!(push_base64(bytes, &mut text), Some(()));
            assert_eq!(String::from_utf8_lossy(&text), expect);
        };
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(b"foob\xff\xfe", "Zm9vYv/+");
    }
}
