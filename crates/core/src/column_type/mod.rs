//! The types of columns as text: `decimal(18, 2)`.

mod error;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::column_marks::{is_json_text, json_text_field};
pub use error::ColumnTypeError;
pub use parse::parse_columns;

/// The type of a column that can be null, in the words that people and documents use.
///
/// | text | in Arrow |
/// |---|---|
/// | `bool` | `Boolean` |
/// | `int8` to `int64`, `uint8` to `uint64` | the same |
/// | `float32`, `float64` | the same |
/// | `decimal(p, s)` | `Decimal128` of `p` digits, `s` of them places; from 39 to 76 digits `Decimal256` |
/// | `text` | `Utf8` |
/// | `json` | `Utf8` in which each value stands as JSON text |
/// | `binary` | `Binary` |
/// | `date` | `Date32` |
/// | `time` | `Time64(µs)` |
/// | `timestamp` | `Timestamp(µs)` |
/// | `timestamp_utc` | `Timestamp(µs, UTC)` |
/// | `list(T)` | `List` of a `T` |
/// | `struct(a T, b U)` | `Struct` |
/// | `null` | `Null`: no value has been seen |
///
/// ```
/// use arrow::datatypes::DataType;
/// use spile_core::{ColumnType, parse_columns};
///
/// let amount: ColumnType = "decimal(18,2)".parse()?;
/// assert_eq!(amount.field("amount").data_type(), &DataType::Decimal128(18, 2));
/// assert_eq!(amount.to_string(), "decimal(18, 2)");
///
/// let columns = parse_columns(r#"id int64, "unit price" decimal(18, 2), tags list(text)"#)?;
/// assert_eq!(columns[1].name(), "unit price");
/// # Ok::<(), spile_core::ColumnTypeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnType {
    data_type: DataType,
    /// Whether values stand as JSON text.
    json: bool,
}

/// Types without arguments, by their words.
const PLAIN: [&str; 19] = [
    "null",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "text",
    "json",
    "binary",
    "date",
    "time",
    "timestamp",
    "timestamp_utc",
];

impl ColumnType {
    /// The type of a column, or `None` where there is no word for it. Whether the column can be
    /// null isn't part of it.
    pub fn of(field: &Field) -> Option<Self> {
        match field.data_type() {
            DataType::Utf8 if is_json_text(field) => Self::plain("json"),
            DataType::List(item) => Some(Self::list(&Self::of(item)?)),
            DataType::Struct(fields) if !fields.is_empty() => {
                let fields = fields.iter().map(|field| {
                    let column = Self::of(field)?;
                    Some(column.field(field.name()))
                });
                Some(Self::structure(fields.collect::<Option<_>>()?))
            }
            DataType::Decimal128(digits, places) | DataType::Decimal256(digits, places) => {
                let decimal = Self::decimal(*digits, u8::try_from(*places).ok()?)?;
                (decimal.data_type == *field.data_type()).then_some(decimal)
            }
            other => PLAIN
                .into_iter()
                .filter_map(Self::plain)
                .find(|plain| plain.data_type == *other && !plain.json),
        }
    }

    /// A column of this type, which can be null.
    pub fn field(&self, name: &str) -> Field {
        if self.json {
            return json_text_field(name);
        }
        Field::new(name, self.data_type.clone(), true)
    }

    fn plain(word: &str) -> Option<Self> {
        let data_type = match word {
            "null" => DataType::Null,
            "bool" => DataType::Boolean,
            "int8" => DataType::Int8,
            "int16" => DataType::Int16,
            "int32" => DataType::Int32,
            "int64" => DataType::Int64,
            "uint8" => DataType::UInt8,
            "uint16" => DataType::UInt16,
            "uint32" => DataType::UInt32,
            "uint64" => DataType::UInt64,
            "float32" => DataType::Float32,
            "float64" => DataType::Float64,
            "text" | "json" => DataType::Utf8,
            "binary" => DataType::Binary,
            "date" => DataType::Date32,
            "time" => DataType::Time64(TimeUnit::Microsecond),
            "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "timestamp_utc" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            _ => return None,
        };
        let json = word == "json";
        Some(Self { data_type, json })
    }

    /// A decimal of so many digits, some of them behind the point.
    pub(crate) fn decimal(digits: u8, places: u8) -> Option<Self> {
        let scale = i8::try_from(places).ok().filter(|_| places <= digits)?;
        match digits {
            1..=38 => Some(Self::typed(DataType::Decimal128(digits, scale))),
            39..=76 => Some(Self::typed(DataType::Decimal256(digits, scale))),
            _ => None,
        }
    }

    pub(crate) fn list(item: &Self) -> Self {
        let item = item.field(Field::LIST_FIELD_DEFAULT_NAME);
        Self::typed(DataType::List(Arc::new(item)))
    }

    pub(crate) fn structure(fields: Vec<Field>) -> Self {
        Self::typed(DataType::Struct(fields.into()))
    }

    fn typed(data_type: DataType) -> Self {
        let json = false;
        Self { data_type, json }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data_type {
            DataType::Decimal128(digits, places) | DataType::Decimal256(digits, places) => {
                write!(f, "decimal({digits}, {places})")
            }
            DataType::List(item) => write!(f, "list({})", Shown(item)),
            DataType::Struct(fields) => {
                f.write_str("struct(")?;
                for (at, field) in fields.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{} {}", parse::Name(field.name()), Shown(field))?;
                }
                f.write_str(")")
            }
            _ => {
                let is_it = |word: &&str| Self::plain(word).as_ref() == Some(self);
                f.write_str(PLAIN.into_iter().find(is_it).unwrap_or_default())
            }
        }
    }
}

/// A column's type as text. Each column inside of a [`ColumnType`] has one.
struct Shown<'a>(&'a Field);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ColumnType::of(self.0).map_or(Ok(()), |column| column.fmt(f))
    }
}
