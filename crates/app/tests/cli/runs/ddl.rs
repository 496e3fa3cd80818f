//! `spile runs ddl`: DuckDB's views are read for real, the others' statements are looked at.

use insta::{allow_duplicates, assert_snapshot};

use crate::kit::{Desk, Store};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/runs/ddl.py");

/// Two loads of a stream into a folder; the second one has a column more, and another type.
fn loaded(flags: &str) -> Desk {
    let desk = Desk::with_python();
    desk.write(
        "a/o.jsonl",
        "{\"id\":1,\"n\":5,\"the \\\"note\\\"\":\"it's\",\"l\":[1,2]}\n{\"id\":2}\n",
    );
    desk.write(
        "b/o.jsonl",
        "{\"id\":3,\"n\":\"x\",\"more\":\"2025-04-14T08:00:00Z\"}\n",
    );
    for (folder, run) in [("a", "one"), ("b", "two")] {
        desk.ok(&format!(
            "spile load {folder}/o.jsonl --to 'out [1]' -q --connection-id c --connection-run-id {run} \
             --key '{{connection_run_id}}.{{extension}}' {flags}"
        ));
    }
    desk
}

/// What DuckDB finds in a view.
fn query(flags: &str, query: &str) -> String {
    query_as(flags, "", query)
}

/// The same with columns that are said.
fn query_as(flags: &str, columns: &str, query: &str) -> String {
    let desk = loaded(flags);
    let ddl = "spile runs ddl o --dialect duckdb --to 'out [1]' --connection-id c";
    desk.ok(&format!("{ddl} {flags} {columns} > view.sql"));
    let ran = desk.ok(&format!("python {SCRIPT} view.sql \"{query}\""));
    ran.stdout
}

const ROWS: &str = "SELECT id, n, \\\"the \\\"\\\"note\\\"\\\"\\\", more FROM o ORDER BY id";

