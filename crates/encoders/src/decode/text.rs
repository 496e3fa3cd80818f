//! Columns of texts that nobody has said a type of (CSV). A text becomes a value only where the
//! value is written back as the same text.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, FieldRef, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};

use spile_core::{is_declared, is_json_text};

use super::{Failure, by_value, physical, unsupported};
use crate::number::Number;
use crate::{canonical, escape};

/// The texts of a column as values of its type.
pub(crate) fn column(texts: &ArrayRef, field: &FieldRef) -> Result<ArrayRef, Failure> {
    let Some(column) = texts.as_string_opt::<i32>() else {
        return Err(Failure::Encode(unsupported(field)));
    };
    let is_text = *field.data_type() == DataType::Utf8 && !is_json_text(field);
    match field.data_type() {
        _ if is_declared(field) && !is_text => by_value::column(column, field),
        DataType::Utf8 if is_json_text(field) => Ok(quoted(column)),
        DataType::Utf8 => Ok(ArrayRef::clone(texts)),
        DataType::LargeUtf8 | DataType::Utf8View => Ok(cast(texts, field.data_type())?),
        _ => typed(column, field),
    }
}

/// Texts as JSON text: strings.
fn quoted(texts: &StringArray) -> ArrayRef {
    let mut quoted = Vec::new();
    let json = texts.iter().map(|text| {
        quoted.clear();
        escape::push_quoted(text?.as_bytes(), &mut quoted);
        Some(String::from_utf8_lossy(&quoted).into_owned())
    });
    Arc::new(json.collect::<StringArray>())
}

/// No text can become a value of the column: it has no type yet, or one that is written otherwise.
fn refuse_values(texts: &StringArray, field: &FieldRef) -> Result<ArrayRef, Failure> {
    match (0..texts.len()).find(|row| texts.is_valid(*row)) {
        Some(row) => Err(misfit(field, texts, row)),
        None => Ok(arrow::array::new_null_array(
            physical(field).data_type(),
            texts.len(),
        )),
    }
}

fn typed(texts: &StringArray, field: &FieldRef) -> Result<ArrayRef, Failure> {
    let values = Values {
        texts,
        data_type: field.data_type(),
    };
    let built = match field.data_type() {
        DataType::Boolean => values.booleans(),
        DataType::Int8 => values.build::<Int8Type>(integer),
        DataType::Int16 => values.build::<Int16Type>(integer),
        DataType::Int32 => values.build::<Int32Type>(integer),
        DataType::Int64 => values.build::<Int64Type>(integer),
        DataType::UInt8 => values.build::<UInt8Type>(integer),
        DataType::UInt16 => values.build::<UInt16Type>(integer),
        DataType::UInt32 => values.build::<UInt32Type>(integer),
        DataType::UInt64 => values.build::<UInt64Type>(integer),
        DataType::Float64 => values.build::<Float64Type>(canonical::float),
        DataType::Decimal128(precision, scale) => {
            values.build::<Decimal128Type>(|text| decimal(text, *precision, *scale))
        }
        DataType::Date32 => values.build::<Date32Type>(canonical::date),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            values.build::<TimestampMicrosecondType>(canonical::naive)
        }
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            values.build::<TimestampMicrosecondType>(canonical::instant)
        }
        _ => return refuse_values(texts, field),
    };
    built.map_err(|row| misfit(field, texts, row))
}

fn integer<T: TryFrom<i128>>(text: &str) -> Option<T> {
    let number = Number::parse(text.as_bytes()).filter(|_| canonical::is_integer(text))?;
    T::try_from(number.scaled(0)?).ok()
}

/// A decimal's text has all of its places.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let value = Number::parse(text.as_bytes())?.scaled(i64::from(scale))?;
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    let exponent = text.contains(['e', 'E']);
    let zero = value == 0 && text.starts_with('-');
    let same = places as i64 == i64::from(scale) && !exponent && !zero;
    (same && value.abs() < 10_i128.pow(u32::from(precision))).then_some(value)
}

struct Values<'a> {
    texts: &'a StringArray,
    data_type: &'a DataType,
}

impl Values<'_> {
    fn build<T: ArrowPrimitiveType>(
        &self,
        read: impl Fn(&str) -> Option<T::Native>,
    ) -> Result<ArrayRef, usize> {
        let mut values = Vec::with_capacity(self.texts.len());
        for (row, text) in self.texts.iter().enumerate() {
            let value = text.map_or(Some(T::Native::default()), &read);
            values.push(value.ok_or(row)?);
        }
        let array = PrimitiveArray::<T>::new(values.into(), self.texts.nulls().cloned());
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }

    fn booleans(&self) -> Result<ArrayRef, usize> {
        let read = |(row, text): (usize, Option<&str>)| match text {
            Some(text) => canonical::boolean(text).ok_or(row).map(Some),
            None => Ok(None),
        };
        let values: Result<BooleanArray, usize> = self.texts.iter().enumerate().map(read).collect();
        Ok(Arc::new(values?))
    }
}

fn misfit(field: &Field, texts: &StringArray, row: usize) -> Failure {
    let raw = format!("\"{}\"", texts.value(row));
    super::misfit(field.name(), field.data_type(), raw.as_bytes(), row)
}
