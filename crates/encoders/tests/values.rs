//! Values of every kind, as the formats hold them.

#![expect(clippy::expect_used, reason = "tests")]

mod objects;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::util::display::array_value_to_string;
use objects::{encoding, json_records, object, objects};
use spile_core::Records;

/// What a parquet column of these JSON values reads back as, row by row.
fn parquet(values: &[&str]) -> String {
    let lines: Vec<String> = values
        .iter()
        .map(|value| format!(r#"{{"a":{value}}}"#))
        .collect();
    let columns = object("parquet", &lines.join("\n")).columns();
    let column = columns.column(0);
    let shown = (0..columns.num_rows()).map(|row| match column.is_null(row) {
        true => "null".to_owned(),
        false => array_value_to_string(column, row).expect("a value"),
    });
    shown.collect::<Vec<_>>().join(" | ")
}

/// The lines of a csv object of these records.
fn csv(lines: &str) -> String {
    object("csv", lines).text().to_owned()
}

fn texts(columns: &[(&str, &[Option<&str>])]) -> Records {
    let column = |(name, values): &(&str, &[Option<&str>])| {
        let array: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
        (name.to_string(), array)
    };
    Records::Text(RecordBatch::try_from_iter(columns.iter().map(column)).expect("a batch"))
}

#[test]
fn parquet_of_json() {
    let check = |values: &[&str], expect: &str| assert_eq!(parquet(values), expect, "{values:?}");
    check(
        &["9007199254740993", "null", "-1"],
        "9007199254740993 | null | -1",
    );
    check(&["18446744073709551616", "0"], "18446744073709551616 | 0");
    check(&["1.10", "1e2", "0.1"], "1.1 | 100.0 | 0.1");
    check(
        &["0.12345678901234567891", "1"],
        "0.12345678901234567891 | 1.00000000000000000000",
    );
    check(&["true", "false", "null"], "true | false | null");
    check(&[r#""""#, "null", r#"" x ""#], " | null |  x ");
    check(&[r#""\u00e9\ud83d\ude00\n\"""#], "é😀\n\"");
    check(
        &[r#""2013-01-01""#, r#""0001-01-01""#],
        "2013-01-01 | 0001-01-01",
    );
    check(
        &[r#""2013-01-01 10:00:00.000001""#],
        "2013-01-01T10:00:00.000001",
    );
    check(&[r#""2013-01-01T10:00:00+02:00""#], "2013-01-01T08:00:00Z");
    check(
        &["5", r#""5""#, "[ 1 ]", "null"],
        r#"5 | "5" | [ 1 ] | null"#,
    );
    check(&["[1,null,2]", "[]", "null"], "[1, , 2] | [] | null");
    check(
        &[r#"{"x":{"y":1}}"#, r#"{"x":null}"#, "{}", "null"],
        "{x: {y: 1}} | {x: } | {x: } | null",
    );
    check(&[r#"[{"x":1},{"y":"t"}]"#], "[{x: 1, y: }, {x: , y: t}]");
    check(&["{}", "null"], "{} | null");
    check(&["null"], "null");
}

#[test]
fn csv_of_json() {
    let check = |lines: &str, expect: &str| assert_eq!(csv(lines), expect, "{lines}");
    check(
        r#"{"a":18446744073709551616,"b":1.10,"c":1e2}"#,
        "a,b,c\n18446744073709551616,1.10,1e2\n",
    );
    check(r#"{"a":null,"b":"","c":true}"#, "a,b,c\n,\"\",true\n");
    check("{\"a\":1}\n{\"b\":2}", "a,b\n1,\n,2\n");
    check(
        r#"{"a":"x,y","b":"\"q\"","c":"l\nm","d":"é\u00e9"}"#,
        "a,b,c,d\n\"x,y\",\"\"\"q\"\"\",\"l\nm\",éé\n",
    );
    check(
        r#"{"a":{"x":[1, 2]},"b":[]}"#,
        "a,b\n\"{\"\"x\"\":[1, 2]}\",[]\n",
    );
    check(r#"{"a,b":"00501"}"#, "\"a,b\"\n00501\n");
    check(r#"{"a":1,"a":2}"#, "a\n2\n");
    check(
        r#"{"\u0061":"2013-01-01T10:00:00+02:00"}"#,
        "a\n2013-01-01T10:00:00+02:00\n",
    );
}

#[test]
fn a_lone_null_is_an_error_in_csv() {
    let records = json_records(r#"{"a":null}"#);
    let encoding = encoding("csv");
    let schema = encoding.schema(None, &records).expect("a schema");
    let error = encoding
        .encoder(&schema)
        .expect("an encoder")
        .write(&records)
        .expect_err("blank");
    assert!(error.to_string().contains("set csv.null"), "{error}");
}

#[test]
fn jsonl_of_json_is_the_records_own_text() {
    let lines = "{\"a\": 1.10, \"a\":18446744073709551616}\n{}\n{\"a\":\"\\u00e9\"}";
    assert_eq!(object("jsonl", lines).text(), format!("{lines}\n"));
    let picked = json_records(lines).select(&[2, 0]).expect("records");
    let objects = objects(&*encoding("jsonl"), &picked, 2);
    assert_eq!(
        objects[0].text(),
        "{\"a\":\"\\u00e9\"}\n{\"a\": 1.10, \"a\":18446744073709551616}\n"
    );
}

#[test]
fn texts_become_values_only_where_they_are_written_back_the_same() {
    let check = |values: &[Option<&str>], expect: &str| {
        let records = texts(&[("a", values)]);
        let encoding = encoding("parquet");
        let schema = encoding.schema(None, &records).expect("a schema");
        assert_eq!(
            schema.field(0).data_type().to_string(),
            expect,
            "{values:?}"
        );
        let objects = objects(&*encoding, &records, values.len());
        let columns = objects[0].columns();
        assert_eq!(
            columns.column(0).null_count(),
            values.iter().filter(|value| value.is_none()).count()
        );
    };
    check(&[Some("1"), None, Some("-20")], "Int64");
    check(&[Some("00501")], "Utf8");
    check(&[Some("+5")], "Utf8");
    check(&[Some("-0")], "Utf8");
    check(&[Some("1.10")], "Utf8");
    check(&[Some("1.1"), Some("2")], "Float64");
    check(&[Some("18446744073709551616")], "Decimal128(20, 0)");
    check(&[Some("0.1234567890123456789")], "Utf8");
    check(&[Some("9007199254740993"), Some("0.5")], "Utf8");
    check(&[Some("true"), Some("false")], "Boolean");
    check(&[Some("True")], "Utf8");
    check(&[Some("1"), Some("true")], "Utf8");
    check(&[Some("1"), Some("")], "Utf8");
    check(&[None], "Null");
    check(&[Some("2013-01-01")], "Date32");
    check(&[Some("2013-01-01T10:00:00Z")], "Timestamp(µs, \"UTC\")");
    check(&[Some("2013-01-01T10:00:00.5Z")], "Utf8");
    check(&[Some("2013-01-01T10:00:00")], "Timestamp(µs)");
    check(&[Some("2013-01-01 10:00:00")], "Utf8");
    check(&[Some("NaN")], "Utf8");
}

#[test]
fn texts_in_jsonl_and_csv() {
    let records = texts(&[
        ("id", &[Some("1"), Some("2"), None]),
        ("zip", &[Some("00501"), Some(""), None]),
        ("price", &[Some("1.5"), Some("2"), Some("0.25")]),
    ]);
    let jsonl = objects(&*encoding("jsonl"), &records, 3);
    assert_eq!(
        jsonl[0].text(),
        "{\"id\":1,\"zip\":\"00501\",\"price\":1.5}\n{\"id\":2,\"zip\":\"\",\"price\":2}\n{\"id\":null,\"zip\":null,\"price\":0.25}\n"
    );
    let csv = objects(&*encoding("csv"), &records, 3);
    assert_eq!(
        csv[0].text(),
        "id,zip,price\n1,00501,1.5\n2,\"\",2\n,,0.25\n"
    );
}

#[test]
fn late_texts_that_do_not_fit_start_a_further_object() {
    let records = texts(&[("a", &[Some("1"), Some("2"), Some("00501")])]);
    let parquet = objects(&*encoding("parquet"), &records, 2);
    let types: Vec<String> = parquet
        .iter()
        .map(|object| object.schema.field(0).data_type().to_string())
        .collect();
    assert_eq!(types, ["Int64", "Utf8"]);
    let jsonl = objects(&*encoding("jsonl"), &records, 2);
    assert_eq!(jsonl[0].text(), "{\"a\":1}\n{\"a\":2}\n{\"a\":\"00501\"}\n");
}

#[test]
fn late_numbers_of_an_empty_column_are_numbers_in_parquet_only() {
    let records = texts(&[("a", &[Some("x"); 3]), ("b", &[None, None, Some("5")])]);
    let parquet = objects(&*encoding("parquet"), &records, 2);
    let types = parquet
        .iter()
        .map(|object| object.schema.field(1).data_type().to_string());
    assert_eq!(types.collect::<Vec<_>>(), ["Null", "Int64"]);
    let jsonl = objects(&*encoding("jsonl"), &records, 2);
    let last = jsonl[0].text().lines().last();
    assert_eq!(last, Some("{\"a\":\"x\",\"b\":\"5\"}"));
}

#[test]
fn an_empty_stream() {
    let none = json_records("");
    assert_eq!(objects(&*encoding("csv"), &none, 0)[0].text(), "");
    assert_eq!(objects(&*encoding("jsonl"), &none, 0)[0].text(), "");
    assert_eq!(
        objects(&*encoding("parquet"), &none, 0)[0]
            .columns()
            .num_columns(),
        0
    );
    let known = encoding("parquet")
        .schema(None, &json_records(r#"{"a":1,"b":null}"#))
        .expect("a schema");
    let header = encoding("csv")
        .encoder(&known)
        .expect("an encoder")
        .finish()
        .expect("an object");
    assert_eq!(header, b"a,b\n");
    let parquet = encoding("parquet")
        .encoder(&known)
        .expect("an encoder")
        .finish();
    let object = objects::Object {
        bytes: parquet.expect("an object"),
        schema: known,
    };
    assert_eq!(
        (object.columns().num_columns(), object.columns().num_rows()),
        (2, 0)
    );
}

#[test]
fn a_record_larger_than_a_part() {
    let text = "x\\n".repeat(4 << 20);
    let line = format!("{{\"a\":\"{text}\"}}");
    let lines = format!("{line}\n{{\"a\":\"\"}}\n{line}");
    for format in ["csv.gz", "jsonl.zst", "jsonl"] {
        assert!(!object(format, &lines).bytes.is_empty());
    }
    let columns = object("parquet", &lines).columns();
    let column = columns
        .column(0)
        .as_any()
        .downcast_ref::<StringArray>()
        .expect("text");
    assert_eq!(
        (column.value(0).len(), column.value(1), column.len()),
        (8 << 20, "", 3)
    );
}