#[test]
fn duckdb_reads_parquet() {
    assert_snapshot!(query("--format parquet", ROWS), @r#"
    (1, '5', "it's", None)
    (2, None, None, None)
    (3, '"x"', None, datetime.datetime(2025, 4, 14, 8, 0, tzinfo=<UTC>))
    "#);
}

#[test]
fn duckdb_reads_csv() {
    allow_duplicates!(for format in ["csv", "csv.gz", "csv.zst"] {
        assert_snapshot!(query(&format!("--format {format}"), ROWS), @r#"
        ('1', '5', "it's", None)
        ('2', None, None, None)
        ('3', 'x', None, '2025-04-14T08:00:00Z')
        "#);
    });
}

#[test]
fn duckdb_reads_csv_with_declared_types() {
    let flags = "--format csv --schema 'id int64, more timestamp_utc, l json'";
    assert_snapshot!(query(flags, "DESCRIBE o"), @r#"
    ('id', 'BIGINT', 'YES', None, None, None)
    ('more', 'TIMESTAMP WITH TIME ZONE', 'YES', None, None, None)
    ('l', 'JSON', 'YES', None, None, None)
    ('n', 'VARCHAR', 'YES', None, None, None)
    ('the "note"', 'VARCHAR', 'YES', None, None, None)
    "#);
    assert_snapshot!(query(flags, "SELECT id, more, l FROM o ORDER BY id"), @r"
    (1, None, '[1,2]')
    (2, None, None)
    (3, datetime.datetime(2025, 4, 14, 8, 0, tzinfo=<UTC>), None)
    ");
}

#[test]
fn duckdb_reads_jsonl() {
    allow_duplicates!(for format in ["jsonl", "jsonl.gz", "jsonl.zst"] {
        assert_snapshot!(query(&format!("--format {format}"), ROWS), @r#"
        (1, '5', "it's", None)
        (2, None, None, None)
        (3, '"x"', None, datetime.datetime(2025, 4, 14, 8, 0, tzinfo=<UTC>))
        "#);
    });
    let columns = "--columns 'id decimal(5, 2), more timestamp, l list(int64)'";
    assert_snapshot!(query_as("--format jsonl", columns, "FROM o ORDER BY id"), @r"
    (Decimal('1.00'), None, [1, 2])
    (Decimal('2.00'), None, None)
    (Decimal('3.00'), datetime.datetime(2025, 4, 14, 8, 0), None)
    ");
}

#[test]
fn the_statement_names_each_object_that_counts() {
    let desk = loaded("--format csv");
    let ddl = "spile runs ddl o --dialect duckdb --to 'out [1]' --connection-id c";
    assert_snapshot!(desk.ok(ddl), @r#"
    exit 0
    -- stream o of connection c: 2 objects
    CREATE OR REPLACE VIEW "o" AS
    SELECT * FROM read_csv([
      'DIR/out [[]1]/one.csv'
    ], auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, compression = 'none', columns = {'id': 'VARCHAR', 'n': 'VARCHAR', 'the "note"': 'VARCHAR', 'l': 'VARCHAR'})
    UNION ALL BY NAME
    SELECT * FROM read_csv([
      'DIR/out [[]1]/two.csv'
    ], auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, compression = 'none', columns = {'id': 'VARCHAR', 'n': 'VARCHAR', 'the "note"': 'VARCHAR', 'l': 'VARCHAR', 'more': 'VARCHAR'});
    "#);
    let json = desk.ok(&format!("{ddl} --output-format json")).json();
    assert_eq!(
        (&json["objects"], &json["dialect"]),
        (&2.into(), &"duckdb".into())
    );
}

#[test]
fn a_table_needs_a_connection_objects_and_one_format() {
    let desk = loaded("--format csv");
    let ddl = "spile runs ddl o --dialect duckdb --to 'out [1]'";
    assert_snapshot!(desk.run(ddl), @r"
    exit 3
    error: which objects of a stream count is kept of connections alone
      hint: give its id: --connection-id
    ");
    assert_snapshot!(desk.run(&format!("{ddl} --connection-id other")), @r"
    exit 3
    error: the connection has no objects of a stream o
      hint: `spile runs show RUN` names the streams of a run
    ");
    let unsaid = "--columns 'id'";
    assert_snapshot!(desk.run(&format!("{ddl} --connection-id c {unsaid}")), @r"
    exit 3
    error: --columns: read `id`: a column's type is expected, not the end
      hint: write 'id int64, at timestamp_utc'
    ");
    let of_folder = "spile runs ddl o --dialect athena --to 'out [1]' --connection-id c";
    assert_snapshot!(desk.run(of_folder), @r"
    exit 3
    error: only DuckDB reads a folder such as DIR/out [1]
      hint: give --dialect duckdb
    ");
    desk.ok("spile load a/o.jsonl --to 'out [1]' -q --connection-id c --key 'x.parquet'");
    assert_snapshot!(desk.run(&format!("{ddl} --connection-id c")), @r"
    exit 3
    error: objects of several formats make no table: csv, parquet
      hint: load the stream anew in one of them, under another connection.id
    ");
}

/// A statement over objects in the store, without what differs from run to run.
fn in_store(dialect: &str, flags: &str, columns: &str) -> String {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write(
        "o.jsonl",
        "{\"id\":1,\"at\":\"2025-04-14T08:00:00Z\",\"x\":{\"a b\":[1.5]}}\n",
    );
    let to = store.to();
    let load = format!("spile load o.jsonl -q {flags} {to}");
    desk.ok(&format!(
        "{load} --connection-id c --key 'o/{{connection_run_id}}.{{extension}}'"
    ));
    desk.ok(&format!("{load} --key 'o/stray.{{extension}}'"));
    let ran = desk.ok(&format!(
        "spile runs ddl o --dialect {dialect} --connection-id c {flags} {columns} {to}"
    ));
    let text = ran
        .stdout
        .replace(&store.prefix, "PREFIX")
        .replace(&store.bucket, "BUCKET");
    text.replace(store.endpoint.trim_start_matches("http://"), "HOST")
}

#[test]
fn an_external_table_for_athena() {
    let schema = "--schema 'id int64, at timestamp_utc, amount decimal(18, 2)'";
    assert_snapshot!(in_store("athena", &format!("--format parquet {schema}"), ""), @r"
    -- stream o of connection c: 1 object
    -- warning: 1 object below s3://BUCKET/PREFIX/o/ isn't counted here and would be read as well, such as PREFIX/o/stray.parquet
    CREATE EXTERNAL TABLE `o` (
      `id` bigint,
      `at` timestamp,
      `amount` decimal(18, 2),
      `x` struct<`a b`:array<double>>
    )
    STORED AS PARQUET
    LOCATION 's3://BUCKET/PREFIX/o/';
    ");
    assert_snapshot!(in_store("athena", "--format csv.gz", ""), @r#"
    -- stream o of connection c: 1 object
    -- warning: 1 object below s3://BUCKET/PREFIX/o/ isn't counted here and would be read as well, such as PREFIX/o/stray.csv.gz
    -- OpenCSVSerde reads all values as text, and takes a backslash for an escape: where values may hold one, load parquet
    CREATE EXTERNAL TABLE `o` (
      `id` string,
      `at` string,
      `x` string
    )
    ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
    WITH SERDEPROPERTIES ('separatorChar' = ',', 'quoteChar' = '"')
    STORED AS TEXTFILE
    LOCATION 's3://BUCKET/PREFIX/o/'
    TBLPROPERTIES ('skip.header.line.count' = '1');
    "#);
    let columns = "--columns 'id int64, x json'";
    assert_snapshot!(in_store("athena", "--format jsonl", columns), @r"
    -- stream o of connection c: 1 object
    -- warning: 1 object below s3://BUCKET/PREFIX/o/ isn't counted here and would be read as well, such as PREFIX/o/stray.jsonl
    CREATE EXTERNAL TABLE `o` (
      `id` bigint,
      `x` string
    )
    ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
    STORED AS TEXTFILE
    LOCATION 's3://BUCKET/PREFIX/o/';
    ");
}

#[test]
fn a_stage_and_an_external_table_for_snowflake() {
    let schema = "--schema 'id int64, at timestamp_utc, x json'";
    assert_snapshot!(in_store("snowflake", &format!("--format parquet {schema}"), ""), @r#"
    -- stream o of connection c: 1 object
    -- warning: 1 object below s3://BUCKET/PREFIX/o/ isn't counted here and would be read as well, such as PREFIX/o/stray.parquet
    -- the integration is yours: it is how Snowflake is let into the bucket
    CREATE STAGE IF NOT EXISTS "o_stage"
      URL = 's3://BUCKET/PREFIX/o/'
      STORAGE_INTEGRATION = my_integration;
    CREATE EXTERNAL TABLE "o" (
      "id" NUMBER(38, 0) AS (VALUE:"id"::NUMBER(38, 0)),
      "at" TIMESTAMP_TZ AS (VALUE:"at"::TIMESTAMP_TZ),
      "x" VARIANT AS (PARSE_JSON(VALUE:"x"::VARCHAR))
    )
      LOCATION = @"o_stage"
      FILE_FORMAT = (TYPE = PARQUET)
      PATTERN = '.*[.]parquet'
      AUTO_REFRESH = FALSE;
    "#);
    assert_snapshot!(in_store("snowflake", "--format csv", ""), @r#"
    -- stream o of connection c: 1 object
    -- warning: 1 object below s3://BUCKET/PREFIX/o/ isn't counted here and would be read as well, such as PREFIX/o/stray.csv
    -- the integration is yours: it is how Snowflake is let into the bucket
    CREATE STAGE IF NOT EXISTS "o_stage"
      URL = 's3://BUCKET/PREFIX/o/'
      STORAGE_INTEGRATION = my_integration;
    CREATE EXTERNAL TABLE "o" (
      "id" VARCHAR AS (VALUE:c1::VARCHAR),
      "at" VARCHAR AS (VALUE:c2::VARCHAR),
      "x" VARCHAR AS (VALUE:c3::VARCHAR)
    )
      LOCATION = @"o_stage"
      FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = ',' FIELD_OPTIONALLY_ENCLOSED_BY = '"' SKIP_HEADER = 1 NULL_IF = (''))
      PATTERN = '.*[.]csv.*'
      AUTO_REFRESH = FALSE;
    "#);
}

#[test]
fn duckdb_is_told_how_the_store_is_reached() {
    assert_snapshot!(in_store("duckdb", "--format parquet", ""), @r#"
    -- stream o of connection c: 1 object
    -- DuckDB needs credentials: CREATE SECRET (…), with TYPE s3, PROVIDER credential_chain, ENDPOINT 'HOST', URL_STYLE 'path', USE_SSL false
    CREATE OR REPLACE VIEW "o" AS
    SELECT * FROM read_parquet([
      's3://BUCKET/PREFIX/o/UUID.parquet'
    ], union_by_name = true);
    "#);
}
