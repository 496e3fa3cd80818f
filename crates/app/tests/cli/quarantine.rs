//! Bad records that are set aside, and read back once they are mended.

use insta::assert_snapshot;
use serde_json::Value;

use crate::kit::{self, Desk, Ran, Store};

const EVENTS: &str = concat!(
    "{\"id\":1,\"at\":\"2025-04-12\"}\n",
    "{\"id\":}\n",
    "{\"id\":3,\"at\":\"soon\"}\n",
    "{\"id\":4}\n",
    "{\"id\":5,\"at\":\"2025-04-13\"}\n",
);
const KEY: &str = "--key '{stream_name}/{cursor_iso_date}.csv' --cursor-field at";
const ASIDE: &str = "--on-bad-record quarantine --max-bad-records 3 --connection-run-id r1";

/// The lines of a text.
fn lines(text: &str) -> Vec<Value> {
    let value = |line| serde_json::from_str(line).expect("a line of JSON");
    text.lines().map(value).collect()
}

/// Line or row, cause and text of what is in quarantine.
fn told(text: &str) -> String {
    let told = lines(text).into_iter().map(|line| {
        let at = line.get("line").or(line.get("row")).cloned();
        let record = line.get("record").or(line.get("record_base64")).cloned();
        let at = at.unwrap_or_default();
        let record = record.unwrap_or_default();
        let (cause, record) = (line["cause"].as_str(), record.as_str());
        format!(
            "{at} {}: {}\n",
            record.unwrap_or_default(),
            cause.unwrap_or_default()
        )
    });
    told.collect()
}

fn set_aside(desk: &Desk, line: &str) -> Ran {
    let ran = desk.run(line);
    assert_eq!(ran.code, 9, "{line}\n{ran}");
    ran
}

/// Every object, and what is in quarantine.
fn listed(desk: &Desk) -> Vec<String> {
    let mut names = desk.kept("out");
    names.retain(|name| name.starts_with("_spile/quarantine/"));
    names.extend(desk.names("out"));
    names
}

