//! Checks that don't come as far as the destination.

use insta::assert_snapshot;

use super::lines;
use crate::kit::Desk;

#[test]
fn all_faults_are_told_at_once() {
    let ran = Desk::new()
        .run("spile check --to s3://landing --key '{strem_name}.csv' --format cvs --timezone Mars");
    assert_snapshot!(lines(&ran), @r"
    exit 3
    failed   configuration       --timezone: there is no time zone `Mars`
        hint: use a name of the IANA database, such as Europe/Berlin
        --key: the template can't be used:
        {strem_name}.csv
        ^^^^^^^^^^^^ unknown macro `strem_name`, did you mean `{stream_name}`?
        hint: `spile macros` lists all macros
        --format: `cvs` is none of csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet
        hint: did you mean `csv`?
    not ready: 1 failed
    ");
}

/// The streams of tables are planned each by its own settings, and a glob by a name like it.
#[test]
fn streams_that_settings_name_are_planned() {
    let desk = Desk::new();
    desk.write(
        "spile.toml",
        "[destination]\nurl = 'lake'\nkey = '{stream_name}/{cursor_date}.csv'\n\
         [streams.sales]\ncursor_field = 'at'\n\
         [streams.'raw_*']\nkey = '{stream_name}.jsonl'\n",
    );
    let ran = desk.ok("spile check --config spile.toml --load-time 2025-04-14T11:23:45Z");
    let said = lines(&ran);
    assert_snapshot!(said.lines().take(3).collect::<Vec<_>>().join("\n"), @r"
    exit 0
    passed   configuration       keys are like raw_STREAM.jsonl
        keys are like sales/2025_04_14.csv
    ");
    let ran = desk.run("spile check --config spile.toml --stream other");
    assert_snapshot!(lines(&ran), @r"
    exit 3
    failed   configuration       the key of stream other:
        {stream_name}/{cursor_date}.csv
                      ^^^^^^^^^^^^^ `{cursor_date}` needs a cursor, and the stream has none
        hint: name the field that holds the cursor: --cursor-field FIELD
    not ready: 1 failed
    ");
}

#[test]
fn files_are_no_settings() {
    let ran = Desk::new().run("spile check a.csv --to ./lake");
    assert_eq!(ran.code, 2, "{ran}");
}
