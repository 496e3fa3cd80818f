//! `write = "replace"`: what earlier runs of a connection have written for the periods of a new one.

use insta::assert_snapshot;

use crate::kit::{Desk, Ran};

const DAYS: &str = "{\"at\":\"2025-04-12\",\"a\":1}\n{\"at\":\"2025-04-13\",\"a\":2}\n";

/// A desk at which a run has loaded two days, and another input that is about them.
fn two_days() -> Desk {
    let desk = Desk::new();
    desk.write("s.jsonl", DAYS)
        .write("t.jsonl", "{\"at\":\"2025-04-13\",\"a\":3}\n");
    replace(&desk, "s.jsonl", "one", "{cursor_iso_date}", "touched");
    assert_eq!(
        desk.names("out"),
        ["2025-04-12-one.jsonl", "2025-04-13-one.jsonl"]
    );
    desk
}

fn replace(desk: &Desk, input: &str, run: &str, key: &str, covers: &str) -> Ran {
    desk.run(&format!(
        "spile load {input} --stream s --cursor-field at --to ./out/{key}-{{connection_run_id}}.jsonl --write replace \
         --covers {covers} --connection-id c --connection-run-id {run}"
    ))
}

#[test]
fn a_covered_day_without_records_goes() {
    let desk = two_days();
    let ran = replace(
        &desk,
        "t.jsonl",
        "two",
        "{cursor_iso_date}",
        "2025-04-12..2025-04-13",
    );
    assert_snapshot!(ran, @r"
    exit 0
      2025-04-13-two.jsonl          1 record        26 B
    loaded 1 record in 1 object (26 B) into DIR/out in TIME
    ");
    assert_eq!(desk.names("out"), ["2025-04-13-two.jsonl"]);
}

/// They would be there twice, and nobody would know why.
#[test]
fn records_outside_of_what_is_covered_are_told() {
    let desk = two_days();
    let ran = replace(&desk, "t.jsonl", "two", "{cursor_iso_date}", "2025-04-12");
    assert_snapshot!(ran, @r"
    exit 0
    MOMENT  WARN spile_core::ledger::run_record: it has records of periods that the run doesn't cover: they are added, and replace nothing stream=s objects=1 first=2025-04-13-two.jsonl
      2025-04-13-two.jsonl          1 record        26 B
    loaded 1 record in 1 object (26 B) into DIR/out in TIME
    ");
    assert_eq!(
        desk.names("out"),
        ["2025-04-13-one.jsonl", "2025-04-13-two.jsonl"]
    );
}

#[test]
fn what_can_not_be_told_apart_stays() {
    let desk = two_days();
    let by_month = replace(&desk, "t.jsonl", "two", "{cursor_month}", "2025-04");
    assert_snapshot!(by_month, @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to replace what earlier runs have written of stream s: 2025-04-12-one.jsonl was written under the template {cursor_iso_date}-{connection_run_id}.jsonl, and this run's is {cursor_month}-{connection_run_id}.jsonl
      hint: nothing was replaced: load under theirs: --key '{cursor_iso_date}-{connection_run_id}.jsonl'. Under another connection.id a load knows nothing of them, and leaves them beside its own
    ");
    let a_part = replace(
        &desk,
        "t.jsonl",
        "two",
        "{cursor_iso_date}",
        "2025-04-12T10..2025-04-13",
    );
    assert_snapshot!(a_part, @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to replace what earlier runs have written of stream s: 2025-04-12-one.jsonl holds records of the periods to be replaced, and others
      hint: nothing was replaced: cover whole periods of the earlier objects. Under another connection.id a load knows nothing of them, and leaves them beside its own
    ");
    assert_eq!(
        desk.names("out"),
        ["2025-04-12-one.jsonl", "2025-04-13-one.jsonl"]
    );
}

#[test]
fn settings_that_do_not_say_enough() {
    let desk = two_days();
    let key = "--cursor-field at --to out/{cursor_iso_date}.jsonl";
    let ran = desk.run(&format!("spile load t.jsonl {key} --write replace"));
    assert_snapshot!(ran, @r#"
    exit 3
    error: --covers: which periods the run has all records of isn't said
      hint: write covers = "2025-04-12..2025-04-14", or "touched" where the source re-pulls whole periods, or give one cursor for the whole run
    error: --connection-id: `replace` replaces what earlier runs of the connection have written
      hint: give the connection an id, any text that stays the same
    "#);
    let ran = desk.run(&format!("spile load t.jsonl {key} --covers 2025-04-13"));
    assert_snapshot!(ran, @r#"
    exit 3
    error: --covers: only `replace` replaces periods
      hint: write = "replace", or leave it out
    "#);
    let ran = desk.run(&format!(
        "spile load t.jsonl {key} --write replace --connection-id c --covers yesterday"
    ));
    assert_snapshot!(ran, @r"
    exit 3
    error: --covers: `yesterday` is no period such as 2025, 2025-04, 2025-04-12 or 2025-04-12T08
      hint: write 2025-04-12..2025-04-14, or touched where whole periods are re-pulled
    ");
    let ran = desk.run(
        "spile load t.jsonl --cursor-field at --to out/all.jsonl --write replace --connection-id c \
         --covers touched",
    );
    assert_snapshot!(ran, @r#"
    exit 3
    error: --write: `replace` can't tell periods apart by keys without a macro of the cursor
      hint: add one to the key, such as {cursor_date}; to replace a stream as a whole, leave the cursor out and write covers = "touched"
    "#);
}
