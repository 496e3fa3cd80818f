//! Batches of typed columns, one after the other: all are loaded, and each value is the one that
//! went in.

#![expect(clippy::expect_used, reason = "tests")]

mod objects;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use objects::columns::{array, batch};
use objects::{Object, decimal, encoding, json_records, load, objects};
use proptest::prelude::*;
use serde_json::{Value, json};
use spile_core::Records;

/// Rows as JSON, without nulls.
fn rows(columns: &RecordBatch) -> Vec<Value> {
    let written = objects(&*encoding("jsonl"), &Records::Columns(columns.clone()), 0);
    let row = |line| serde_json::from_str(line).expect("JSON");
    written[0].text().lines().map(row).collect()
}

/// Whether a value that was read back is the one that went in. JSON text is one by what it says.
fn same(went_in: &Value, came_out: &Value, field: Option<&Field>) -> bool {
    match (went_in, came_out) {
        (went_in, Value::String(text)) if is_json(field) && !went_in.is_null() => {
            let value: Value = serde_json::from_str(text).expect("JSON");
            same(went_in, &value, None)
        }
        (Value::Number(a), Value::Number(b)) => decimal(&a.to_string()) == decimal(&b.to_string()),
        (Value::Array(a), Value::Array(b)) => {
            let item = match field.map(Field::data_type) {
                Some(DataType::List(item)) => Some(item.as_ref()),
                _ => None,
            };
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, item))
        }
        (Value::Object(a), Value::Object(b)) => {
            let fields = match field.map(Field::data_type) {
                Some(DataType::Struct(fields)) => Some(fields),
                _ => None,
            };
            a.keys().chain(b.keys()).all(|key| {
                let field = fields.and_then(|fields| fields.find(key));
                let field = field.map(|(_, field)| field.as_ref());
                let value = |object: &serde_json::Map<_, _>| {
                    object.get(key).cloned().unwrap_or(Value::Null)
                };
                same(&value(a), &value(b), field)
            })
        }
        (a, b) => a == b,
    }
}

fn is_json(field: Option<&Field>) -> bool {
    field.is_some_and(|field| field.metadata().contains_key("spile.text"))
}

fn read_back(objects: &[Object]) -> Vec<(Fields, Value)> {
    let rows_of = |object: &Object| {
        let columns = object.columns();
        let fields = columns.schema_ref().fields().clone();
        let rows = rows(&columns).into_iter();
        rows.map(|row| (fields.clone(), row)).collect::<Vec<_>>()
    };
    objects.iter().flat_map(rows_of).collect()
}

fn check(batches: &[RecordBatch]) {
    let records: Vec<Records> = batches.iter().cloned().map(Records::Columns).collect();
    let went_in: Vec<Value> = batches.iter().flat_map(rows).collect();
    let came_out = read_back(&load(&*encoding("parquet"), &records));
    assert_eq!(went_in.len(), came_out.len());
    for (went_in, (fields, came_out)) in went_in.iter().zip(&came_out) {
        let whole = Field::new("", DataType::Struct(fields.clone()), false);
        assert!(
            same(went_in, came_out, Some(&whole)),
            "{went_in}\n{came_out}\n{fields:?}"
        );
    }
}

fn one(name: &str, array: ArrayRef, nullable: bool) -> RecordBatch {
    let field = Field::new(name, array.data_type().clone(), nullable);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).expect("a batch")
}

/// `id: Int64, x: JSON?`
fn shown(object: &Object) -> String {
    let fields = object.schema.fields().iter().map(|field| {
        let data_type = match is_json(Some(field)) {
            true => "JSON".to_owned(),
            false => field.data_type().to_string(),
        };
        let nulls = if field.is_nullable() { "?" } else { "" };
        format!("{}: {data_type}{nulls}", field.name())
    });
    fields.collect::<Vec<_>>().join(", ")
}

fn types(batches: &[RecordBatch]) -> Vec<String> {
    check(batches);
    let records: Vec<Records> = batches.iter().cloned().map(Records::Columns).collect();
    load(&*encoding("parquet"), &records)
        .iter()
        .map(shown)
        .collect()
}