#[test]
fn json_is_set_aside_mended_and_loaded() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    let ran = set_aside(
        &desk,
        &format!("spile load events.jsonl --to out {KEY} {ASIDE}"),
    );
    assert_snapshot!(ran.stderr, @r"
      events/2025-04-12.csv          1 record        19 B
      events/2025-04-13.csv          1 record        19 B
      in quarantine: _spile/quarantine/events/r1-00001.jsonl  3 bad records
    loaded 2 records in 2 objects (38 B) into DIR/out in TIME, with 3 records in quarantine
    ");
    let aside = "out/_spile/quarantine/events/r1-00001.jsonl";
    let text = desk.read(aside);
    assert_snapshot!(told(&text), @r#"
    2 {"id":}: expected a value, found `}` at byte 6
    3 {"id":3,"at":"soon"}: the cursor `soon` in field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z
    4 {"id":4}: the record has no value in its cursor field `at`
    "#);

    let mended = text
        .replace(
            "{\\\"id\\\":}",
            "{\\\"id\\\":2,\\\"at\\\":\\\"2025-04-12\\\"}",
        )
        .replace("soon", "2025-04-14");
    desk.write(aside, mended);
    let again = ASIDE.replace("r1", "r2");
    let ran = set_aside(&desk, &format!("spile load {aside} --to out {KEY} {again}"));
    assert_snapshot!(ran.stderr, @r"
      events/2025-04-12-00002.csv          1 record        19 B
      events/2025-04-14.csv                1 record        19 B
      in quarantine: _spile/quarantine/events/r2-00001.jsonl  1 bad record
    loaded 2 records in 2 objects (38 B) into DIR/out in TIME, with 1 record in quarantine
    ");
    assert_eq!(
        desk.read("out/events/2025-04-12-00002.csv"),
        "id,at\n2,2025-04-12\n"
    );
    let left = lines(&desk.read("out/_spile/quarantine/events/r2-00001.jsonl"));
    assert_eq!(left[0]["record"], "{\"id\":4}");
    assert_eq!(left[0]["line"], 3, "of the file in quarantine");
}

#[test]
fn rows_that_are_no_rows_cant_be_unwrapped() {
    let desk = Desk::new();
    let text = b"id,at\n1,2025-04-12\n2\n3,soon\n\xFF,2025-04-12\n";
    desk.write("rows.csv", text);
    let aside = "--on-bad-record quarantine --max-bad-records 3 --quarantine out/bad \
                 --connection-run-id r1";
    set_aside(
        &desk,
        &format!("spile load rows.csv --to out {KEY} {aside}"),
    );
    let name = "out/bad/rows/r1-00001.jsonl";
    assert_snapshot!(told(&desk.read(name)), @r#"
    3 2: it has 1 field, the header has 2
    3 {"id":"3","at":"soon"}: the cursor `soon` in field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z
    5 /ywyMDI1LTA0LTEy: column `id` isn't UTF-8
    "#);
    desk.write(
        "mended.jsonl",
        desk.read(name).replace("soon", "2025-04-14"),
    );
    let again = aside.replace("r1", "r2");
    set_aside(
        &desk,
        &format!("spile load mended.jsonl --to out {KEY} {again}"),
    );
    assert_snapshot!(told(&desk.read("out/bad/rows/r2-00001.jsonl")), @"
    1 2: its text is no JSON object: expected an object, found a number at byte 0
    3 /ywyMDI1LTA0LTEy: its text is no JSON object: invalid UTF-8 at byte 0
    ");
    assert_eq!(
        desk.read("out/rows/2025-04-14.csv"),
        "id,at\n3,2025-04-14\n"
    );
}

#[test]
fn typed_rows_are_set_aside_as_json() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        "{\"id\":1,\"at\":\"2025-04-12\",\"x\":[1.5]}\n{\"id\":2,\"x\":[null]}\n",
    );
    desk.ok("spile load a.jsonl --to typed/a.parquet");
    set_aside(
        &desk,
        &format!("spile load typed/a.parquet --to out {KEY} {ASIDE}"),
    );
    let text = desk.read("out/_spile/quarantine/a/r1-00001.jsonl");
    assert_snapshot!(told(&text), @r#"2 {"id":2,"at":null,"x":[null]}: the record has no value in its cursor field `at`"#);
}

#[test]
fn one_more_than_the_limit_is_an_error() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    let ran = desk.run(&format!(
        "spile load events.jsonl --to out {KEY} --on-bad-record quarantine --max-bad-records 2"
    ));
    assert_eq!(ran.code, 4, "{ran}");
    assert_snapshot!(ran.stderr, @r"
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 5 read
    error: failed to read the record at line 4 of events.jsonl: the record has no value in its cursor field `at`; max_bad_records = 2, and so many were set aside before it
      hint: mend the records and run again, or allow for more by --max-bad-records
    ");
    assert!(listed(&desk).is_empty());
}

#[test]
fn the_report_and_the_manifest_tell_them_apart() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    let ran = set_aside(
        &desk,
        &format!("spile load events.jsonl --to out {KEY} {ASIDE} --output-format json"),
    );
    let report = ran.json();
    assert_eq!(report["status"], "done");
    assert_eq!(
        (&report["rows"], &report["rejected"]),
        (&2.into(), &3.into())
    );
    assert_eq!(report["rows_read"], 5);
    assert_eq!(report["objects"].as_array().map(Vec::len), Some(2));
    let key = "_spile/quarantine/events/r1-00001.jsonl";
    assert_eq!(report["quarantine"][0]["key"], key);
    assert_eq!(report["quarantine"][0]["rows"], 3);
    let manifest = desk.read("out/_spile/runs/r1/001/manifest.json");
    let manifest: Value = serde_json::from_str(&manifest).expect("a manifest");
    assert_eq!(
        (&manifest["rows"], &manifest["rejected"]),
        (&2.into(), &3.into())
    );
    assert_eq!(manifest["quarantine"][0]["key"], key);
    assert_eq!(manifest["streams"].as_array().map(Vec::len), Some(1));
}

#[test]
fn replace_leaves_what_is_in_quarantine() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    for run in ["r1", "r2"] {
        let replace = "--write replace --covers touched --connection-id c";
        let aside = ASIDE.replace("r1", run);
        set_aside(
            &desk,
            &format!("spile load events.jsonl --to out {KEY} {replace} {aside}"),
        );
    }
    assert_eq!(
        listed(&desk),
        [
            "_spile/quarantine/events/r1-00001.jsonl",
            "_spile/quarantine/events/r2-00001.jsonl",
            "events/2025-04-12-00002.csv",
            "events/2025-04-13-00002.csv",
        ]
    );
}

#[test]
fn a_run_that_is_repeated_replaces_its_own() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    let load = format!("spile load events.jsonl --to out {KEY} {ASIDE}");
    set_aside(&desk, &load);
    set_aside(&desk, &format!("{load} --redo"));
    let aside = "_spile/quarantine/events/r1-00002.jsonl";
    assert_eq!(
        listed(&desk),
        [
            aside,
            "events/2025-04-12-00002.csv",
            "events/2025-04-13-00002.csv"
        ]
    );
    set_aside(&desk, &format!("{load} --resume"));
    assert_eq!(listed(&desk).len(), 3, "there is no more to read");
}

