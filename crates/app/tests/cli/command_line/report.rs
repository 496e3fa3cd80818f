//! The report for programs: one JSON object on stdout, also on failure.

use insta::assert_snapshot;
use serde_json::Value;

use crate::kit::{Desk, Ran};

const IDS: &str = "--connection-id 0042 --connection-run-id 007 --load-time 2025-04-14T11:23:45Z";

/// The report, without what a clock tells.
fn report(ran: &Ran) -> String {
    let mut report = ran.json();
    for name in ["started_at", "seconds"] {
        assert!(!report[name].take().is_null(), "{ran}");
    }
    serde_json::to_string_pretty(&report).expect("it is JSON")
}

#[test]
fn of_a_run_that_is_done() {
    let desk = Desk::new();
    desk.write("sales.csv", "id,at\n1,2024-01-31\n2,2024-02-01\n");
    let ran = desk.ok(&format!(
        "spile load sales.csv --to out/'{{cursor_month}}.jsonl' --cursor-field at {IDS} \
         --output-format json"
    ));
    assert_eq!(ran.stderr, "");
    assert_snapshot!(report(&ran), @r#"
    {
      "bytes": 54,
      "connection_id": "0042",
      "connection_run_id": "007",
      "error": null,
      "load_time": "2025-04-14T11:23:45Z",
      "objects": [
        {
          "bytes": 27,
          "cursors": {
            "first": "2024-01-31T00:00:00Z",
            "last": "2024-01-31T00:00:00Z"
          },
          "key": "01.jsonl",
          "parts": 1,
          "rows": 1,
          "stream": "sales"
        },
        {
          "bytes": 27,
          "cursors": {
            "first": "2024-02-01T00:00:00Z",
            "last": "2024-02-01T00:00:00Z"
          },
          "key": "02.jsonl",
          "parts": 1,
          "rows": 1,
          "stream": "sales"
        }
      ],
      "quarantine": [],
      "recovered": null,
      "rejected": 0,
      "retries": 0,
      "rows": 2,
      "rows_read": 2,
      "schema_version": 1,
      "seconds": null,
      "staged": [],
      "started_at": null,
      "status": "done",
      "streams": [
        {
          "bytes": 54,
          "cursors": {
            "first": "2024-01-31T00:00:00Z",
            "last": "2024-02-01T00:00:00Z"
          },
          "objects": 2,
          "rows": 2,
          "stream": "sales"
        }
      ],
      "timezone": "UTC"
    }
    "#);
}

#[test]
fn of_a_run_that_failed() {
    let desk = Desk::new();
    desk.write("sales.jsonl", "{\"id\":1}\n{\"id\":2}\n{\"id\":}\n");
    let ran = desk.run(&format!(
        "spile load sales.jsonl --to out/'{{part}}.jsonl' --object-rows 1 {IDS} \
         --output-format json"
    ));
    assert_eq!(ran.code, 4);
    assert_snapshot!(report(&ran), @r#"
    {
      "bytes": 18,
      "connection_id": "0042",
      "connection_run_id": "007",
      "error": {
        "exit_code": 4,
        "hint": "mend the record and run again; what was sealed before it is in the bucket",
        "message": "failed to read the record at line 3 of sales.jsonl: expected a value, found `}` at byte 6"
      },
      "load_time": "2025-04-14T11:23:45Z",
      "objects": [
        {
          "bytes": 9,
          "cursors": null,
          "key": "00001.jsonl",
          "parts": 1,
          "rows": 1,
          "stream": "sales"
        },
        {
          "bytes": 9,
          "cursors": null,
          "key": "00002.jsonl",
          "parts": 1,
          "rows": 1,
          "stream": "sales"
        }
      ],
      "quarantine": [],
      "recovered": null,
      "rejected": 0,
      "retries": 0,
      "rows": 2,
      "rows_read": 2,
      "schema_version": 1,
      "seconds": null,
      "staged": [],
      "started_at": null,
      "status": "failed",
      "streams": [
        {
          "bytes": 18,
          "cursors": null,
          "objects": 2,
          "rows": 2,
          "stream": "sales"
        }
      ],
      "timezone": "UTC"
    }
    "#);
}

#[test]
fn of_a_run_that_could_not_begin() {
    let desk = Desk::new().set("SPILE_CONNECTION__ID", "0042");
    let ran = desk.run("spile load none.csv --to out --format cvs --output-format json");
    assert_eq!(ran.code, 3);
    let report = ran.json();
    assert_eq!(
        report["connection_id"], "0042",
        "as it stands in the environment"
    );
    assert_eq!(report["error"]["exit_code"], 3);
    assert_snapshot!(ran.stderr, @r"
    error: --format: `cvs` is none of csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet
      hint: did you mean `csv`?
    error: failed to read none.csv
      caused by: No such file or directory (os error 2)
    ");
}

#[test]
fn quiet_is_quiet() {
    let desk = Desk::new();
    desk.write("sales.csv", "id\n1\n");
    let ran = desk.ok("spile load sales.csv --to out -q");
    assert_eq!(ran.to_string(), "exit 0\n");
    let ran = desk.ok("spile load sales.csv --to out -q --output-format json");
    assert_eq!(ran.json()["status"], Value::from("done"));
}