#[test]
fn nulls_widen_a_column_that_had_none() {
    let ints = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let strict = one("id", ints(vec![Some(1)]), false);
    assert_eq!(types(&[strict.clone(), strict.clone()]), ["id: Int64"]);
    let loose = one("id", ints(vec![Some(2), None, Some(3)]), true);
    assert_eq!(types(&[strict.clone(), loose]), ["id: Int64", "id: Int64?"]);
    let other = one("x", ints(vec![Some(2)]), false);
    assert_eq!(
        types(&[strict, other]),
        ["id: Int64", "id: Int64?, x: Int64?"]
    );
}

#[test]
fn values_decide_where_types_would_lose_some() {
    let float = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    let ints = |value: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let check = |batches: &[ArrayRef], expect: &[&str]| {
        let batches: Vec<_> = batches
            .iter()
            .map(|array| one("x", Arc::clone(array), false))
            .collect();
        assert_eq!(types(&batches), expect);
    };
    let large = 9_007_199_254_740_993;
    check(&[float(0.5), ints(1 << 53)], &["x: Float64"]);
    check(
        &[float(0.5), ints(large), float(0.5)],
        &["x: Float64", "x: Decimal128(38, 18)?"],
    );
    check(
        &[float(0.5), ints(large), float(1e300)],
        &["x: Float64", "x: Decimal128(38, 18)?", "x: JSON?"],
    );
}

#[test]
fn what_has_no_json_form_is_kept_within_structs() {
    let time = DataType::Timestamp(TimeUnit::Nanosecond, None);
    let batch = |nullable, at: Option<i64>| {
        let fields = Fields::from(vec![
            Field::new("at", time.clone(), nullable),
            Field::new("raw", DataType::Binary, true),
        ]);
        let raw = array(&DataType::Binary, &vec![Some(1)]);
        let columns = vec![array(&time, &vec![at]), raw];
        one(
            "s",
            Arc::new(StructArray::new(fields, columns, None)),
            false,
        )
    };
    let strict = r#"s: Struct("at": non-null Timestamp(ns), "raw": Binary)"#;
    let loose = r#"s: Struct("at": Timestamp(ns), "raw": Binary)"#;
    let first = batch(false, Some(1));
    assert_eq!(types(&[first.clone(), batch(true, Some(2))]), [strict]);
    assert_eq!(types(&[first, batch(true, None)]), [strict, loose]);
}

#[test]
fn texts_after_typed_columns() {
    let check = |first: ArrayRef, texts: &[Option<&str>], expect: Value, types: &[&str]| {
        let first = Records::Columns(one("x", first, false));
        let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let loaded = load(
            &*encoding("parquet"),
            &[first, Records::Text(one("x", texts, true))],
        );
        let read = loaded.iter().flat_map(|object| rows(&object.columns()));
        let read: Vec<_> = read.map(|row| row["x"].clone()).collect();
        assert_eq!(Value::from(read), expect);
        assert_eq!(loaded.iter().map(shown).collect::<Vec<_>>(), types);
    };
    let int: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let texts = [Some("2"), None];
    check(int, &texts, json!([1, 2, null]), &["x: Int64", "x: Int64?"]);
    let bytes = array(&DataType::Binary, &vec![Some(1)]);
    check(
        bytes,
        &texts,
        json!(["MQ==", "2", null]),
        &["x: Binary", "x: Utf8?"],
    );
}

#[test]
fn no_text_becomes_bytes_that_nobody_declared() {
    let base64 = Records::Columns(one("x", Arc::new(StringArray::from(vec!["MQ=="])), false));
    for texts in [base64, json_records("{\"x\":\"MQ==\"}")] {
        let bytes = one("x", array(&DataType::Binary, &vec![Some(1)]), true);
        let loaded = load(&*encoding("parquet"), &[Records::Columns(bytes), texts]);
        let types: Vec<_> = loaded.iter().map(shown).collect();
        assert_eq!(types, ["x: Binary?", "x: Utf8?"]);
    }
}

#[test]
fn texts_in_a_column_of_json_text() {
    let json = json_records("{\"x\":1}\n{\"x\":\"1\"}");
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "a\"b"]));
    let loaded = load(
        &*encoding("parquet"),
        &[json, Records::Text(one("x", texts, true))],
    );
    let columns = loaded[0].columns();
    let read = columns.column(0).as_string::<i32>().iter().flatten();
    assert_eq!(
        read.collect::<Vec<_>>(),
        ["1", "\"1\"", "\"1\"", "\"a\\\"b\""]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_batches_load_and_read_back(batches in prop::collection::vec(batch(), 2..4)) {
        check(&batches);
    }
}
