//! Values of columns whose types were declared.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod objects;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::util::display::array_value_to_string;
use objects::{Object, encoding, json_records};
use spile_core::{
    Misfit, Records, WriteError, declared_kind, declared_schema, marked_like, parse_columns,
};

fn declared(columns: &str) -> SchemaRef {
    declared_schema(parse_columns(columns).expect("columns"))
}

fn json(value: &str) -> Records {
    json_records(&format!(r#"{{"a":{value},"b":1}}"#))
}

fn text(value: &str) -> Records {
    let column = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let columns = [("a", column(value)), ("b", column("1"))];
    Records::Text(RecordBatch::try_from_iter(columns).expect("columns"))
}

/// What becomes of the value of the column `a` in parquet: its value as text, or what was found
/// that doesn't fit. csv has the same values.
fn value(column_type: &str, records: &Records) -> String {
    let declared = declared(&format!("a {column_type}"));
    let misfit = encoding("parquet")
        .misfit(&declared, records)
        .expect("known");
    for format in ["csv", "parquet"] {
        let found = encoding(format).misfit(&declared, records);
        assert_eq!(found.expect("known"), misfit, "{format}");
        // What doesn't fit is found as well by whoever writes it.
        let (_, refused) = write(format, &declared, records);
        assert_eq!(refused, misfit, "{format}");
    }
    if let Some(misfit) = misfit {
        return format!("! {}: {}", misfit.column, misfit.found);
    }
    let (object, _) = write("parquet", &declared, records);
    let columns = object.columns();
    let field = columns.schema_ref().field(0).clone();
    assert!(!field.metadata().contains_key("spile.type"), "{field}");
    if columns.column(0).is_null(0) {
        return "null".to_owned();
    }
    array_value_to_string(columns.column(0), 0).expect("a text")
}

/// An object of records, up to the first that doesn't fit, and that.
fn write(format: &str, declared: &SchemaRef, records: &Records) -> (Object, Option<Misfit>) {
    let encoding = encoding(format);
    let inferred = encoding.schema(Some(declared), records).expect("a schema");
    // What was declared never changes.
    let rest = inferred.fields().iter().skip(declared.fields().len());
    let fields = declared.fields().iter().chain(rest).cloned();
    let schema = SchemaRef::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut encoder = encoding.encoder(&schema).expect("an encoder");
    let misfit = match encoder.write(records) {
        Ok(()) => None,
        Err(WriteError::Misfit(misfit)) => Some(misfit),
        Err(error) => panic!("{error}"),
    };
    let bytes = encoder.finish().expect("an object");
    (Object { bytes, schema }, misfit)
}

#[test]
fn json_values_as_declared() {
    let check = |column_type: &str, given: &str, expect: &str| {
        assert_eq!(
            value(column_type, &json(given)),
            expect,
            "{column_type} {given}"
        );
    };
    check("int8", "-128", "-128");
    check("int8", "128", "! a: number 128");
    check("int64", "1.0", "1");
    check("int64", "null", "null");
    check("int64", "\"1\"", "! a: text \"1\"");
    check("uint64", "18446744073709551615", "18446744073709551615");
    check("float32", "0.1", "0.1");
    check("float64", "5", "5.0");
    check(
        "float64",
        "12345678901234567890.5",
        "! a: number 12345678901234567890.5",
    );
    check("decimal(18, 2)", "5", "5.00");
    check("decimal(18, 2)", "1.105", "! a: number 1.105");
    check("decimal(3, 2)", "10", "! a: number 10");
    let digits = "1234567890123456789012345678901234567890";
    check(
        "decimal(76, 2)",
        &format!("-{digits}.5"),
        &format!("-{digits}.50"),
    );
    check(
        "decimal(41, 2)",
        &format!("{digits}.5"),
        &format!("! a: number {digits}…"),
    );
    check("text", "5", "! a: number 5");
    check("text", "\"5\"", "5");
    check("json", "\"5\"", "\"5\"");
    check("json", "[1]", "[1]");
    check("binary", "\"Zm9v\"", "666f6f");
    check("binary", "\"Zm9\"", "! a: text \"Zm9\"");
    check("date", "\"2025-04-14\"", "2025-04-14");
    check("time", "\"11:23:45.5\"", "11:23:45.500");
    check(
        "timestamp",
        "\"2025-04-14 11:23:45\"",
        "2025-04-14T11:23:45",
    );
    check(
        "timestamp_utc",
        "\"2025-04-14T11:23:45+02:00\"",
        "2025-04-14T09:23:45Z",
    );
    check(
        "timestamp_utc",
        "\"2025-04-14T11:23:45\"",
        "! a: text \"2025-04-14T11:23:45\"",
    );
    check("list(int8)", "[1, null]", "[1, ]");
    check("list(int8)", "[1, 300]", "! a.item: number 300");
    check("struct(x int8, y text)", r#"{"x":1}"#, "{x: 1, y: }");
    check("struct(x int8)", r#"{"z":1}"#, "! a.z: number 1");
    check(
        "list(struct(x binary))",
        r#"[{"x":"Zm9v"}]"#,
        "[{x: 666f6f}]",
    );
    check("null", "1", "! a: number 1");
}

#[test]
fn texts_as_declared() {
    let check = |column_type: &str, given: &str, expect: &str| {
        assert_eq!(
            value(column_type, &text(given)),
            expect,
            "{column_type} {given}"
        );
    };
    check("int64", "12", "12");
    check("int64", "1.0", "1");
    for no_integer in ["00501", "+5", " 5", "", "n/a", "null", "1,2"] {
        check("int64", no_integer, &format!("! a: text \"{no_integer}\""));
    }
    check("float32", "1.10", "1.1");
    check("float64", "1.10", "1.1");
    check("decimal(18, 2)", "5", "5.00");
    check("decimal(76, 0)", "5e3", "5000");
    check("bool", "true", "true");
    check("bool", "True", "! a: text \"True\"");
    check("text", "00501", "00501");
    check("binary", "Zm9v", "666f6f");
    check("date", "2025-04-14", "2025-04-14");
    check("time", "11:23:45", "11:23:45");
    check(
        "timestamp",
        "2025-04-14 11:23:45.5",
        "2025-04-14T11:23:45.500",
    );
    check(
        "timestamp_utc",
        "2025-04-14T11:23:45+02:00",
        "2025-04-14T09:23:45Z",
    );
    check("timestamp_utc", "14/04/2025", "! a: text \"14/04/2025\"");
    check("json", "[1]", "[1]");
    check("json", "a \"b\"", "! a: text \"a \"b\"\"");
    check("list(int8)", "[1, 2]", "[1, 2]");
    check("list(int8)", "null", "null");
    check("list(int8)", "[1, 300]", "! a.item: text \"[1, 300]\"");
    check("struct(x text)", r#"{"x": "y"}"#, "{x: y}");
    check(
        "struct(x text)",
        r#"{"x": "y"},"z":1"#,
        "! a: text \"{\"x\": \"y\"},\"z\":1\"",
    );
}

#[test]
fn columns_with_types_as_declared() {
    let check = |column_type, given: &str, of: DataType, expect: &str| {
        let Records::Text(batch) = text(given) else {
            return;
        };
        let column = cast(batch.column(0), &of).expect("a value");
        let records = RecordBatch::try_from_iter([("a", column)]).expect("a column");
        assert_eq!(
            value(column_type, &Records::Columns(records)),
            expect,
            "{column_type} {of}"
        );
    };
    check("int8", "12", DataType::Int64, "12");
    check("int8", "300", DataType::Int64, "! a: number 300");
    check("decimal(9, 2)", "5", DataType::Int32, "5.00");
    check("text", "5", DataType::Int32, "! a: number 5");
    check("text", "5", DataType::LargeUtf8, "5");
    check("json", "5", DataType::Utf8, "\"5\"");
    check("binary", "Zm9v", DataType::Utf8, "666f6f");
    check("binary", "foo", DataType::LargeBinary, "666f6f");
    check("date", "2025-04-14", DataType::Date32, "2025-04-14");
}

#[test]
fn the_first_misfit_of_many_records_is_told() {
    let mut lines: Vec<String> = (0..3_000)
        .map(|id| format!(r#"{{"a":{id},"b":{id}}}"#))
        .collect();
    lines[2_500] = r#"{"a":1,"b":"x"}"#.to_owned();
    lines[2_501] = r#"{"a":"x","b":1}"#.to_owned();
    let records = json_records(&lines.join("\n"));
    let at = |columns: &str| {
        let misfit = encoding("csv").misfit(&declared(columns), &records);
        misfit
            .expect("known")
            .map(|misfit| (misfit.at, misfit.column))
    };
    assert_eq!(at("a int64, b int64"), Some((2_500, "b".to_owned())));
    assert_eq!(at("a int64"), Some((2_501, "a".to_owned())));
    assert_eq!(at("c int64"), None);
    for format in ["csv", "parquet"] {
        let (object, misfit) = write(format, &declared("a int64, b int64"), &records);
        assert_eq!(misfit.map(|misfit| misfit.at), Some(2_500), "{format}");
        if format == "parquet" {
            assert_eq!(object.columns().num_rows(), 2_500);
        } else {
            let lines = object.bytes.split(|byte| *byte == b'\n');
            assert_eq!(lines.filter(|line| !line.is_empty()).count(), 2_501);
        }
    }
}

/// A column `a` of which the kind is declared, and the type is one to begin with.
fn kind(column_type: &str) -> SchemaRef {
    let columns = parse_columns(&format!("a {column_type}")).expect("columns");
    let columns = columns.into_iter().map(declared_kind);
    SchemaRef::new(Schema::new(columns.collect::<Vec<_>>()))
}

/// What the column is after some values, or what it refuses of them.
fn begun_with(column_type: &str, values: &[&str]) -> String {
    let lines: Vec<String> = values
        .iter()
        .map(|it| format!(r#"{{"a":{it},"b":1}}"#))
        .collect();
    let records = json_records(&lines.join("\n"));
    let begin = kind(column_type);
    let wide = encoding("parquet").schema(Some(&begin), &records);
    let wide = wide.expect("a schema");
    let mut fields: Vec<_> = wide.fields().iter().cloned().collect();
    // As the plan of a stream does.
    fields[0] = marked_like(fields[0].as_ref().clone(), begin.field(0)).into();
    let wide = SchemaRef::new(Schema::new(fields));
    let found = ["csv", "parquet"].map(|format| {
        let encoding = encoding(format);
        let misfit = encoding.misfit(&wide, &records).expect("known");
        let mut encoder = encoding.encoder(&wide).expect("an encoder");
        match (encoder.write(&records), misfit) {
            (Ok(()), None) => {}
            (Err(WriteError::Misfit(refused)), Some(misfit)) => {
                assert_eq!(refused, misfit, "{format}");
                return format!("! {} at {}", misfit.found, misfit.at);
            }
            (written, misfit) => panic!("{format}: {written:?}, {misfit:?}"),
        }
        let bytes = encoder.finish().expect("an object");
        if format == "parquet" {
            let schema = SchemaRef::clone(&wide);
            let object = Object { bytes, schema };
            let columns = object.columns();
            assert!(
                columns
                    .schema_ref()
                    .field(0)
                    .metadata()
                    .get("spile.type")
                    .is_none()
            );
        }
        wide.field(0).data_type().to_string()
    });
    assert_eq!(found[0], found[1]);
    found[0].clone()
}

#[test]
fn a_kind_alone_is_declared() {
    let check = |column_type: &str, values: &[&str], expect: &str| {
        let found = begun_with(column_type, values);
        assert_eq!(found, expect, "{column_type} {values:?}");
    };
    check("float64", &["1", "1.5", "null"], "Float64");
    check(
        "float64",
        &["1.5", "12345678901234567890.5"],
        "Decimal128(38, 18)",
    );
    check("float64", &["1", "1e400"], "Utf8");
    check("float64", &["1", "\"5\""], "! text \"5\" at 1");
    check("float64", &["1e400", "\"5\""], "! text \"5\" at 1");
    check("float64", &["[1]"], "! array [1] at 0");
    check("date", &["\"2025-04-14\""], "Date32");
    check("date", &["\"2025-04-14\"", "\"soon\""], "Utf8");
    check("date", &["\"soon\"", "5"], "! number 5 at 1");
    check(
        "list(float64)",
        &["[1]", "[\"x\"]", "[]"],
        "List(Utf8, metadata: {\"spile.text\": \"json\"})",
    );
    check("list(float64)", &["[1]", "1"], "! number 1 at 1");
    check("struct(x float64)", &["{\"x\":1}", "true"], "! true at 1");
}
