//! States on stdout: bare, in order, each when all before it is safe, and nothing else.

use std::fs::File;
use std::process::Stdio;

use insta::assert_snapshot;

use super::{SINGER, TAP, as_run, desk, loaded};
use crate::kit::{Desk, Live};

const TO: &str = "destination = { url = 'out', key = '{stream_name}-{part}.jsonl' }\n";
const SCHEMA: &str = "{\"type\":\"SCHEMA\",\"stream\":\"s\",\"schema\":{},\"key_properties\":[]}\n";

fn record(number: usize) -> String {
    format!("{{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{{\"n\":{number}}}}}\n")
}

fn state(number: usize) -> String {
    format!("{{\"type\":\"STATE\",\"value\":{{\"n\": {number}}}}}\n")
}

#[test]
fn the_last_one_is_enough() {
    let (_, ran) = loaded(TO);
    assert_eq!(ran.stdout, "2\n");
}

#[test]
fn all_of_them_where_each_is_a_cut() {
    let (desk, ran) = loaded(&format!("{TO}[limits]\ncheckpoint_size = 1\n"));
    assert_eq!(
        ran.stdout,
        "{ \"bookmarks\": {\"orders\":\"2025-04-14T10:00:00Z\"}}\n2\n"
    );
    assert_eq!(desk.names("out").len(), 3);
}

/// A tap that found nothing new says so, too.
#[test]
fn a_state_without_records() {
    let desk = desk(TO);
    desk.write("tap", state(1) + &state(2));
    assert_eq!(desk.ok(SINGER).stdout, "{\"n\": 2}\n");
    desk.write("tap", "");
    assert_eq!(desk.ok(&as_run("s")).stdout, "");
}

/// Whoever reads them needn't wait for the end.
#[test]
fn they_come_while_the_tap_goes_on() {
    let desk = desk(&format!("{TO}[limits]\ncheckpoint_size = 1\n"));
    let stdout = File::create(desk.path("states")).expect("created");
    let mut command = desk.spile(&["singer", "--config", "spile.toml"]);
    let mut live = Live::start_as(&desk, command.stdout(stdout));
    live.write(format!("{SCHEMA}{}{}", record(1), state(1)));
    live.until("a state", |desk| desk.read("states") == "{\"n\": 1}\n");
    assert_eq!(desk.read("out/s-00001.jsonl"), "{\"n\":1}\n");
    live.write(format!("{}{}{}", record(2), state(2), record(3)));
    live.until("another", |desk| {
        desk.read("states").ends_with("{\"n\": 2}\n")
    });
    assert_eq!(live.end().code, 0);
    assert_eq!(desk.read("states"), "{\"n\": 1}\n{\"n\": 2}\n");
    assert_eq!(desk.names("out").len(), 3);
}

/// What is whole is loaded, and the state of it told.
#[test]
fn a_signal_in_the_middle() {
    let check = |signal: &str, code: i32, settings: &str, expect: &str| {
        let desk = desk(&format!("{TO}{settings}[limits]\nobject_rows = 1\n"));
        let mut live = Live::start(&desk, &["singer", "--config", "spile.toml"]);
        live.write([SCHEMA, &record(1), &state(1), &record(2)].concat());
        live.until("two objects are there", |desk| {
            desk.path("out/s-00002.jsonl").exists()
        });
        live.signal(signal);
        let ran = live.end_by_itself();
        assert_eq!((ran.code, ran.stdout.as_str()), (code, expect), "{ran}");
    };
    check("TERM", 143, "", "{\"n\": 1}\n");
    check("INT", 130, "", "{\"n\": 1}\n");
}

/// The objects of a whole appear together, and the state behind them.
#[test]
fn of_a_whole_none_comes_before_the_manifest() {
    let desk = desk(&format!(
        "{}[limits]\nobject_rows = 1\ncheckpoint_size = 1\n",
        TO.replace(" }", ", publish = 'run' }")
    ));
    let stdout = File::create(desk.path("states")).expect("created");
    let mut command = desk.spile(&["singer", "--config", "spile.toml"]);
    let mut live = Live::start_as(&desk, command.stdout(stdout));
    live.write([SCHEMA, &record(1), &state(1), &record(2), &state(2)].concat());
    live.until("two objects are staged", |desk| {
        let names = desk.names("out");
        names.iter().filter(|name| name.starts_with('.')).count() >= 2
    });
    assert_eq!(desk.read("states"), "");
    assert_eq!(live.end().code, 0);
    assert_eq!(desk.read("states"), "{\"n\": 2}\n");
    assert_eq!(desk.names("out"), ["s-00001.jsonl", "s-00002.jsonl"]);
    let manifest = desk.path("out/_spile/runs/r/001/manifest.json");
    assert!(manifest.exists(), "{:?}", desk.kept("out"));
}

