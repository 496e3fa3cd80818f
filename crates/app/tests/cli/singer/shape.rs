//! Which streams are loaded, and which columns of their records.

use insta::assert_snapshot;

use super::{SINGER, TAP, desk, loaded};
use crate::schemas::columns;

const TO: &str = "destination = { url = 'out', key = '{stream_name}.parquet' }";

/// The states are about all streams all the same.
#[test]
fn some_of_the_streams() {
    let (desk, ran) = loaded(&format!("select = ['p*', 'none']\n{TO}"));
    assert_eq!(desk.names("out"), ["people.parquet"]);
    assert_eq!(ran.stdout, "2\n");
}

/// What nobody wants needs no plan that could fail.
#[test]
fn a_stream_that_is_not_loaded_may_be_without_a_cursor() {
    let to = "destination = { url = 'out', key = '{cursor_iso_date}.jsonl' }";
    let (desk, _) = loaded(&format!("select = ['orders']\n{to}"));
    assert_eq!(desk.names("out"), ["2025-04-14.jsonl", "2025-04-15.jsonl"]);
}

#[test]
fn some_of_the_columns_by_other_names() {
    let check = |columns_of_orders: &str| {
        let (desk, _) = loaded(&format!(
            "select = ['orders']\nunknown_fields = 'json'\n{TO}\n\
             [streams.orders.columns]\n{columns_of_orders}"
        ));
        columns(&desk, "out")
    };
    assert_snapshot!(check("include = ['id', 'at']"), @r"
    orders.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, _unknown_fields VARCHAR
      1, 2025-04-14 10:00:00+00:00, None
      2, 2025-04-15 10:00:00+00:00, None
    ");
    assert_snapshot!(check("exclude = ['n*', 'more']"), @r"
    orders.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, _unknown_fields VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, None
      2, 2025-04-15 10:00:00+00:00, None, None
    ");
    assert_snapshot!(check("rename = { price = 'net price', id = 'key' }"), @r#"
    orders.parquet: key BIGINT, at TIMESTAMP WITH TIME ZONE, net price DOUBLE, note VARCHAR, _unknown_fields VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, a, None
      2, 2025-04-15 10:00:00+00:00, None, None, {"more":{"x":1}}
    "#);
    assert_snapshot!(check("include = ['price']\nrename = { price = 'at' }"), @r"
    orders.parquet: at DOUBLE, _unknown_fields VARCHAR
      1.1, None
      None, None
    ");
}

/// The cursor is found by its new name.
#[test]
fn a_cursor_that_is_renamed() {
    let (desk, _) = loaded(
        "select = ['orders']\ndestination = { url = 'out', key = '{cursor_iso_date}.csv' }\n\
         [streams.orders.columns]\ninclude = ['id', 'at']\nrename = { at = 'updated' }\n",
    );
    assert_eq!(
        desk.read("out/2025-04-15.csv"),
        "id,updated\n2,2025-04-15T10:00:00Z\n"
    );
}

#[test]
fn a_cursor_that_is_left_out() {
    let desk = desk(
        "select = ['orders']\ndestination = { url = 'out', key = '{cursor_iso_date}.csv' }\n\
         [streams.orders.columns]\nexclude = ['at']\n",
    );
    assert_snapshot!(desk.run(SINGER), @r"
    exit 3
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to plan stream orders
      caused by: streams.orders.columns in spile.toml: the cursor field `at` is left out
    ");
}

#[test]
fn fields_that_the_schema_does_not_tell_of() {
    let columns_by = |unknown_fields: &str| {
        let (desk, _) = loaded(&format!(
            "unknown_fields = '{unknown_fields}'\n{TO}\n[limits]\nobject_rows = 10\n"
        ));
        columns(&desk, "out")
    };
    assert_snapshot!(columns_by("json"), @r#"
    orders.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR, _unknown_fields VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, a, None
      2, 2025-04-15 10:00:00+00:00, None, None, {"more":{"x":1}}
    people.parquet: name VARCHAR, born DATE, _unknown_fields VARCHAR
      Ada, 1815-12-10, {"extra":true}
    "#);
    assert_snapshot!(columns_by("column"), @r"
    orders-00002.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR, more STRUCT(x BIGINT)
      2, 2025-04-15 10:00:00+00:00, None, None, {'x': 1}
    orders.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, a
    people.parquet: name VARCHAR, born DATE, extra BOOLEAN
      Ada, 1815-12-10, True
    ");
}

/// A tap that says nothing of its columns has none that are known.
#[test]
fn of_a_schema_without_columns_all_fields_are_unknown() {
    let desk = desk(&format!(
        "unknown_fields = 'json'\nselect = ['people']\n{TO}"
    ));
    let born = r#""name":{"type":"string"},"born":{"type":"string","format":"date"}"#;
    desk.write("tap", TAP.replace(born, ""));
    desk.ok(SINGER);
    assert_snapshot!(columns(&desk, "out"), @r#"
    people.parquet: _unknown_fields VARCHAR
      {"name":"Ada","born":"1815-12-10","extra":true}
    "#);
}

#[test]
fn the_fields_of_singers_targets() {
    let (desk, _) = loaded(&format!(
        "singer = {{ record_metadata = true }}\nselect = ['people']\n{TO}"
    ));
    let read = columns(&desk, "out");
    let mut lines = read.lines();
    assert_snapshot!(lines.next().expect("columns"), @"people.parquet: name VARCHAR, born DATE, _sdc_extracted_at TIMESTAMP WITH TIME ZONE, _sdc_received_at TIMESTAMP WITH TIME ZONE, _sdc_batched_at TIMESTAMP WITH TIME ZONE, _sdc_deleted_at TIMESTAMP WITH TIME ZONE, _sdc_sequence BIGINT, _sdc_table_version BIGINT, extra BOOLEAN");
    let row = lines.next().expect("a row");
    assert!(row.starts_with("  Ada, 1815-12-10, None, 20"), "{row}");
}
