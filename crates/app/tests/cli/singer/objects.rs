//! What becomes of the records of a tap's streams.

use insta::assert_snapshot;

use super::{SINGER, TAP, as_run, desk, loaded};
use crate::schemas::columns;

/// The columns that the schemas tell of come first, with their types, and fields that they don't tell
/// of behind them.
#[test]
fn parquet_has_the_types_of_the_schemas() {
    let (desk, _) = loaded("destination = { url = 'out', key = '{stream_name}-{part}.parquet' }");
    assert_snapshot!(columns(&desk, "out"), @r"
    orders-00001.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, a
    orders-00002.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR, more STRUCT(x BIGINT)
      2, 2025-04-15 10:00:00+00:00, None, None, {'x': 1}
    people-00001.parquet: name VARCHAR, born DATE, extra BOOLEAN
      Ada, 1815-12-10, True
    ");
}

#[test]
fn csv_has_their_columns_and_values_as_they_stood() {
    let (desk, _) = loaded("destination = { url = 'out', key = '{stream_name}-{part}.csv' }");
    let files: String = ["orders-00001", "orders-00002", "people-00001"]
        .map(|name| desk.read(&format!("out/{name}.csv")))
        .concat();
    assert_snapshot!(files, @r#"
    id,at,price,note
    1,2025-04-14T10:00:00Z,1.10,a
    id,at,price,note,more
    2,2025-04-15T10:00:00Z,,,"{""x"":1}"
    name,born,extra
    Ada,1815-12-10,true
    "#);
}

#[test]
fn jsonl_has_the_records_byte_for_byte() {
    let (desk, _) = loaded("destination = { url = 'out', key = '{stream_name}.jsonl.gz' }");
    let ran = desk.ok("zcat out/orders.jsonl.gz out/people.jsonl.gz");
    assert_snapshot!(ran, @r#"
    exit 0
    {"id":1,"at":"2025-04-14T10:00:00Z","price":1.10,"note":"a"}
    {"id":2,"at":"2025-04-15T10:00:00Z","price":null,"more":{"x":1}}
    {"name":"Ada","born":"1815-12-10","extra":true}
    "#);
}

/// The field that the tap goes by is the cursor of keys that need one.
#[test]
fn streams_have_keys_and_formats_of_their_own() {
    let (desk, ran) = loaded(
        "destination = { url = 'out', key = '{stream_name}.{extension}', format = 'jsonl' }\n\
         streams.orders = { key = 'o/{cursor_iso_date}.{extension}', format = 'csv' }\n",
    );
    assert_eq!(
        ran.stdout,
        "2
"
    );
    assert_eq!(
        desk.names("out"),
        ["o/2025-04-14.csv", "o/2025-04-15.csv", "people.jsonl"]
    );
    assert_eq!(
        desk.read("out/o/2025-04-15.csv").lines().next(),
        Some("id,at,price,note,more")
    );
}

/// What the settings name goes before what the tap does.
#[test]
fn the_settings_name_another_cursor() {
    let (desk, _) = loaded(
        "destination = { url = 'out', key = '{stream_name}/{cursor}.jsonl' }\n\
         streams.orders = { cursor_field = 'id', cursor_format = 'text' }\n\
         streams.people = { cursor_field = 'name', cursor_format = 'text' }\n",
    );
    assert_eq!(
        desk.names("out"),
        ["orders/1.jsonl", "orders/2.jsonl", "people/Ada.jsonl"]
    );
}

#[test]
fn a_stream_without_a_cursor_is_told_of() {
    let desk = desk("destination = { url = 'out', key = '{stream_name}/{cursor_iso_date}.jsonl' }");
    assert_snapshot!(desk.run(SINGER), @r"
    exit 3
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to plan stream people
      caused by: the key of stream people:
      {stream_name}/{cursor_iso_date}.jsonl
                    ^^^^^^^^^^^^^^^^^ `{cursor_iso_date}` needs a cursor, and the stream has none
    ");
}

const PARQUET: &str = "destination = { url = 'out', key = '{stream_name}-{part}.parquet' }\n";

/// What a schema says of a column's form (a date, so many digits) is where the column begins.
#[test]
fn values_of_another_form() {
    let told = desk(PARQUET);
    let other = TAP.replace("1.10", "0.1234567890123456789");
    told.write("tap", other.replace("1815-12-10", "in 1815"));
    told.ok(SINGER);
    assert_snapshot!(columns(&told, "out"), @r"
    orders-00001.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DECIMAL(29,19), note VARCHAR
      1, 2025-04-14 10:00:00+00:00, 0.1234567890123456789, a
    orders-00002.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DECIMAL(29,19), note VARCHAR, more STRUCT(x BIGINT)
      2, 2025-04-15 10:00:00+00:00, None, None, {'x': 1}
    people-00001.parquet: name VARCHAR, born VARCHAR, extra BOOLEAN
      Ada, in 1815, True
    ");
}

/// What it says of their kind (a number, a text) holds.
#[test]
fn a_bad_value() {
    let bad = TAP.replace("1.10", "\"cheap\"");
    let csv = desk(&PARQUET.replace(".parquet", ".csv"));
    let desk = desk(PARQUET);
    csv.write("tap", &bad);
    desk.write("tap", &bad);
    assert_eq!(csv.run(SINGER).to_string(), desk.run(SINGER).to_string());
    assert_snapshot!(desk.run(SINGER), @r#"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 3 read
    error: failed to fit the record at line 2 of stdin into the declared schema: column price is float64, found text "cheap"
      hint: mend the record or its declared type, and run again; what was sealed before it is in the bucket
    "#);
    let aside = format!(
        "select = ['orders']\non_bad_record = 'quarantine'\nmax_bad_records = 1\n{PARQUET}"
    );
    desk.write("spile.toml", aside);
    assert_snapshot!(desk.run(&as_run("s")), @r"
    exit 0
    2
    --- stderr
      orders-00001.parquet          1 record    1.66 KiB
      in quarantine: _spile/quarantine/orders/s-00001.jsonl  1 bad record
    loaded 1 record in 1 object (1.66 KiB) into DIR/out in TIME, with 1 record in quarantine
    ");
    let aside = desk.read("out/_spile/quarantine/orders/s-00001.jsonl");
    assert!(aside.contains("\"line\":2"), "{aside}");
}

/// What a declaration said holds until another one takes its place.
#[test]
fn a_value_of_another_kind_where_none_is_declared_any_more() {
    let schema = |properties: &str| {
        format!(
            r#"{{"type":"SCHEMA","stream":"s","key_properties":[],"schema":{{"properties":{{{properties}}}}}}}"#
        )
    };
    let record =
        |record: &str| format!(r#"{{"type":"RECORD","stream":"s","record":{{{record}}}}}"#);
    let desk = desk(PARQUET);
    let lines = [
        schema(r#""id":{"type":"integer"},"price":{"type":"number"}"#),
        record(r#""id":1,"price":1.5"#),
        schema(r#""id":{"type":"integer"}"#),
        record(r#""id":2,"price":"cheap""#),
    ];
    desk.write("tap", lines.join("\n") + "\n");
    desk.ok(SINGER);
    assert_snapshot!(columns(&desk, "out"), @r#"
    s-00001.parquet: id BIGINT, price DOUBLE
      1, 1.5
    s-00002.parquet: id BIGINT, price VARCHAR
      2, "cheap"
    "#);
}

#[test]
fn a_file_of_a_batch() {
    let desk = desk("destination = { url = 'out', key = '{stream_name}.csv' }");
    let schema = TAP.lines().next().expect("a line");
    let path = desk.path("part.jsonl.gz").display().to_string();
    desk.write("part.jsonl", "{\"id\":7}\n{\"id\":8}\n");
    desk.ok("gzip part.jsonl");
    let batch = format!(
        r#"{{"type":"BATCH","stream":"orders","encoding":{{"format":"jsonl","compression":"gzip"}},"manifest":["file://{path}"]}}"#
    );
    let tap = |batch: &str| format!("{schema}\n{batch}\n{{\"type\":\"STATE\",\"value\":3}}\n");
    desk.write("tap", tap(&batch));
    assert_eq!(desk.ok(SINGER).stdout, "3\n");
    assert_snapshot!(desk.read("out/orders.csv"), @r"
    id,at,price,note
    7,,,
    8,,,
    ");
    desk.write("tap", tap(&batch.replace("part", "none")));
    assert_snapshot!(desk.run(&as_run("s")), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to read DIR/none.jsonl.gz
      caused by: No such file or directory (os error 2)
    ");
}
