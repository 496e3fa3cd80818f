//! What a plan says of a load, and that it writes nothing.

use insta::assert_snapshot;

use crate::kit::Desk;

const ROWS: &str = "{\"id\":1,\"at\":\"2024-01-01T10:00:00Z\",\"name\":\"a\"}\n\
                    {\"id\":2,\"at\":\"2024-01-01T11:00:00Z\",\"name\":\"A\"}\n\
                    {\"id\":3,\"at\":\"2024-01-02T10:00:00Z\",\"name\":\"_b\"}\n";
const IDS: &str = "--connection-run-id 007 --load-time 2025-04-14T11:23:45Z";

/// Plans a load; nothing may be written anywhere.
fn plan(key: &str, flags: &str) -> String {
    let desk = Desk::new();
    desk.write("s.jsonl", ROWS);
    let ran = desk.run(&format!("spile plan s.jsonl --key '{key}' {IDS} {flags}"));
    assert_eq!(desk.names(""), ["s.jsonl"], "{ran}");
    assert!(!desk.path("out").exists());
    ran.to_string()
}

#[test]
fn periods_and_objects() {
    let flags = "--cursor-field at --to out";
    assert_snapshot!(plan("{cursor_date}/{connection_run_id}.csv", flags), @r"
    exit 0
      2024_01_01/007.csv  (2 records, 61 B)
      2024_01_02/007.csv  (1 record, 37 B)
    3 records of 2 periods: 2 objects, 2 keys
    ");
}

#[test]
fn keys_that_repeat_between_runs() {
    assert_snapshot!(plan("{stream_name}.csv", ""), @r"
    exit 0
      s.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)
    ");
    assert_snapshot!(plan("{stream_name}.csv", "--write overwrite"), @r"
    exit 0
      s.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat from run to run: a further run replaces what is there, but leaves objects whose keys it doesn't reach
    ");
    assert_snapshot!(plan("{stream_name}/{year}.csv", "--write overwrite"), @r"
    exit 0
      s/2025.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat in runs of the same year: a further run replaces what is there, but leaves objects whose keys it doesn't reach
    ");
    assert_snapshot!(plan("{iso_date}/{month}.csv", ""), @r"
    exit 0
      2025-04-14/04.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat in runs of the same day: what is there stays, and a further run takes the next numbers (-00002, …)
    ");
    assert_snapshot!(plan("{stream_name}/{date_time}.csv", ""), @r"
    exit 0
      s/2025_04_14_11_23_45.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    ");
}

#[test]
fn periods_that_share_a_key() {
    let desk = Desk::new();
    desk.write("a.jsonl", ROWS).write("b.jsonl", ROWS);
    let line = "spile plan a.jsonl b.jsonl --key '{cursor_month}.csv' --cursor-field at";
    assert_snapshot!(desk.run(line), @r"
    exit 0
      01.csv  (3 records, 87 B)
      01-00002.csv  (3 records, 87 B)
    6 records of 2 periods: 2 objects, 2 keys
    warning: the keys of stream a repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)
    warning: the keys of stream b repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)
    warning: 1 of 2 periods have the key of another one and take numbers: add macros that tell them apart, such as {cursor_year} or {stream_name}
    ");
}

/// A period is what the template tells apart.
#[test]
fn days_of_one_month_are_one_period() {
    assert_snapshot!(plan("{connection_run_id}/{cursor_month}.csv", "--cursor-field at"), @r"
    exit 0
      007/01.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    ");
}

#[test]
fn keys_that_readers_stumble_over() {
    let flags = "--cursor-field name --cursor-format text";
    assert_snapshot!(plan("{connection_run_id}/{cursor}.csv", flags), @r"
    exit 0
      007/a.csv  (1 record, 36 B)
      007/A.csv  (1 record, 36 B)
      007/_b.csv  (1 record, 37 B)
    3 records of 3 periods: 3 objects, 3 keys
    warning: key `007/A.csv` differs from `007/a.csv` in case only
    warning: key `007/_b.csv` is hidden to Hive and Spark by its segment `_b.csv`
    ");
    assert_snapshot!(plan("{iso_date_time}/{connection_run_id}.csv", ""), @r"
    exit 0
      2025-04-14T11:23:45Z/007.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: key `2025-04-14T11:23:45Z/007.csv` has a `:`, and Hadoop and Spark refuse such keys
    ");
    assert_snapshot!(plan(".{connection_run_id}/x.csv", ""), @r"
    exit 0
      .007/x.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: key `.007/x.csv` is hidden to Hive and Spark by its segment `.007`
    ");
}

#[test]
fn further_objects_have_numbers() {
    assert_snapshot!(plan("{connection_run_id}.csv", "--object-rows 1"), @r"
    exit 0
      007.csv  (1 record, 36 B)
      007-00002.csv  (1 record, 36 B)
      007-00003.csv  (1 record, 37 B)
    3 records of 1 period: 3 objects, 3 keys
    ");
    assert_snapshot!(plan("{connection_run_id}-{part}.csv", "--object-rows 2"), @r"
    exit 0
      007-00001.csv  (2 records, 61 B)
      007-00002.csv  (1 record, 37 B)
    3 records of 1 period: 2 objects, 2 keys
    ");
}

#[test]
fn for_programs() {
    let flags = "--cursor-field at --output-format json";
    assert_snapshot!(plan("{cursor_date}.csv", flags), @r#"
    exit 0
    {"schema_version":1,"rows":3,"periods":2,"objects":[{"stream":"s","key":"2024_01_01.csv","rows":2,"bytes":61},{"stream":"s","key":"2024_01_02.csv","rows":1,"bytes":37}],"warnings":["the keys of stream s repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)"]}
    "#);
}

#[test]
fn faults_are_those_of_a_load() {
    assert_snapshot!(plan("{cursor_date}.csv", ""), @r"
    exit 3
    error: the key of stream s:
      {cursor_date}.csv
      ^^^^^^^^^^^^^ `{cursor_date}` needs a cursor, and the stream has none
      hint: name the field that holds the cursor: --cursor-field FIELD
    ");
}

#[test]
fn the_destination_of_the_file_counts() {
    let desk = Desk::new();
    desk.write("s.jsonl", ROWS);
    desk.write(
        "spile.toml",
        "[destination]\nurl = 's3://landing/raw/{stream_name}.csv'",
    );
    let ran = desk.run("spile plan s.jsonl --config spile.toml -q");
    assert_snapshot!(ran, @r"
    exit 0
      raw/s.csv  (3 records, 87 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)
    ");
    let dry = desk.run("spile load s.jsonl --config spile.toml -q --dry-run");
    assert_eq!(dry.to_string(), ran.to_string());
}
