//! `spile recover`: what becomes of runs that were killed.

use std::sync::{Arc, OnceLock};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::kit::{Customer, Desk, Live, Relay, Store, ask, signal};

/// A load of five records into `out`, two to an object, that waits for more.
fn started<'a>(desk: &'a Desk, run_id: &str, flags: &str) -> Live<'a> {
    let line = format!(
        "load - --stream s --to out --key {run_id}-{{part}}.jsonl --object-rows 2 \
         --connection-run-id {run_id} {flags}"
    );
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let mut live = Live::start(desk, &words);
    live.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    live
}

/// Kills one when its first object is there.
fn killed(desk: &Desk, run_id: &str, flags: &str) {
    let live = started(desk, run_id, flags);
    let first = format!("out/{run_id}-00001.jsonl");
    live.until("an object is there", |desk| desk.path(&first).exists());
    live.signal("KILL");
    assert_eq!(live.end_by_itself().code, -9);
}

/// Kills a load into a store at the first request that is meant, which isn't passed on.
fn killed_at(desk: &Desk, endpoint: &str, line: &str, is_meant: fn(&str) -> bool) {
    let process: Arc<OnceLock<u32>> = Arc::default();
    let server = endpoint.trim_start_matches("http://").to_owned();
    let to_kill = Arc::clone(&process);
    let relay = Relay::answering(move |request| {
        let first = request
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        if is_meant(&String::from_utf8_lossy(first)) {
            signal(*to_kill.wait(), "KILL");
            return Vec::new();
        }
        ask(&server, request)
    });
    let line = line.replace(endpoint, &relay.url);
    let words: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
    let child = desk.spile(&words).spawn().expect("it starts");
    process.set(child.id()).expect("once");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), None, "it was killed");
}

/// Files of a record each.
fn two_files(desk: &Desk) {
    desk.write("a.jsonl", "{\"a\":1}\n")
        .write("b.jsonl", "{\"a\":2}\n");
}

const LOAD: &str = "spile load a.jsonl b.jsonl --stream s --publish run --object-rows 1 -q \
                    --connection-id c --connection-run-id r --key {part}.jsonl";

