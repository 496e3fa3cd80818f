//! Which type a column gets, by what is in it.

mod objects;

use arrow::datatypes::{DataType, SchemaRef};
use objects::{encoding, json_records, objects};

/// `a: Int64, b: Utf8`, with `Json` for JSON text.
fn shown(schema: &SchemaRef) -> String {
    let fields = schema.fields().iter().map(|field| {
        let json = !field.metadata().is_empty();
        let data_type = if json {
            "Json".to_owned()
        } else {
            brief(field.data_type())
        };
        format!("{}: {data_type}", field.name())
    });
    fields.collect::<Vec<_>>().join(", ")
}

fn brief(data_type: &DataType) -> String {
    data_type.to_string().replace("\"", "'")
}

#[test]
fn of_json_values() {
    let check = |values: &[&str], expect: &str| {
        let lines: Vec<String> = values
            .iter()
            .map(|value| format!(r#"{{"a":{value}}}"#))
            .collect();
        let schema = encoding("parquet").schema(None, &json_records(&lines.join("\n")));
        assert_eq!(
            shown(&schema.expect("a schema")),
            format!("a: {expect}"),
            "{values:?}"
        );
    };
    check(&["null"], "Null");
    check(&["true", "null", "false"], "Boolean");
    check(&["1", "-9223372036854775808"], "Int64");
    check(&["9223372036854775808"], "Decimal128(20, 0)");
    check(&["18446744073709551616"], "Decimal128(20, 0)");
    check(&["123456789012345678901"], "Decimal128(28, 0)");
    check(&[&"9".repeat(38)], "Decimal128(38, 0)");
    check(&[&"9".repeat(39)], "Json");
    check(&["0.5", "1.10", "1e300"], "Float64");
    check(&["1", "0.5"], "Float64");
    check(&["5.0"], "Float64");
    check(&["9007199254740993", "0.5"], "Decimal128(21, 1)");
    check(&["0.1234567890123456789"], "Decimal128(29, 19)");
    check(&["1e400"], "Json");
    check(&["1e-40", "0.1234567890123456789"], "Json");
    check(&[r#""x""#, r#""1""#], "Utf8");
    check(&[r#""00501""#], "Utf8");
    check(&[r#""2013-01-01""#], "Date32");
    check(
        &[
            r#""2013-01-01T10:00:00Z""#,
            r#""2013-01-01 10:00:00.5-07:00""#,
        ],
        "Timestamp(µs, 'UTC')",
    );
    check(&[r#""2013-01-01T10:00:00""#], "Timestamp(µs)");
    check(&[r#""2013-01-01T10:00:00.0000001Z""#], "Utf8");
    check(&[r#""2016-12-31T23:59:60Z""#], "Utf8");
    check(&[r#""2013-01-01""#, r#""2013-01-01T10:00:00""#], "Utf8");
    check(
        &[r#""2013-01-01T10:00:00""#, r#""2013-01-01T10:00:00Z""#],
        "Utf8",
    );
    check(&["1", r#""1""#], "Json");
    check(&["1", "true"], "Json");
    check(&["{}"], "Json");
    check(&["[]"], "List(Null)");
    check(&["[1]", "[null,0.5]"], "List(Float64)");
    check(&["[1]", "1"], "Json");
    check(
        &[r#"{"x":1,"y":null}"#, "{}", r#"{"z":"t","x":2}"#],
        "Struct('x': Int64, 'y': Null, 'z': Utf8)",
    );
    check(&[r#"{"x":1}"#, "[]"], "Json");
}

#[test]
fn columns_stand_in_the_order_of_their_first_appearance() {
    let lines = "{\"b\":1}\n{\"a\":1,\"b\":2,\"\\u0063\":null}";
    let schema = encoding("parquet")
        .schema(None, &json_records(lines))
        .expect("a schema");
    assert_eq!(shown(&schema), "b: Int64, a: Int64, c: Null");
}

#[test]
fn later_values_widen_the_next_object() {
    let check = |values: &[&str], expect: &[&str]| {
        let lines: Vec<String> = values
            .iter()
            .map(|value| format!(r#"{{"a":{value}}}"#))
            .collect();
        let objects = objects(&*encoding("parquet"), &json_records(&lines.join("\n")), 1);
        let found: Vec<String> = objects.iter().map(|object| shown(&object.schema)).collect();
        let expect: Vec<String> = expect.iter().map(|expect| format!("a: {expect}")).collect();
        assert_eq!(found, expect, "{values:?}");
    };
    check(&["null", "1", "null"], &["Null", "Int64"]);
    check(&["1", "5.0", "5e1"], &["Int64"]);
    check(
        &["1", "0.5", "9007199254740993"],
        &["Int64", "Float64", "Decimal128(38, 18)"],
    );
    check(
        &["1", "9223372036854775808", "0.5"],
        &["Int64", "Decimal128(20, 0)", "Decimal128(21, 1)"],
    );
    check(&["0.1234567890123456789", "1.5"], &["Decimal128(29, 19)"]);
    check(&["1", r#""x""#, "[1]"], &["Int64", "Json"]);
    check(
        &[r#""2013-01-01""#, r#""n/a""#, "1"],
        &["Date32", "Utf8", "Json"],
    );
    check(
        &["[]", "[1]", "[0.5]"],
        &["List(Null)", "List(Int64)", "List(Float64)"],
    );
    check(
        &[r#"{"x":1}"#, r#"{"y":1}"#],
        &["Struct('x': Int64)", "Struct('x': Int64, 'y': Int64)"],
    );
    check(&["{}", r#"{"x":1}"#], &["Json"]);
}

#[test]
fn new_columns_are_appended_unless_they_are_null() {
    let lines = "{\"a\":1}\n{\"b\":null,\"a\":2}\n{\"b\":\"x\",\"a\":3}\n{}";
    for format in ["parquet", "csv"] {
        let objects = objects(&*encoding(format), &json_records(lines), 1);
        let names = |at: usize| {
            let fields = objects[at].schema.fields();
            fields
                .iter()
                .map(|field| field.name().as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (objects.len(), names(0), names(1)),
            (2, vec!["a"], vec!["a", "b"])
        );
    }
    assert_eq!(
        objects(&*encoding("jsonl"), &json_records(lines), 1).len(),
        1
    );
}
