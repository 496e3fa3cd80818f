//! A source that others have written: `source-faker` of Airbyte.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use super::{WRITE, configure, desk_of, said};
use crate::kit::{Desk, Ran, Store, told};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/airbyte/faker.py");

/// Its random numbers are the same each time.
const SOURCE: &str = r#"{"count": 30, "seed": 7, "records_per_slice": 10, "parallelism": 1,
    "always_updated": false}"#;
/// It has other records each time, and more of them.
const RENEWED: &str = r#"{"count": 50, "seed": 8, "records_per_slice": 10, "parallelism": 1,
    "always_updated": true}"#;

const DESTINATION: &str = "{stream_name}/{connection_run_id}-{part}.parquet";

/// A desk at which the program is called `source-faker`.
fn settle(desk: Desk) -> Desk {
    let program = told("SOURCE_FAKER");
    std::os::unix::fs::symlink(program, desk.path("source-faker")).expect("linked");
    desk.write("source.json", SOURCE);
    desk
}

/// Makes a configured catalog of what the source has.
fn catalog(desk: &Desk, sync_mode: &str, destination_sync_mode: &str, generation: i64) {
    let found = desk.ok("./source-faker discover --config source.json");
    let messages = found.lines().into_iter().map(serde_json::from_str);
    let mut messages = messages.map(|message: Result<Value, _>| message.expect("a message"));
    let found = messages.find(|message| message["type"] == "CATALOG");
    let found = found.expect("a catalog");
    let streams = found["catalog"]["streams"].as_array().expect("streams");
    let configured = streams.iter().map(|stream| {
        json!({
            "stream": stream,
            "sync_mode": sync_mode,
            "destination_sync_mode": destination_sync_mode,
            "cursor_field": ["updated_at"],
            "primary_key": [["id"]],
            "generation_id": generation,
            "minimum_generation_id": generation,
            "sync_id": 10 + generation,
        })
    });
    super::catalog(desk, &configured.collect::<Vec<_>>());
}

/// Reads from the source into a file, and writes what is there.
fn sync(desk: &Desk, printed: &str, flags: &str) -> Ran {
    desk.ok(&format!(
        "./source-faker read --config source.json --catalog catalog.json {flags} > {printed}"
    ));
    let ran = desk.ok(&format!("{WRITE} < {printed}"));
    agrees(&ran);
    ran
}

/// As many records are there of each state as the source has sent.
fn agrees(ran: &Ran) {
    for message in said(ran) {
        if message["type"] == "STATE" {
            let of = |whose: &str| message["state"][whose]["recordCount"].to_string();
            assert_eq!(of("destinationStats"), of("sourceStats"), "{message}");
        }
    }
}

/// The last state of each stream, as the source takes them.
fn last_states(ran: &Ran) -> String {
    let mut last = BTreeMap::new();
    for message in said(ran) {
        if message["type"] == "STATE" {
            let state = message["state"].clone();
            let name = state["stream"]["stream_descriptor"]["name"].to_string();
            last.insert(name, state);
        }
    }
    assert_eq!(last.len(), 3, "{ran}");
    Value::from_iter(last.into_values()).to_string()
}

/// The objects below a folder hold what the source has printed, and nothing else.
fn compare(desk: &Desk, out: &str, printed: &[&str]) {
    let mut python = Command::new(told("PYTHON"));
    python.arg(SCRIPT).arg(desk.path(out));
    python.args(printed.iter().map(|name| desk.path(name)));
    let output = python.output().expect("it runs");
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed:?}: {faults}");
}

#[test]
fn the_later_generation_replaces_the_earlier_one() {
    let store = Store::new();
    let more = json!({
        "destination": {"key": DESTINATION},
        "connection": {"id": "c"},
    });
    let desk = settle(desk_of(&store, &more, &[]));
    let ran = desk.ok("./source-faker spec && ./source-faker check --config source.json");
    assert!(ran.stdout.contains("SUCCEEDED"), "{ran}");
    catalog(&desk, "full_refresh", "overwrite", 1);
    sync(&desk, "first.jsonl", "");
    let first = store.fetch(&desk.path("one"));
    assert_eq!(first.len(), 3, "{first:?}");
    compare(&desk, "one", &["first.jsonl"]);

    desk.write("source.json", RENEWED);
    catalog(&desk, "full_refresh", "overwrite", 2);
    sync(&desk, "second.jsonl", "");
    let second = store.fetch(&desk.path("two"));
    assert_eq!(second.len(), 3, "{second:?}");
    assert!(first.iter().all(|key| !second.contains(key)), "{second:?}");
    compare(&desk, "two", &["second.jsonl"]);
}

#[test]
fn it_goes_on_from_the_states_that_were_given_back() {
    let desk = settle(Desk::new());
    let destination = json!({"destination": {"url": "out", "key": DESTINATION}});
    configure(&desk, &destination, &json!({}));
    catalog(&desk, "incremental", "append", 0);
    let ran = sync(&desk, "first.jsonl", "");
    compare(&desk, "out", &["first.jsonl"]);

    // It has had all that there is.
    desk.write("states.json", last_states(&ran));
    sync(&desk, "none.jsonl", "--state states.json");
    assert!(!desk.read("none.jsonl").contains("\"RECORD\""));
    compare(&desk, "out", &["first.jsonl"]);

    desk.write("source.json", RENEWED);
    sync(&desk, "second.jsonl", "--state states.json");
    compare(&desk, "out", &["first.jsonl", "second.jsonl"]);
}