#[test]
fn a_run_that_was_killed_is_undone_and_what_had_appeared_stays() {
    let desk = Desk::new();
    killed(&desk, "dead", "--connection-id c");
    assert_snapshot!(desk.ok("spile recover --to out"), @r"
    exit 0
    run dead of connection c: it had died, and is undone; 1 object of it is there, 0 uploads removed
      repeat it by --redo (from the start)
    ");
    assert_snapshot!(desk.ok("spile recover --to out"), @r"
    exit 0
    there is nothing to recover in DIR/out/_spile
    ");
    let runs = desk
        .ok("spile runs list --to out --output-format json")
        .json();
    let run = &runs["runs"][0];
    assert_eq!(
        (&run["status"], &run["objects"]),
        (&"undone".into(), &1.into())
    );
    let names = desk.names("out");
    let objects: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("_spile"))
        .collect();
    assert_eq!(objects, ["dead-00001.jsonl"], "{names:?}");
}

#[test]
fn all_that_have_died_of_every_connection() {
    let desk = Desk::new();
    killed(&desk, "one", "--connection-id c");
    killed(&desk, "two", "");
    let one = desk
        .ok("spile recover --to out --connection-id c --output-format json")
        .json();
    assert_eq!(one["recovered"].as_array().map(Vec::len), Some(1), "{one}");
    let two = desk
        .ok("spile recover --to out --output-format json")
        .json();
    assert_eq!(
        two["recovered"],
        json!([{
            "connection_id": null, "connection_run_id": "two", "attempt": 1, "status": "undone",
            "published": 1, "removed": 0, "left": [], "unknown": [], "lost": [], "checkpoint": null,
        }])
    );
    assert_eq!((&two["exit_code"], &two["failed"]), (&0.into(), &json!([])));
}

#[test]
fn one_that_is_alive_is_left_alone() {
    let desk = Desk::new();
    let live = started(&desk, "live", "--connection-id c");
    live.until("an object is there", |desk| {
        desk.path("out/live-00001.jsonl").exists()
    });
    assert_snapshot!(desk.ok("spile recover --to out"), @r"
    exit 0
    run live of connection c: left alone, since it is alive
    ");
    assert_eq!(live.end().code, 0);
    assert_snapshot!(desk.ok("spile recover --to out"), @r"
    exit 0
    there is nothing to recover in DIR/out/_spile
    ");
}

#[test]
fn the_next_run_of_the_connection_says_what_it_has_recovered() {
    let desk = Desk::new();
    desk.write("a.jsonl", "{\"a\":1}\n");
    let load = "spile load a.jsonl --to out --key '{connection_run_id}.jsonl' --connection-id c";
    killed(&desk, "one", "--connection-id c");
    assert_snapshot!(desk.ok(&format!("{load} --connection-run-id two")), @r"
    exit 0
    recovered run one of connection c: it had died, and is undone; 1 object of it is there, 0 uploads removed
      two.jsonl          1 record         8 B
    loaded 1 record in 1 object (8 B) into DIR/out in TIME
    ");
    killed(&desk, "three", "--connection-id c");
    let ran = desk.ok(&format!("{load} --output-format json"));
    assert_eq!(ran.json()["recovered"]["connection_run_id"], "three");
}

/// It dies between two objects of the whole.
#[test]
fn one_that_had_begun_to_publish_is_finished() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    two_files(&desk);
    let line = format!("{LOAD} {}", store.to());
    killed_at(&desk, &store.endpoint, &line, |request| {
        request.starts_with("POST ") && request.contains("00002") && request.contains("uploadId")
    });
    let show = format!("spile runs show r --output-format json {}", store.to());
    assert_eq!(desk.ok(&show).json()["status"], "unfinished");
    let recover = format!("spile recover {}", store.to());
    assert_snapshot!(desk.ok(&recover), @r#"
    exit 0
    run r of connection c: it had died while it published, and is whole now; 2 objects of it are there, 0 uploads removed
      checkpoint: {"input":"b.jsonl","records":1,"before":"crc64nvme:a005cf658057810f"}
    "#);
    assert_eq!(desk.ok(&show).json()["rows"], 2);
    let objects = store.fetch(&desk.path("fetched"));
    assert_eq!(
        objects.iter().filter(|name| !name.starts_with('_')).count(),
        2
    );
    assert!(
        desk.ok(&recover)
            .stdout
            .starts_with("there is nothing to recover")
    );
}

/// It dies before anything is to be published: the uploads go.
#[test]
fn one_that_had_not_is_undone() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    two_files(&desk);
    killed_at(
        &desk,
        &store.endpoint,
        &format!("{LOAD} {}", store.to()),
        |request| {
            request.starts_with("PUT ")
                && request.contains("00002")
                && request.contains("partNumber")
        },
    );
    assert_snapshot!(desk.ok(&format!("spile recover {}", store.to())), @r"
    exit 0
    run r of connection c: it had died, and is undone; 0 objects of it are there, 2 uploads removed
      repeat it by --redo (from the start)
    ");
}

/// Under the five actions an upload can't be removed. It is listed, also once more.
#[test]
fn what_may_not_be_removed_is_told_of() {
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    two_files(&desk);
    let line = format!("{LOAD} {}", customer.to("raw"));
    killed_at(&desk, &customer.endpoint, &line, |request| {
        request.starts_with("PUT ") && request.contains("00002") && request.contains("partNumber")
    });
    let recover = format!("spile recover {}", customer.to("raw"));
    let told = desk.ok(&recover).stdout;
    let left = told.lines().filter(|line| line.contains("  left: upload "));
    let why = "is not authorized to perform: s3:AbortMultipartUpload";
    assert_eq!(left.filter(|line| line.contains(why)).count(), 2, "{told}");
    let again = desk.ok(&format!("{recover} --output-format json")).json();
    let left = &again["recovered"][0]["left"];
    assert!(
        left.as_array().is_some_and(|left| !left.is_empty()),
        "{again}"
    );
    assert_eq!(again["exit_code"], 0);
}

fn journal(lines: &[Value]) -> String {
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// Somebody has removed an upload that was whole.
#[test]
fn what_is_lost_is_told_of() {
    let desk = Desk::new();
    desk.write("a.jsonl", "{\"a\":1}\n");
    desk.ok("spile load a.jsonl --to out --connection-run-id other -q");
    let record = json!({
        "object": 1, "stream": "s", "key": "s.jsonl", "rows": 2, "bytes": 16,
        "checksum": "crc64nvme:0215eaba6d596f9e", "period": "whole", "schema": "0000000000000000",
    });
    desk.write(
        "out/_spile/runs/r/001/journal/000001.journal",
        journal(&[
            json!({ "begun": {
            "schema_version": 1, "spile_version": "0.1.0", "connection_id": null, "run_id": "r",
            "attempt": 1, "load_time": "2025-04-14T00:00:00Z", "timezone": "UTC",
            "started_at": "2025-04-14T00:00:00Z", "as_a_whole": true, "destination": "out",
        } }),
            json!({ "staged": {
            "record": record, "upload": "00000000-0000-0000-0000-000000000000",
            "parts": [{ "bytes": 16, "etag": "e" }], "replaces": false,
        } }),
            json!({ "publishing": { "checkpoint": "later" } }),
        ]),
    );
    let ran = desk.run("spile recover --to out");
    assert_snapshot!(ran, @r"
    exit 5
    run r: it has failed; 0 objects of it are there, 0 uploads removed, 1 object lost
      lost: s.jsonl (2 records): it was removed, another object stands there, or the store refuses it
      repeat it by --redo (from the start)
    ");
    desk.ok("spile recover --to out");
}

/// A state may be that of several destinations: nothing is looked for in the wrong one.
#[test]
fn what_went_elsewhere_is_left_alone() {
    let desk = Desk::new().set("SPILE_DESTINATION__STATE_URL", "state");
    killed(&desk, "dead", "--connection-id c");
    desk.ok("mkdir other");
    assert_snapshot!(desk.ok("spile recover --to other"), @r"
    exit 0
    run dead of connection c: left alone, since its objects are in DIR/out: say so by --to
    ");
    let ran = desk.ok("spile recover --to out --output-format json");
    assert_eq!(ran.json()["recovered"][0]["published"], 1);
}
