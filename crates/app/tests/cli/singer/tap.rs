//! A tap that others have made, in front of the program: `tap-jsonfile`, of Meltano's SDK.

use std::process::Command;

use serde_json::{Value, json};

use crate::kit::{Desk, Store, told};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/singer/tap.py");

/// A store, and a desk with the tap, its settings and its first file.
fn settled(tap: &Value) -> (Store, Desk) {
    let store = Store::new();
    let Store {
        endpoint,
        bucket,
        prefix,
    } = &store;
    let desk = store.admit(
        Desk::new()
            .set("TAP", &told("TAP"))
            .set("SPILE_LOG", "error"),
    );
    desk.write(
        "spile.toml",
        format!(
            "connection = {{ id = 'c' }}\n[destination]\nurl = 's3://{bucket}/{prefix}'\n\
             endpoint = '{endpoint}'\nallow_http = true\nformat = 'parquet'\n\
             key = '{{stream_name}}/{{connection_run_id}}-{{part}}.parquet'\n"
        ),
    );
    let mut config = json!({
        "paths": [desk.path("data/*.jsonl")],
        "stream_name": "orders",
    });
    let own = config.as_object_mut().expect("an object");
    own.extend(tap.as_object().expect("an object").clone());
    desk.write("tap.json", config.to_string());
    add(&desk, "a", 0..300);
    discover(&desk);
    (store, desk)
}

/// Keeps what the tap finds out of its files, with the formats of texts, which a person adds.
fn discover(desk: &Desk) {
    desk.ok("$TAP --config tap.json --discover > catalog.json");
    let mut catalog: Value = serde_json::from_str(&desk.read("catalog.json")).expect("JSON");
    let properties = &mut catalog["streams"][0]["schema"]["properties"];
    properties["at"]["format"] = "date-time".into();
    properties["day"]["format"] = "date".into();
    desk.write("catalog.json", catalog.to_string());
}

/// Writes a file for the tap, which goes by the contents of files.
fn add(desk: &Desk, name: &str, numbers: std::ops::Range<i64>) {
    let record = |n: i64| {
        let (day, second) = (n % 28 + 1, n % 60);
        let record = json!({
            "id": n,
            "kind": if n % 3 == 2 { "rare" } else { "common" },
            "price": n as f64 / 8.0,
            "big": 9_007_199_254_740_993 + n,
            "at": format!("2025-04-14T11:23:{second:02}Z"),
            "day": format!("2025-02-{day:02}"),
            "ok": n % 2 == 0,
            "tags": [n, n + 1],
            "meta": { "n": { "deep": n } },
            "note": (n % 5 > 0).then(|| format!("\"{n}\",\n\\\u{1F600}")),
        });
        record.to_string() + "\n"
    };
    let records: String = numbers.map(record).collect();
    desk.write(&format!("data/{name}.jsonl"), records);
}

/// Runs the tap in front of the program, from a state on; the last state that is told.
fn piped(desk: &Desk, run_id: &str, state: Option<&str>) -> String {
    let from = state.map_or("", |state| {
        desk.write("state.json", state);
        "--state state.json"
    });
    desk.ok(&format!(
        "$TAP --config tap.json --catalog catalog.json {from} 2> tap.log | \
         SPILE_CONNECTION_RUN_ID={run_id} spile singer --config spile.toml > states.jsonl"
    ));
    let states = desk.read("states.jsonl");
    let last = states.lines().last();
    last.unwrap_or_else(|| panic!("no state: {}", desk.read("tap.log")))
        .to_owned()
}

/// Compares the objects of a stream below a folder with what the tap has read.
fn check(desk: &Desk, folder: &str, stream: &str, kind: &str, names: &[&str]) {
    let mut python = Command::new(told("PYTHON"));
    let sources = names
        .iter()
        .map(|name| desk.path(&format!("data/{name}.jsonl")));
    let output = python
        .arg(SCRIPT)
        .arg(desk.path(folder))
        .args([stream, kind])
        .args(sources)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stream} of {names:?}: {said}");
}

/// Of the one stream of its files it makes a second one: their records come by turns.
#[test]
fn two_streams_and_what_is_new_since() {
    let (store, desk) = settled(&json!({
        "stream_maps": { "rare": { "__source__": "orders", "__filter__": "kind == 'rare'" } },
    }));
    let state = piped(&desk, "one", None);
    store.fetch(&desk.path("first"));
    check(&desk, "first", "orders", "all", &["a"]);
    check(&desk, "first", "rare", "rare", &["a"]);

    add(&desk, "b", 300..450);
    let later = piped(&desk, "two", Some(&state));
    assert_ne!(state, later);
    store.fetch(&desk.path("second"));
    let old = desk.files("first");
    let new = desk.files("second");
    assert!(old.iter().all(|(name, body)| new.get(name) == Some(body)));
    for name in old.keys() {
        std::fs::remove_file(desk.path("second").join(name)).expect("removed");
    }
    check(&desk, "second", "orders", "all", &["b"]);
    check(&desk, "second", "rare", "rare", &["b"]);

    assert_eq!(piped(&desk, "three", Some(&later)), later);
    assert_eq!(store.objects().len(), new.len());
}

/// It writes its records to files, and tells of them alone.
#[test]
fn by_batches_of_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, desk) = settled(&json!({
        "batch_config": {
            "encoding": { "format": "jsonl", "compression": "gzip" },
            "storage": { "root": format!("file://{}", folder.path().display()) },
        },
    }));
    piped(&desk, "one", None);
    store.fetch(&desk.path("out"));
    check(&desk, "out", "orders", "all", &["a"]);
    desk.ok("$TAP --config tap.json 2> tap.log | grep -q '\"BATCH\"'");
}

/// Run by the program, its status counts.
#[test]
fn run_by_the_program() {
    let (store, desk) = settled(&json!({}));
    let line = |run_id: &str, config: &str| {
        format!(
            "SPILE_CONNECTION_RUN_ID={run_id} spile load --input-format singer -c spile.toml -- \
             $TAP --config {config} --catalog catalog.json"
        )
    };
    desk.ok(&line("one", "tap.json"));
    store.fetch(&desk.path("out"));
    check(&desk, "out", "orders", "all", &["a"]);
    desk.write("wrong.json", "{}");
    let failed = desk.run(&line("two", "wrong.json"));
    assert_eq!((failed.code, failed.stdout.as_str()), (4, ""), "{failed}");
    assert_eq!(store.objects().len(), 1);
}
