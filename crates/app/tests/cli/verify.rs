//! `spile verify`: objects as their manifest says, and others.

use insta::assert_snapshot;

use crate::kit::{Desk, Store};

const RECORDS: &str = "{\"id\":1,\"at\":\"2025-04-14T08:00:00+02:00\",\"note\":\"\"}\n\
                       {\"id\":2,\"at\":\"2025-04-14 09:00:00\",\"note\":\"a\\n;\\\"b\"}\n\
                       {\"id\":3,\"at\":\"2025-04-15\"}\n";

const FLAGS: &str = "--cursor-field at --timezone America/New_York";

fn loaded(flags: &str) -> Desk {
    let desk = Desk::new();
    desk.write("s.jsonl", RECORDS);
    desk.ok(&format!(
        "spile load s.jsonl --to out -q --connection-run-id r {FLAGS} {flags}"
    ));
    desk
}

#[test]
fn every_format_is_read_again() {
    for format in [
        "csv",
        "csv.gz",
        "csv.zst",
        "jsonl",
        "jsonl.gz",
        "jsonl.zst",
        "parquet",
    ] {
        let flags = format!("--format {format} --key '{{cursor_date}}.{{extension}}'");
        let desk = loaded(&flags);
        let ran = desk.ok(&format!(
            "spile verify r --to out {FLAGS} --output-format json"
        ));
        let json = ran.json();
        assert_eq!(json["status"], "same", "{format}: {ran}");
        assert_eq!(
            json["not_compared"],
            serde_json::json!([]),
            "{format}: {ran}"
        );
        assert_eq!((&json["objects"], &json["rows"]), (&2.into(), &3.into()));
    }
}

/// The zone is that of the run, also where the settings have another by now.
#[test]
fn cursors_are_told_in_the_zone_of_the_run() {
    let desk = loaded("--key all.csv");
    assert_snapshot!(desk.ok("spile verify r --to out --cursor-field at"), @r"
    exit 0
    same: run r, 3 records in 1 object (87 B)
    ");
}

#[test]
fn csv_as_the_destination_writes_it() {
    let config = "[destination]\nurl = \"out\"\nkey = \"s.csv\"\n[destination.csv]\n\
                  delimiter = \";\"\nquote = \"'\"\nnull = \"NULL\"\nheader = false\n";
    let desk = Desk::new();
    desk.write("s.jsonl", RECORDS).write("spile.toml", config);
    desk.ok(&format!(
        "spile load s.jsonl -c spile.toml -q --connection-run-id r {FLAGS}"
    ));
    let ran = desk.ok(&format!(
        "spile verify r -c spile.toml {FLAGS} --output-format json"
    ));
    assert_eq!(ran.json()["not_compared"], serde_json::json!([]), "{ran}");
}

#[test]
fn without_a_cursor_field_that_is_said() {
    let desk = loaded("--key all.csv");
    assert_snapshot!(desk.ok("spile verify r --to out"), @r"
    exit 0
    stream s: cursors not compared: no cursor field is set (--cursor-field)
    same: run r, 3 records in 1 object (87 B)
    ");
    assert_snapshot!(desk.ok("spile verify r --to out --cursor-field nothing"), @r"
    exit 0
    stream s: cursors not compared: the record has no value in its cursor field `nothing`
    same: run r, 3 records in 1 object (87 B)
    ");
}

#[test]
fn differences_are_told_one_by_one() {
    let desk = loaded("--key '{cursor_date}.jsonl'");
    desk.write(
        "out/2025_04_14.jsonl",
        "{\"id\":1,\"at\":\"2025-04-14T08:00:00+02:00\"}\n",
    );
    desk.ok("rm out/2025_04_15.jsonl");
    let verify = format!("spile verify r --to out {FLAGS}");
    assert_snapshot!(desk.run(&verify), @r"
    exit 8
    2025_04_14.jsonl
      bytes: 105 in the manifest, 42 in the object
      checksum: crc64nvme:0d7ab1b4df8242d0 in the manifest, crc64nvme:12e26df6b5168b18 in the object
      rows: 2 in the manifest, 1 in the object
      cursors: 2025-04-14T02:00:00-04:00 to 2025-04-14T09:00:00-04:00 in the manifest, 2025-04-14T02:00:00-04:00 to 2025-04-14T02:00:00-04:00 in the object
    2025_04_15.jsonl
      missing: there is no such object
    different: run r, 2 of 2 objects
    ");
    let json = desk.run(&format!("{verify} --output-format json")).json();
    assert_eq!(json["status"], "different");
    assert_eq!(json["different"][1]["differences"][0]["what"], "missing");
}

/// A byte that is another one, and an object that can't be decoded.
#[test]
fn damage_is_found() {
    let desk = loaded("--key all.parquet");
    desk.ok("printf X | dd of=out/all.parquet bs=1 seek=20 conv=notrunc 2>/dev/null");
    let ran = desk.run(&format!("spile verify r --to out {FLAGS}"));
    assert!(
        ran.code == 8 && ran.stdout.contains("  checksum: crc64nvme:"),
        "{ran}"
    );
    desk.ok("head -c 100 out/all.parquet > x && mv x out/all.parquet");
    let ran = desk.run(&format!("spile verify r --to out {FLAGS}"));
    assert!(
        ran.code == 8 && ran.stdout.contains("  unreadable: "),
        "{ran}"
    );
}

#[test]
fn only_whole_runs_have_a_manifest() {
    let desk = loaded("");
    assert_snapshot!(desk.run("spile verify nobody --to out"), @r"
    exit 3
    error: failed to find run nobody
      hint: `spile runs list` lists all runs that something is kept of
    ");
    desk.write("bad.jsonl", "{\"a\":1}\n{\n");
    desk.run("spile load bad.jsonl --to out --object-rows 1 --connection-run-id bad -q");
    assert_snapshot!(desk.run("spile verify bad --to out"), @r"
    exit 3
    error: run bad has no manifest to compare with: its status is failed
      hint: only a whole run can be verified; `spile recover` sees to one that has died
    ");
}

#[test]
fn in_a_bucket() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", RECORDS);
    let to = store.to();
    let load =
        format!("spile load s.jsonl -q --connection-id c --connection-run-id r {FLAGS} {to}");
    desk.ok(&format!("{load} --key s.csv.gz --object-rows 2"));
    let verify = format!("spile verify r {FLAGS} {to}");
    assert_snapshot!(desk.ok(&verify), @r"
    exit 0
    same: run r, 3 records in 2 objects (137 B)
    ");
    desk.ok(&format!(
        "spile load s.jsonl -q --write overwrite --key s.csv.gz {to}"
    ));
    assert_eq!(desk.run(&verify).code, 8);
}
