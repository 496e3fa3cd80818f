//! A later version of a stream retires the earlier ones.

use super::{as_run, desk};
use crate::kit::Desk;

const SCHEMA: &str =
    r#"{"type":"SCHEMA","stream":"s","schema":{"properties":{}},"key_properties":[]}"#;

fn activate(version: u32) -> String {
    format!(r#"{{"type":"ACTIVATE_VERSION","stream":"s","version":{version}}}"#)
}

fn record(version: u32) -> String {
    format!(r#"{{"type":"RECORD","stream":"s","record":{{"v":{version}}},"version":{version}}}"#)
}

const CONNECTED: &str = "connection = { id = 'c' }\n\
                         destination = { url = 'out', key = '{connection_run_id}.jsonl' }\n";

/// A run of these messages; the objects that are there afterwards.
fn after(desk: &Desk, run_id: &str, messages: &[String], code: i32) -> Vec<String> {
    let messages = [&[SCHEMA.to_owned()], messages].concat();
    desk.write("tap", messages.join("\n"));
    let ran = desk.run(&as_run(run_id));
    assert_eq!(ran.code, code, "{ran}");
    desk.names("out")
}

#[test]
fn a_later_version_retires_earlier_ones() {
    let desk = desk(CONNECTED);
    assert_eq!(
        after(&desk, "one", &[record(1), activate(1)], 0),
        ["one.jsonl"]
    );
    // The same version goes on.
    assert_eq!(
        after(&desk, "two", &[record(1), activate(1)], 0),
        ["one.jsonl", "two.jsonl"]
    );
    assert_eq!(
        after(&desk, "three", &[record(2), activate(2)], 0),
        ["three.jsonl"]
    );
    let list = desk.ok("spile runs show three --to out --output-format json");
    assert_eq!(list.json()["rows"], 1);
}

#[test]
fn not_before_it_was_activated() {
    let desk = desk(CONNECTED);
    after(&desk, "one", &[record(1), activate(1)], 0);
    assert_eq!(
        after(&desk, "two", &[record(2)], 0),
        ["one.jsonl", "two.jsonl"]
    );
}

#[test]
fn not_where_the_run_has_failed() {
    let desk = desk(CONNECTED);
    after(&desk, "one", &[record(1), activate(1)], 0);
    let wrong = "{}".to_owned();
    assert_eq!(
        after(&desk, "two", &[record(2), activate(2), wrong], 4),
        ["one.jsonl"]
    );
}

/// Without an id, no run knows another.
#[test]
fn not_without_a_connection() {
    let desk = desk(CONNECTED.trim_start_matches("connection = { id = 'c' }\n"));
    after(&desk, "one", &[record(1), activate(1)], 0);
    assert_eq!(
        after(&desk, "two", &[record(2), activate(2)], 0),
        ["one.jsonl", "two.jsonl"]
    );
}

/// Said before the records alone, it holds once they are known to be all.
#[test]
fn the_end_has_to_be_known() {
    let guessed = desk(CONNECTED);
    let before = |version| [activate(version), record(version)];
    after(&guessed, "one", &[record(1), activate(1)], 0);
    assert_eq!(
        after(&guessed, "two", &before(2), 0),
        ["one.jsonl", "two.jsonl"]
    );
    let known = desk(&format!("eof_is_complete = true\n{CONNECTED}"));
    after(&known, "one", &[record(1), activate(1)], 0);
    assert_eq!(after(&known, "two", &before(2), 0), ["two.jsonl"]);
    let run = "SPILE_CONNECTION_RUN_ID=ID spile load -c spile.toml --input-format singer -- \
               sh -c 'cat tap; exit CODE'";
    let program = desk(CONNECTED);
    after(&program, "one", &[record(1), activate(1)], 0);
    program.write("tap", [SCHEMA, &activate(2), &record(2)].join("\n"));
    let failed = program.run(&run.replace("=ID", "=two").replace("CODE", "1"));
    assert_eq!(failed.code, 4, "{failed}");
    assert_eq!(program.names("out"), ["one.jsonl"]);
    program.ok(&run.replace("=ID", "=three").replace("CODE", "0"));
    assert_eq!(program.names("out"), ["three.jsonl"]);
}

/// A tap that activates a version and sends its table by files: these are what counts.
#[test]
fn files_of_a_batch_are_of_the_version() {
    let desk = desk(&format!("eof_is_complete = true\n{CONNECTED}"));
    desk.write("rows.jsonl", "{\"v\":2}\n");
    let batch =
        r#"{"type":"BATCH","stream":"s","encoding":{"format":"jsonl"},"manifest":["rows.jsonl"]}"#;
    after(&desk, "one", &[record(1), activate(1)], 0);
    let two = [activate(2), batch.to_owned()];
    assert_eq!(after(&desk, "two", &two, 0), ["two.jsonl"]);
}

/// Records without a version that a run has just given aren't taken away by it.
#[test]
fn records_without_a_version_stay() {
    let desk = desk(&format!("eof_is_complete = true\n{CONNECTED}"));
    let bare = r#"{"type":"RECORD","stream":"s","record":{"v":null}}"#;
    after(&desk, "one", &[record(1), activate(1)], 0);
    let two = [bare.to_owned(), activate(2)];
    assert_eq!(after(&desk, "two", &two, 0), ["two.jsonl"]);
    assert_eq!(desk.read("out/two.jsonl"), "{\"v\":null}\n");
}
