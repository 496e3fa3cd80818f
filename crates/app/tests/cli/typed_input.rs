//! Parquet and Arrow as input: each record to the object of its cursor's day, whatever type the
//! cursor has, and every value as it was.

use std::process::Command;

use insta::assert_snapshot;

use crate::kit::{Desk, told};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/typed_input.py");

fn python(arguments: &[&str]) {
    let mut python = Command::new(told("PYTHON"));
    let output = python
        .arg(SCRIPT)
        .args(arguments)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

fn check(cursor: &str, flags: &str) {
    let desk = Desk::new();
    let folder = desk.path("").display().to_string();
    python(&["make", &folder]);
    for input in ["typed.parquet", "typed.arrow"] {
        for format in ["parquet", "csv", "jsonl"] {
            let ran = desk.ok(&format!(
                "rm -rf out; spile load {input} --cursor-field {cursor} {flags} --to out \
                 --key '{{cursor_iso_date}}.{{extension}}' --format {format} \
                 --timezone America/New_York --output-format json"
            ));
            assert_eq!(ran.json()["rows"], 3_000);
            python(&["check", &folder, format, cursor]);
        }
    }
}

#[test]
fn by_a_local_time() {
    check("local", "");
}

#[test]
fn by_an_instant() {
    check("instant", "");
}

#[test]
fn by_a_date() {
    check("day", "");
}

#[test]
fn by_an_integer() {
    check("epoch", "--cursor-format epoch_s");
}

/// The second file has a null where the first one's column can have none, and the third lacks the
/// column; integers and floats meet that no one number type holds.
#[test]
fn files_that_differ_in_nulls_and_types() {
    let desk = Desk::new();
    python(&["differ", &desk.path("").display().to_string()]);
    let files = "a.parquet b.parquet c.arrow";
    let ran = desk.ok(&format!(
        "spile load {files} d.csv --stream s --to out --key s.parquet --output-format json"
    ));
    assert_eq!(ran.json()["rows"], 8);
    python(&["differed", &desk.path("out").display().to_string()]);
}

#[test]
fn a_record_without_the_struct_of_its_cursor() {
    let desk = Desk::new();
    python(&["make", &desk.path("").display().to_string()]);
    let ran =
        desk.run("spile load typed.parquet --cursor-field meta.at --to 'out/{cursor_date}.csv'");
    assert_snapshot!(ran, @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 3,000 read
    error: failed to route the record at row 1 of typed.parquet
      caused by: read the cursor of a record: the record has no value in its cursor field `meta.at`
      hint: name the right field by --cursor-field, and how it is written by --cursor-format
    ");
}