/// Only what is safe is told: a run as a whole has nothing of that.
#[test]
fn a_wrong_message_ends_the_run() {
    let check = |settings: &str| {
        let desk = desk(&format!("{settings}[limits]\ncheckpoint_size = 1\n"));
        desk.write("tap", [TAP, &record(3), &state(4)].concat());
        let ran = desk.run(SINGER);
        assert_eq!(ran.code, 4, "{ran}");
        ran.to_string()
    };
    assert_snapshot!(check(TO), @r#"
    exit 4
    { "bookmarks": {"orders":"2025-04-14T10:00:00Z"}}
    --- stderr
      orders-00001.jsonl          1 record        61 B
    failed: loaded only 1 record in 1 object (61 B) into DIR/out in TIME, of 3 read
    error: failed to read the message at line 8 of stdin: a RECORD of stream s comes before its SCHEMA
      hint: no state was told that covers more than what the report lists: mend the source, and run it again from the last one
    "#);
    assert_snapshot!(check(&TO.replace(" }", ", publish = 'run' }")), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 3 read
    error: failed to read the message at line 8 of stdin: a RECORD of stream s comes before its SCHEMA
      hint: no state was told that covers more than what the report lists: mend the source, and run it again from the last one
    ");
}

/// What was told before it holds, and what it says isn't kept in memory.
#[test]
fn a_line_of_fifty_megabytes() {
    let desk = desk(TO);
    let long = format!(
        r#"{{"type":"RECORD","stream":"orders","record":{{"note":"{}"}}}}"#,
        "x".repeat(50_000_000)
    );
    desk.write("tap", [TAP, &long, "\n", &state(4)].concat());
    assert_snapshot!(desk.run(SINGER), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 3 read
    error: failed to read the message at line 8 of stdin: it is longer than 33554432 bytes: limits.record_bytes sets how long one may be
      hint: no state was told that covers more than what the report lists: mend the source, and run it again from the last one
    ");
}

/// Nobody would know what was loaded.
#[test]
fn whoever_reads_them_has_gone() {
    let desk = desk(&format!("select = ['people']\n{TO}"));
    let line = format!("mkfifo states; : < states & exec 4> states; wait; {SINGER} >&4");
    assert_snapshot!(desk.run(&line), @r"
    exit 75
      people-00001.jsonl          1 record        48 B
    failed: loaded only 1 record in 1 object (48 B) into DIR/out in TIME
    error: failed to tell what the source can go on from
      caused by: Broken pipe (os error 32)
      hint: whoever reads stdout has gone: run it again, from the last state that was told
    ");
}

#[test]
fn a_program_that_fails_has_loaded_nothing() {
    let desk = desk(&format!("connection = {{ id = 'c' }}\n{TO}"));
    desk.ok(SINGER);
    let before = desk.files("out");
    let line = "SPILE_CONNECTION_RUN_ID=s spile load --input-format singer --config spile.toml -- \
                sh -c 'cat tap; exit 3'";
    assert_snapshot!(desk.run(line), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 3 read
    error: failed to read the source `sh` to its end: it ended with exit status 3
      hint: what it says on stderr may tell why; mend that and run again. What the report lists has been loaded
    ");
    assert_eq!(desk.files("out"), before);
}

/// A tap may say anything on its own stderr: stdout is for states alone.
#[test]
fn logs_go_to_stderr() {
    let desk = desk(TO).set("SPILE_LOG", "info");
    let mut command = desk.spile(&["singer", "--config", "spile.toml", "--input", "tap"]);
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let ran = desk.ran(output);
    assert_eq!(ran.stdout, "2\n");
    assert!(ran.stderr.contains("INFO spile::load"), "{ran}");
    let quiet: Desk = super::desk(TO);
    assert_eq!(quiet.ok(SINGER).stdout, "2\n");
}
