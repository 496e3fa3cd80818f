//! `spile runs show`.

use insta::assert_snapshot;

use super::{kill, loaded};

#[test]
fn a_whole_run() {
    let desk = loaded();
    assert_snapshot!(desk.ok("spile runs show one --to out --connection-id sales/eu"), @r#"
    exit 0
    run          one
    connection   sales/eu
    attempt      1
    status       whole
    started      MOMENT
    published    MOMENT
    load time    MOMENT
    time zone    UTC
    destination  DIR/out
    loaded       2 records in 2 objects (48 B)
    checkpoint   {"input":"a.jsonl","records":2}

    stream a: 2 records in 2 objects (48 B)
      one/2025_04_14.csv  1 record  29 B  2025-04-14T08:00:00Z to 2025-04-14T08:00:00Z
      one/2025_04_15.csv  1 record  19 B  2025-04-15T00:00:00Z to 2025-04-15T00:00:00Z
      columns: id text, at text
    "#);
    assert_snapshot!(desk.ok("spile runs show alone --to out"), @r#"
    exit 0
    run          alone
    attempt      1
    status       whole
    started      MOMENT
    published    MOMENT
    load time    MOMENT
    time zone    UTC
    destination  DIR/out
    loaded       2 records in 1 object (831 B)
    checkpoint   {"input":"a.jsonl","records":2}

    stream a: 2 records in 1 object (831 B)
      alone.parquet  2 records  831 B  2025-04-14T08:00:00Z to 2025-04-15T00:00:00Z
      columns: id int64, at text
    "#);
}

#[test]
fn bad_records_that_were_set_aside() {
    let desk = loaded();
    desk.write("bad.jsonl", "{\"a\":1}\n{\n{\"a\":2}\n");
    let load = "spile load bad.jsonl --to out -q --connection-run-id bad --key bad.csv \
                --on-bad-record quarantine --max-bad-records 5";
    assert_eq!(desk.run(load).code, 9);
    let shown = desk.ok("spile runs show bad --to out").stdout;
    let end = shown.split("\n\n").last().unwrap_or_default();
    assert_snapshot!(end, @r"
    quarantine: 1 bad record
      _spile/quarantine/bad/bad-00001.jsonl  1 record  218 B
    ");
    let list = desk
        .ok("spile runs list --to out --output-format json")
        .json();
    let run = &list["runs"][0];
    assert_eq!((&run["rows"], &run["rejected"]), (&2.into(), &1.into()));
    desk.ok("spile verify bad --to out");
    desk.ok("echo {} >> out/_spile/quarantine/bad/bad-00001.jsonl");
    let ran = desk.run("spile verify bad --to out");
    assert!(ran.code == 8 && ran.stdout.contains("rows: 1 in"), "{ran}");
}

#[test]
fn its_manifest_as_it_stands() {
    let desk = loaded();
    let shown = desk
        .ok("spile runs show one --to out --output-format json")
        .json();
    let manifest = desk.read("out/_spile/connections/sales%2Feu/runs/one/001/manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(shown, manifest);
}

#[test]
fn one_that_was_killed() {
    let desk = loaded();
    kill(&desk, "dead");
    assert_snapshot!(desk.ok("spile runs show dead --to out"), @r"
    exit 0
    run          dead
    connection   sales/eu
    attempt      1
    status       unfinished: `spile recover` sees to it
    started      MOMENT
    load time    MOMENT
    time zone    UTC
    destination  DIR/out
    loaded       0 records in 0 objects (0 B)

    begun, and neither published nor removed:
      dead-00001.jsonl  16 B
    ");
    let shown = desk
        .ok("spile runs show dead --to out --output-format json")
        .json();
    assert_eq!(shown["status"], "unfinished");
}

#[test]
fn one_that_is_not_there() {
    let desk = loaded();
    assert_snapshot!(desk.run("spile runs show none --to out"), @r"
    exit 3
    error: failed to find run none
      hint: `spile runs list` lists all runs that something is kept of
    ");
    assert_snapshot!(desk.run("spile runs show one --to out --attempt 7"), @r"
    exit 3
    error: of attempt 7 at run one nothing is kept
      hint: something is of 1
    ");
    let ran = desk.run("spile runs show one --to out --connection-id other");
    assert_eq!(ran.code, 3, "{ran}");
}

#[test]
fn one_that_two_connections_have() {
    let desk = loaded();
    desk.ok("spile load a.jsonl -q --to out --connection-run-id one --key x.csv");
    assert_snapshot!(desk.run("spile runs show one --to out"), @r"
    exit 3
    error: several connections have a run one: none, sales/eu
      hint: say which one is meant: --connection-id
    ");
    desk.ok("spile runs show one --to out --connection-id sales/eu");
}