#[test]
fn settings_of_the_quarantine() {
    let check = |flags: &str| {
        let desk = Desk::new();
        desk.write("a.jsonl", "{}\n");
        desk.write("key.toml", "[quarantine]\nkey = \"{cursor_day}.jsonl\"\n");
        desk.write("csv.toml", "[quarantine]\nkey = \"a.csv\"\n");
        let ran = desk.run(&format!("spile load a.jsonl --to out {flags}"));
        assert_eq!(ran.code, 3, "{ran}");
        ran.stderr
    };
    let aside = "--on-bad-record quarantine --max-bad-records 1";
    assert_snapshot!(check("--on-bad-record quarantin"), @r"
    error: --on-bad-record: `quarantin` is none of fail, quarantine
      hint: did you mean `quarantine`?
    ");
    assert_snapshot!(check("--on-bad-record quarantine"), @r"
    error: --max-bad-records: how many bad records may be set aside isn't said
      hint: give a number: one more bad record fails the run
    ");
    assert_snapshot!(check("--max-bad-records 7"), @r"
    error: --max-bad-records: no bad record is set aside
      hint: say --on-bad-record quarantine, or leave it out
    ");
    assert_snapshot!(check(&format!("{aside} --quarantine s3://elsewhere/bad")), @r"
    error: --quarantine: bad records can't go to a bucket where the others go to a folder, or the other way round
      hint: give s3:// with a bucket for s3://, and a folder for a folder
    ");
    assert_snapshot!(check(&format!("{aside} --config key.toml")), @r"
    error: quarantine.key in key.toml: a bad record may have no cursor to make a key of:
      {cursor_day}.jsonl
      ^^^^^^^^^^^^ `{cursor_day}` needs a cursor, and the stream has none
      hint: leave the macros of the cursor out
    ");
    assert_snapshot!(check(&format!("{aside} --config csv.toml")), @r"
    error: quarantine.key in csv.toml: the key ends like csv
      hint: bad records are set aside as lines of JSON: end the key with .jsonl
    ");
}

#[test]
fn in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("events.jsonl", EVENTS);
    let place = format!("--quarantine s3://{}/{}/bad", store.bucket, store.prefix);
    let load = format!("{} {place} {KEY} {ASIDE}", store.to());
    set_aside(&desk, &format!("spile load events.jsonl {load}"));
    let aside = "bad/events/r1-00001.jsonl";
    let expect = [aside, "events/2025-04-12.csv", "events/2025-04-13.csv"];
    assert_eq!(store.fetch(&desk.path("fetched")), expect);
    let text = desk.read(&format!("fetched/{aside}"));
    assert_eq!(lines(&text).len(), 3);
    desk.write("mended.jsonl", text.replace("soon", "2025-04-14"));
    set_aside(
        &desk,
        &format!("spile load mended.jsonl {}", load.replace("r1", "r2")),
    );
    let expect = [
        aside,
        "bad/events/r2-00001.jsonl",
        "events/2025-04-12.csv",
        "events/2025-04-13.csv",
        "events/2025-04-14.csv",
    ];
    assert_eq!(store.fetch(&desk.path("fetched")), expect);
}

/// Somewhere else than the records that can be loaded: what is recovered, verified and repeated later
/// has to know where that is.
#[test]
fn in_another_folder() {
    let desk = Desk::new();
    desk.write("events.jsonl", EVENTS);
    let place = "--quarantine ./bad";
    let load = format!("spile load events.jsonl --to out --connection-id c {KEY} {ASIDE}");
    set_aside(&desk, &format!("{load} {place}"));
    assert_eq!(lines(&desk.read("bad/events/r1-00001.jsonl")).len(), 3);
    assert!(desk.path("out/events/2025-04-12.csv").exists());
    let verify = "spile verify r1 --to out --connection-id c";
    let aside = "--on-bad-record quarantine --max-bad-records 9";
    assert_snapshot!(desk.run(&format!("{verify} {KEY} {aside} {place}")), @r"
    exit 0
    same: run r1, 2 records in 3 objects (38 B)
    ");
    assert_snapshot!(desk.run(&format!("{verify} {KEY}")), @r"
    exit 3
    error: its bad records are in DIR/bad, and that isn't set
      hint: give the settings of the load: --on-bad-record quarantine and --quarantine
    ");
    // Whoever repeats the run has to take back what it has set aside.
    assert_snapshot!(desk.run(&format!("{load} --redo")), @r"
    exit 3
    error: failed to begin: what run r1 has left is in DIR/bad
      hint: give the settings of that load, here or to `spile recover`, which sees to a run that has died: its objects are in DIR/bad
    ");
    set_aside(&desk, &format!("{load} {place} --redo"));
    assert_eq!(desk.names("bad"), ["events/r1-00002.jsonl"]);
}

/// A second bucket of the same store, which the same credentials reach.
#[test]
fn in_another_bucket() {
    let store = Store::new();
    let other = Store {
        bucket: kit::told("S3_OTHER_BUCKET"),
        ..store.through(&store.endpoint)
    };
    let desk = store.admit(Desk::new());
    desk.write("events.jsonl", EVENTS);
    let place = format!("--quarantine s3://{}/{}", other.bucket, other.prefix);
    let to = store.to();
    set_aside(
        &desk,
        &format!("spile load events.jsonl {to} {place} {KEY} {ASIDE}"),
    );
    let loaded: Vec<_> = store.objects().into_keys().collect();
    assert_eq!(loaded, ["events/2025-04-12.csv", "events/2025-04-13.csv"]);
    let aside: Vec<_> = other.objects().into_keys().collect();
    assert_eq!(aside, ["events/r1-00001.jsonl"]);
    let flags = "--on-bad-record quarantine --max-bad-records 9";
    let ran = desk.ok(&format!("spile verify r1 {to} {KEY} {flags} {place}"));
    assert!(ran.stdout.starts_with("same: run r1"), "{ran}");
}
