//! Any record, encoded and read back: each value is the one that went in.

#![expect(clippy::expect_used, reason = "tests")]

mod objects;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field};
use objects::{decimal, encoding, json_records, objects};
use proptest::prelude::*;
use serde_json::{Map, Value};
use spile_core::Records;
use spile_core::time_text::{self, TimeText};

type Row = Map<String, Value>;

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        "-?(0|[1-9][0-9]{0,30})",
        "-?(0|[1-9][0-9]{0,12})\\.[0-9]{1,12}",
        "-?[1-9]\\.[0-9]{1,17}e-?[0-9]{1,2}"
    ];
    let time = "19[0-9]{2}-0[1-9]-[12][0-9]([T ]1[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?(Z|[+-]0[0-9]:30)?)?";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(|number| serde_json::from_str(&number).expect("a number")),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "[,\"\\\\\n\r\t ab]{0,6}".prop_map(Value::from),
        time.prop_map(Value::from),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[xyé]", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Rows whose columns mostly have one kind of value; the first is never null, which csv needs.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = prop::collection::vec(("[abc,\"é\\\\]", value()), 0..4);
    let row = row.prop_map(|fields| {
        let id = ("id".to_owned(), Value::from("1"));
        [id].into_iter().chain(fields).collect::<Row>()
    });
    prop::collection::vec(row, 1..6)
}

fn lines(rows: &[Row]) -> String {
    let line = |row: &Row| serde_json::to_string(row).expect("an object");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A row as the formats see it: what is null isn't there.
fn known(row: &Row) -> Row {
    row.iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// A csv text's records (RFC 4180); a bare empty field is `None`.
fn parse_csv(text: &str) -> Vec<Vec<Option<String>>> {
    let (mut rows, mut row, mut chars) = (Vec::new(), Vec::new(), text.chars().peekable());
    while chars.peek().is_some() {
        let (mut field, quoted) = (String::new(), chars.next_if_eq(&'"').is_some());
        while let Some(char) = chars.next_if(|char| quoted || (*char != ',' && *char != '\n')) {
            if quoted && char == '"' && chars.next_if_eq(&'"').is_none() {
                break;
            }
            field.push(char);
        }
        row.push(Some(field).filter(|field| quoted || !field.is_empty()));
        if chars.next() == Some('\n') {
            rows.push(std::mem::take(&mut row));
        }
    }
    rows
}

/// A record's value as csv has it.
fn csv_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn instant(text: &str) -> Option<i64> {
    match time_text::parse(text.as_bytes())? {
        TimeText::Date(days) => Some(i64::from(days)),
        TimeText::Naive(clock) => Some(clock.micros),
        time => time.instant_micros(),
    }
}

/// Whether a parquet column's value, written as JSON, is the one that went in.
fn same(field: &Field, went_in: &Value, came_out: &Value) -> bool {
    if went_in.is_null() || came_out.is_null() {
        return went_in.is_null() && came_out.is_null();
    }
    if !field.metadata().is_empty() {
        let text = came_out.as_str().unwrap_or_default();
        return serde_json::from_str::<Value>(text).is_ok_and(|value| value == *went_in);
    }
    match (field.data_type(), went_in, came_out) {
        (DataType::Struct(fields), Value::Object(a), Value::Object(b)) => {
            fields.iter().all(|field| {
                let none = &Value::Null;
                same(
                    field,
                    a.get(field.name()).unwrap_or(none),
                    b.get(field.name()).unwrap_or(none),
                )
            })
        }
        (DataType::List(item), Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(item, a, b))
        }
        (DataType::Date32 | DataType::Timestamp(..), Value::String(a), Value::String(b)) => {
            instant(a).is_some() && instant(a) == instant(b)
        }
        (_, Value::Number(a), Value::Number(b)) => {
            decimal(&a.to_string()) == decimal(&b.to_string())
        }
        (_, a, b) => a == b,
    }
}

/// Columns as JSON lines.
fn as_json(columns: RecordBatch) -> Vec<Value> {
    let objects = objects(&*encoding("jsonl"), &Records::Columns(columns), 0);
    let lines = objects[0].text().lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn csv(rows in rows(), sample in 1_usize..3) {
        let mut read = Vec::new();
        for object in objects(&*encoding("csv"), &json_records(&lines(&rows)), sample) {
            let mut records = parse_csv(object.text()).into_iter();
            let header = records.next().expect("a header");
            read.extend(records.map(|record| {
                let fields = header.iter().cloned().zip(record);
                fields.filter_map(|(name, value)| Some((name?, value?))).collect::<Vec<_>>()
            }));
        }
        prop_assert_eq!(read.len(), rows.len());
        for (mut read, row) in read.into_iter().zip(&rows) {
            let mut row: Vec<(String, String)> =
                row.iter().filter_map(|(key, value)| Some((key.clone(), csv_text(value)?))).collect();
            read.sort();
            row.sort();
            prop_assert_eq!(read, row);
        }
    }

    #[test]
    fn jsonl(rows in rows()) {
        let objects = objects(&*encoding("jsonl"), &json_records(&lines(&rows)), 1);
        let read: Vec<Row> = objects[0].text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn parquet(rows in rows(), sample in 1_usize..3) {
        let mut went_in = rows.iter();
        for object in objects(&*encoding("parquet"), &json_records(&lines(&rows)), sample) {
            let columns = object.columns();
            let schema = Arc::clone(columns.schema_ref());
            for came_out in as_json(columns) {
                let row = known(went_in.next().expect("no more rows than went in"));
                for (key, value) in &row {
                    let field = schema.field_with_name(key).expect("a column");
                    prop_assert!(same(field, value, &came_out[key]), "{} {} {}", field, value, came_out);
                }
                let values = came_out.as_object().expect("an object").values();
                prop_assert_eq!(values.filter(|value| !value.is_null()).count(), row.len());
            }
        }
        prop_assert_eq!(went_in.next(), None);
    }

    #[test]
    fn columns_through_parquet_and_back(rows in rows()) {
        let first = objects(&*encoding("parquet"), &json_records(&lines(&rows)), rows.len());
        let columns = first[0].columns();
        let again = objects(&*encoding("parquet"), &Records::Columns(columns.clone()), columns.num_rows());
        prop_assert_eq!(again[0].columns(), columns);
    }
}
