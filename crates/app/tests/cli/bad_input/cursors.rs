//! Records whose cursors can't be read.

use insta::assert_snapshot;

use crate::kit::Desk;

/// Loads two records by the day of `at`; the second one is at fault.
fn refused(second: &str, flags: &str) -> String {
    let desk = Desk::new();
    desk.write("a.jsonl", format!("{{\"at\":\"2024-01-01\"}}\n{second}\n"));
    let ran = desk.run(&format!(
        "spile load a.jsonl --to 'out/{{cursor_date}}.jsonl' --cursor-field at {flags}"
    ));
    assert!(desk.files("out").is_empty(), "{ran}");
    ran.to_string()
}

#[test]
fn none() {
    assert_snapshot!(refused(r#"{"id":2}"#, ""), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 2 of a.jsonl
      caused by: read the cursor of a record: the record has no value in its cursor field `at`
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
    assert_snapshot!(refused(r#"{"at":null}"#, ""), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 2 of a.jsonl
      caused by: read the cursor of a record: the record has no value in its cursor field `at`
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
}

#[test]
fn unreadable() {
    assert_snapshot!(refused(r#"{"at":"yesterday"}"#, ""), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 2 of a.jsonl
      caused by: read the cursor of a record: the cursor `yesterday` in field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
    assert_snapshot!(refused(r#"{"at":1704067200}"#, ""), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 2 of a.jsonl
      caused by: read the cursor of a record: the cursor `1704067200` in field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
    assert_snapshot!(refused(r#"{"at":"2024-02-30"}"#, ""), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 2 of a.jsonl
      caused by: read the cursor of a record: the cursor `2024-02-30` in field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
}

#[test]
fn of_another_format_than_said() {
    assert_snapshot!(refused(r#"{"at":1}"#, "--cursor-format epoch_ms"), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 2 read
    error: failed to route the record at line 1 of a.jsonl
      caused by: read the cursor of a record: the cursor `2024-01-01` in field `at` is not a number since 1970
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
    assert_snapshot!(refused(r#"{"at":1}"#, "--cursor-format epoch"), @r"
    exit 3
    error: --cursor-format: `epoch` is none of time, epoch_s, epoch_ms, epoch_us, epoch_ns, text
      hint: did you mean `epoch_s`?
    ");
}

#[test]
fn a_column_that_is_not_there() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run("spile load a.csv --to 'out/{cursor_date}.csv' --cursor-field at");
    assert_snapshot!(ran, @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to route the record at row 1 of a.csv
      caused by: read the cursor of a record: the record has no value in its cursor field `at`
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
}

#[test]
fn one_for_the_run_and_one_of_each_record() {
    assert_snapshot!(refused("{}", "--cursor 2024-01-01"), @r"
    exit 3
    error: --cursor: a cursor for the whole run, and a cursor field of each record
      hint: leave one of them out
    ");
}

#[test]
fn one_for_the_run_that_is_no_time() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let line = "spile load a.csv --to 'out/{cursor_date}.csv' --cursor tomorrow";
    assert_snapshot!(desk.run(line), @r"
    exit 3
    error: the key of stream a:
      {cursor_date}.csv
      ^^^^^^^^^^^^^ `{cursor_date}` needs a cursor that is a time (any other fits `{cursor}` only)
    ");
}

#[test]
fn local_times_are_told_in_their_zone_and_gaps_are_skipped() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        "{\"at\":\"2024-03-10 01:59:59\"}\n{\"at\":\"2024-03-10 02:30:00\"}\n\
         {\"at\":\"2024-11-03 01:30:00\"}\n{\"at\":\"2024-03-10T07:00:00Z\"}\n",
    );
    desk.ok(
        "spile load a.jsonl --to 'out/{cursor_iso_date_time}.jsonl' --cursor-field at \
         --timezone America/New_York",
    );
    assert_snapshot!(desk.names("out").join("\n"), @r"
    2024-03-10T01:59:59-05:00.jsonl
    2024-03-10T03:00:00-04:00.jsonl
    2024-03-10T03:30:00-04:00.jsonl
    2024-11-03T01:30:00-04:00.jsonl
    ");
}

#[test]
fn epochs_have_units() {
    let desk = Desk::new();
    desk.write("a.jsonl", "{\"at\":1744629825123}\n");
    desk.ok(
        "spile load a.jsonl --to 'out/{cursor_iso_date_time}.jsonl' --cursor-field at \
         --cursor-format epoch_ms",
    );
    assert_eq!(desk.names("out"), ["2025-04-14T11:23:45Z.jsonl"]);
}
