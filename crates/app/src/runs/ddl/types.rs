//! The types of columns, and what several objects' come to.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use spile_core::ledger::ColumnRecord;
use spile_core::{ColumnType, is_json_text};

/// A column with its type. What is unknown is text.
pub(super) fn column(record: &ColumnRecord) -> FieldRef {
    let (name, word) = (&record.name, &record.column_type);
    let field = match (word.parse::<ColumnType>(), word.parse::<DataType>()) {
        (Ok(known), _) => known.field(name),
        (_, Ok(of_arrow)) => Field::new(name, of_arrow, true),
        _ => Field::new(name, DataType::Utf8, true),
    };
    Arc::new(field)
}

/// Adds the columns of an object to those of others.
pub(super) fn add(all: &mut Vec<FieldRef>, columns: &[FieldRef]) {
    for column in columns {
        match all.iter_mut().find(|known| known.name() == column.name()) {
            Some(known) => *known = joined(known, column),
            None => all.push(Arc::clone(column)),
        }
    }
}

/// A column that has room for the values of both: text, where nothing else has.
fn joined(one: &FieldRef, other: &FieldRef) -> FieldRef {
    let is_same = one.data_type() == other.data_type() && is_json_text(one) == is_json_text(other);
    match (one.data_type(), other.data_type()) {
        _ if is_same => Arc::clone(one),
        (DataType::Null, _) => Arc::clone(other),
        (_, DataType::Null) => Arc::clone(one),
        (a, b) => {
            let joined = joined_numbers(a, b).unwrap_or(DataType::Utf8);
            Arc::new(Field::new(one.name(), joined, true))
        }
    }
}

fn joined_numbers(one: &DataType, other: &DataType) -> Option<DataType> {
    use DataType::{Decimal128, Float32, Float64, Int64};
    match (one, other) {
        (Float32, Float64) | (Float64, Float32) => return Some(Float64),
        (float @ Float64, other) | (other, float @ Float64) if digits(other)? <= 15 => {
            return Some(float.clone());
        }
        (Float32 | Float64, _) | (_, Float32 | Float64) => return None,
        _ => {}
    }
    let (whole, places) = (
        whole_digits(one)?.max(whole_digits(other)?),
        places(one).max(places(other)),
    );
    match (one.is_integer() && other.is_integer(), whole + places) {
        (true, 0..=19) if !is_of_uint64(one) && !is_of_uint64(other) => Some(Int64),
        (_, digits @ 1..=38) => Some(Decimal128(digits, i8::try_from(places).ok()?)),
        _ => None,
    }
}

fn is_of_uint64(data_type: &DataType) -> bool {
    *data_type == DataType::UInt64
}

fn digits(data_type: &DataType) -> Option<u8> {
    Some(whole_digits(data_type)? + places(data_type))
}

fn whole_digits(data_type: &DataType) -> Option<u8> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        DataType::Int64 => 19,
        DataType::UInt64 => 20,
        DataType::Decimal128(digits, places) if *places >= 0 => digits - places.unsigned_abs(),
        _ => return None,
    })
}

fn places(data_type: &DataType) -> u8 {
    match data_type {
        DataType::Decimal128(_, places) => places.unsigned_abs(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expect: &str) {
        let mut all = Vec::new();
        for word in words {
            let record = ColumnRecord {
                name: "a".to_owned(),
                column_type: (*word).to_owned(),
            };
            add(&mut all, &[column(&record)]);
        }
        let [field] = &all[..] else {
            panic!("one column: {all:?}")
        };
        let word = ColumnType::of(field).map(|word| word.to_string());
        assert_eq!(word.as_deref(), Some(expect), "{words:?}");
    }

    #[test]
    fn columns_that_differ_have_room_for_both_or_are_text() {
        check(&["int64", "int64"], "int64");
        check(&["null", "date"], "date");
        check(&["int8", "int64"], "int64");
        check(&["int32", "uint64"], "decimal(20, 0)");
        check(&["decimal(5, 2)", "decimal(10, 0)"], "decimal(12, 2)");
        check(&["int64", "decimal(38, 10)"], "decimal(38, 10)");
        check(&["int32", "float64"], "float64");
        check(&["int64", "float64"], "text");
        check(&["float32", "float64"], "float64");
        check(&["timestamp", "timestamp_utc"], "text");
        check(&["json", "text"], "text");
        check(&["list(int64)", "list(text)"], "text");
        check(&["who knows"], "text");
    }

    #[test]
    fn words_of_arrow_are_known() {
        let record = ColumnRecord {
            name: "at".to_owned(),
            column_type: DataType::LargeUtf8.to_string(),
        };
        assert_eq!(column(&record).data_type(), &DataType::LargeUtf8);
    }
}
