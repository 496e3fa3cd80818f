//! `spile runs list`.

use insta::assert_snapshot;
use serde_json::json;

use super::{kill, loaded};
use crate::kit::{Desk, Live, Store};

#[test]
fn whole_and_dead_runs_of_everybody() {
    let desk = loaded();
    kill(&desk, "dead");
    assert_snapshot!(desk.ok("spile runs list --to out"), @r"
    exit 0
    RUN    ATTEMPT  STATUS      STARTED                   OBJECTS  RECORDS   SIZE  CONNECTION
    dead         1  unfinished  MOMENT        0        0    0 B  sales/eu
    alone        1  whole       MOMENT        1        2  831 B
    one          1  whole       MOMENT        2        2   48 B  sales/eu
    --- stderr
    hint: `spile recover` sees to what is unfinished
    ");
}

#[test]
fn those_of_a_connection() {
    let desk = loaded();
    let ran = desk.ok("spile runs list --to out --connection-id sales/eu --output-format json");
    let mut list = ran.json();
    let run = &mut list["runs"][0];
    for field in ["started_at", "published_at", "destination"] {
        assert!(run[field].is_string(), "{run}");
        run[field] = "…".into();
    }
    assert_eq!(
        list["runs"],
        json!([{
            "connection_id": "sales/eu", "connection_run_id": "one", "attempt": 1, "status": "whole",
            "started_at": "…", "load_time": "2025-04-16T00:00:00Z", "published_at": "…",
            "destination": "…", "objects": 2, "rows": 2, "bytes": 48, "rejected": 0, "uploads": 0,
            "checkpoint": "{\"input\":\"a.jsonl\",\"records\":2}",
        }])
    );
    assert_eq!(list["schema_version"], 1);
    let none = desk.ok("spile runs list --to out --connection-id other");
    assert_snapshot!(none, @r"
    exit 0
    nothing is kept of any run in DIR/out/_spile
    ");
}

/// One that has written nothing down yet is told by its lease.
#[test]
fn a_run_that_is_alive() {
    let desk = Desk::new();
    let words = [
        "load",
        "-",
        "--stream",
        "s",
        "--to",
        "out",
        "--connection-id",
        "c",
        "--connection-run-id",
        "live",
        "-q",
    ];
    let mut live = Live::start(&desk, &words);
    live.write("{\"a\":1}\n");
    let lease = "out/_spile/connections/c/lease/000001.json";
    live.until("it holds the lease", |desk| desk.path(lease).exists());
    assert_snapshot!(desk.ok("spile runs list --to out"), @r"
    exit 0
    RUN   ATTEMPT  STATUS  STARTED                   OBJECTS  RECORDS  SIZE  CONNECTION
    live        1  alive   MOMENT        0        0   0 B  c
    ");
    assert_eq!(live.end().code, 0);
    let ran = desk.ok("spile runs list --to out --output-format json");
    assert_eq!(ran.json()["runs"][0]["status"], "whole");
}

#[test]
fn what_failed_and_what_was_interrupted() {
    let desk = Desk::new();
    desk.write("bad.jsonl", "{\"a\":1}\n{\"a\":2}\n{\n");
    let load = "spile load bad.jsonl --to out --object-rows 1 --connection-run-id bad -q";
    assert_eq!(desk.run(load).code, 4);
    let ran = desk.ok("spile runs list --to out --output-format json");
    let run = &ran.json()["runs"][0];
    assert_eq!(
        (&run["status"], &run["objects"]),
        (&"failed".into(), &2.into())
    );
}

#[test]
fn a_document_that_is_damaged_hides_no_other() {
    let desk = loaded();
    desk.write("out/_spile/runs/alone/001/manifest.json", "{");
    assert_snapshot!(desk.run("spile runs list --to out"), @r"
    exit 5
    RUN  ATTEMPT  STATUS  STARTED                   OBJECTS  RECORDS  SIZE  CONNECTION
    one        1  whole   MOMENT        2        2  48 B  sales/eu
    --- stderr
    error: failed to understand _spile/runs/alone/001/manifest.json in DIR/out: EOF while parsing an object at line 1 column 1
      hint: mend that object, or have the version of spile read it that wrote it
    ");
    desk.write("out/_spile/runs/alone/001/manifest.json", {
        desk.read("out/_spile/connections/sales%2Feu/runs/one/001/manifest.json")
            .replace("\"schema_version\": 1", "\"schema_version\": 2")
    });
    let ran = desk.run("spile runs list --to out");
    let told = "its schema_version is 2, and only 1 is known";
    assert!(ran.code == 5 && ran.stderr.contains(told), "{ran}");
}

#[test]
fn a_place_where_nothing_is() {
    let desk = Desk::new();
    assert_snapshot!(desk.run("spile runs list --to nowhere"), @r"
    exit 3
    error: there is no folder nowhere, and so nothing is kept in it
      hint: give the destination of the load: --to, or the same --config
    ");
    assert!(!desk.path("nowhere").exists());
    assert_snapshot!(desk.run("spile runs list"), @r"
    exit 3
    error: --to: the destination isn't set
      hint: give a bucket or a folder: --to s3://BUCKET/PREFIX or --to ./bucket
    ");
}

#[test]
fn in_a_bucket_and_with_a_state_elsewhere() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("a.jsonl", "{\"a\":1}\n");
    desk.ok(&format!(
        "spile load a.jsonl -q --connection-run-id r/1 {}",
        store.to()
    ));
    let list = format!("spile runs list --output-format json {}", store.to());
    let run = |ran: crate::kit::Ran| ran.json()["runs"][0]["connection_run_id"].clone();
    assert_eq!(run(desk.ok(&list)), "r/1");
    let elsewhere = "SPILE_DESTINATION__STATE_URL=state";
    desk.ok(&format!(
        "{elsewhere} spile load a.jsonl -q --connection-run-id r2 {}",
        store.to()
    ));
    assert_eq!(run(desk.ok(&format!("{elsewhere} {list}"))), "r2");
}
