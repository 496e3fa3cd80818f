//! Files that can't be read to their end.

use insta::assert_snapshot;

use crate::kit::{Desk, FLIGHTS};

/// Loads a file with an object for each record: those before the fault are sealed, and stay whole.
fn refused(name: &str, content: impl AsRef<[u8]>, sealed: &[&str]) -> String {
    let desk = Desk::new();
    desk.write(name, content);
    let ran = desk.run(&format!(
        "spile load {name} --to 'out/{{part}}.csv' --object-rows 1"
    ));
    assert_eq!(ran.code, 4, "{ran}");
    let files: Vec<_> = desk.files("out").into_values().collect();
    let sealed: Vec<_> = sealed.iter().map(|text| text.as_bytes()).collect();
    assert_eq!(files, sealed, "{ran}");
    ran.stderr
}

#[test]
fn malformed_json() {
    let text = "{\"id\":1}\n\n{\"id\":}\n{\"id\":3}\n";
    assert_snapshot!(refused("a.jsonl", text, &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 3 of a.jsonl: expected a value, found `}` at byte 6
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
    assert_snapshot!(refused("a.jsonl", "{\"id\":1}\n{\"id\":2", &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 2 of a.jsonl: expected `,` or `}`, found the end at byte 7
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
    assert_snapshot!(refused("a.jsonl", "{\"id\":1}\n[2]\n", &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 2 of a.jsonl: expected an object, found an array at byte 0
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
}

#[test]
fn a_ragged_row() {
    let text = "id,name\n1,\"a\nb\"\n2\n";
    assert_snapshot!(refused("a.csv", text, &["id,name\n1,\"a\nb\"\n"]), @r"
      00001.csv          1 record        16 B
    failed: loaded only 1 record in 1 object (16 B) into DIR/out in TIME
    error: failed to read the record at line 4 of a.csv: it has 1 field, the header has 2
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
    assert_snapshot!(refused("a.csv", "id\n1\n2,3\n", &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 3 of a.csv: it has 2 fields, the header has 1
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
}

#[test]
fn an_unclosed_quote() {
    assert_snapshot!(refused("a.csv", "id\n1\n\"2\n", &["id\n1\n"]), @r#"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read a.csv as csv: the " that opens on line 3 is never closed
    "#);
}

#[test]
fn no_utf_8() {
    let json = b"{\"id\":1}\n{\"id\":\"\xff\"}\n";
    assert_snapshot!(refused("a.jsonl", json, &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 2 of a.jsonl: invalid UTF-8 at byte 7
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
    assert_snapshot!(refused("a.csv", b"id\n1\n\xff\n", &["id\n1\n"]), @r"
      00001.csv          1 record         5 B
    failed: loaded only 1 record in 1 object (5 B) into DIR/out in TIME
    error: failed to read the record at line 3 of a.csv: column `id` isn't UTF-8
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
}

#[test]
fn a_truncated_gzip() {
    let whole = std::fs::read(FLIGHTS).expect("read");
    let desk = Desk::new();
    desk.write("flights.csv.gz", &whole[..50_000]);
    let ran = desk.run("spile load flights.csv.gz --to 'out/{part}.csv' --object-rows 1000");
    assert_snapshot!(ran, @r"
    exit 4
      00001.csv     1,000 records   88.76 KiB
      00002.csv     1,000 records   89.04 KiB
    failed: loaded only 2,000 records in 2 objects (177.79 KiB) into DIR/out in TIME, of 2,005 read
    error: failed to read flights.csv.gz as gzip: the compressed data ends early: the file is truncated
    ");
    let sealed = desk.files("out").into_values();
    let rows = sealed.map(|csv| csv.iter().filter(|byte| **byte == b'\n').count());
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [1_001, 1_001],
        "with a header each"
    );
}

#[test]
fn a_truncated_zstd() {
    let desk = Desk::with_flights();
    desk.ok("spile load examples/flights.csv.gz --to made --key flights.csv.zst");
    let whole = &desk.files("made")["flights.csv.zst"];
    desk.write("flights.csv.zst", &whole[..whole.len() / 2]);
    let ran = desk.run("spile load flights.csv.zst --to 'out/{part}.csv' --object-rows 1000");
    assert_eq!(ran.code, 4, "{ran}");
    let said = "failed to read flights.csv.zst as zstd: the compressed data ends early: the file is truncated";
    assert!(ran.stderr.contains(said), "{ran}");
    let sealed = desk.files("out").into_values();
    let mut rows = sealed.map(|csv| csv.iter().filter(|byte| **byte == b'\n').count());
    assert!(rows.len() > 1 && rows.all(|rows| rows == 1_001), "{ran}");
}

#[test]
fn a_file_that_is_not_there() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    assert_snapshot!(desk.run("spile load a.csv b.csv 'c*.csv' --to out"), @r"
    exit 4
    error: failed to find a file that matches `c*.csv`
    error: failed to read b.csv
      caused by: No such file or directory (os error 2)
    ");
    assert_snapshot!(desk.run("spile load . --to out"), @r"
    exit 4
    error: failed to read the folder `.` as a file: name its files, as in `./*.csv`
    ");
    assert_snapshot!(desk.run("spile load --to out"), @r"
    exit 4
    error: failed to find any input: name files, globs, `-` for stdin, or a program by `-- PROGRAM`
    ");
    assert!(desk.files("out").is_empty());
}

#[test]
fn a_pipe_without_a_name() {
    let desk = Desk::new();
    assert_snapshot!(desk.run("printf 'id,n\\n1,2\\n' | spile load - --to out"), @r"
    exit 4
    error: failed to name the stream of stdin: give it by `--stream NAME`
    ");
}

#[test]
fn a_record_that_is_too_long() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        format!("{{\"a\":\"{}\"}}\n", "x".repeat(20 << 20)),
    );
    let ran = desk.run("spile load a.jsonl --to 'out/{part}.jsonl' --record-bytes 1MiB");
    assert_snapshot!(ran, @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to read the record at line 1 of a.jsonl: it is longer than 1048576 bytes
      hint: mend the record and run again; what was sealed before it is in the bucket
    ");
    desk.ok("spile load a.jsonl --to 'out/{part}.jsonl'");
    assert_eq!(desk.files("out")["00001.jsonl"], desk.files("")["a.jsonl"]);
}

#[test]
fn nothing_at_all_is_no_fault() {
    let desk = Desk::new();
    desk.write("a.csv", "")
        .write("b.csv", "id,name\n")
        .write("c.jsonl", "\n");
    assert_snapshot!(desk.run("spile load a.csv b.csv c.jsonl --to out"), @r"
    exit 0
    loaded 0 records in 0 objects (0 B) into DIR/out in TIME
    ");
    assert!(desk.files("out").is_empty());
}
