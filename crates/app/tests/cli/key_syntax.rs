//! Keys in the syntax of Airbyte.

use insta::assert_snapshot;

use crate::kit::{Desk, Ran};

const LOADED: &str = "--load-time 2025-04-14T11:23:45.678Z";

/// A desk with a stream of three users, and a configuration of the destination.
fn desk(destination: &str) -> Desk {
    let desk = Desk::new();
    desk.write("users.csv", "id\n1\n2\n3\n").write(
        "spile.toml",
        format!("[destination]\nurl = 'out'\nkey_syntax = 'airbyte'\n{destination}"),
    );
    desk
}

/// The keys of a load that makes an object of each record.
fn keys(destination: &str, flags: &str) -> Vec<String> {
    let desk = desk(destination);
    let line = "spile load users.csv --config spile.toml --object-rows 1";
    desk.ok(&format!("{line} {LOADED} {flags}"));
    desk.names("out")
}

fn refused(destination: &str) -> Ran {
    desk(destination).run("spile load users.csv --config spile.toml")
}

#[test]
fn the_default_is_that_of_airbyte() {
    assert_eq!(
        keys("format = 'csv.gz'", ""),
        [0, 1, 2].map(|part| format!("users/2025_04_14_1744629825678_{part}.csv.gz"))
    );
}

#[test]
fn a_path_format_and_a_file_name_pattern() {
    let key = "key = '/${NAMESPACE}/${STREAM_NAME}//year=${YEAR}/{date:yyyy-MM}{format_extension}'";
    assert_eq!(
        keys(key, "--format jsonl"),
        [
            "users/year=2025/2025-04-00002.jsonl",
            "users/year=2025/2025-04-00003.jsonl",
            "users/year=2025/2025-04.jsonl",
        ]
    );
    let key = "key = '${STREAM_NAME}/${HOUR}_{part_number}.csv'";
    assert_eq!(
        keys(key, "--timezone Europe/Berlin"),
        ["users/13_0.csv", "users/13_1.csv", "users/13_2.csv"]
    );
}

#[test]
fn streams_and_urls_have_it_too() {
    let destination = "[streams.users]\nkey = '${STREAM_NAME}-{part_number}.jsonl'";
    assert_eq!(
        keys(destination, ""),
        ["users-0.jsonl", "users-1.jsonl", "users-2.jsonl"]
    );
    assert_eq!(
        keys("", "--to 'out/raw/x-${MILLISECOND}_{part_number}.csv'"),
        ["raw/x-0678_0.csv", "raw/x-0678_1.csv", "raw/x-0678_2.csv"]
    );
}

/// A second run goes on where the first one's keys are taken.
#[test]
fn parts_of_a_folder_are_counted_on() {
    let desk = desk("key = '${STREAM_NAME}/{part_number}.csv'");
    for _run in 0..2 {
        desk.ok("spile load users.csv --config spile.toml");
    }
    assert_eq!(desk.names("out"), ["users/0.csv", "users/1.csv"]);
}

#[test]
fn what_is_no_placeholder_is_refused() {
    assert_snapshot!(refused("key = '${STREAM}/{date:yyyy-ww}_{part}.csv'"), @r"
    exit 3
    error: destination.key in spile.toml: the template can't be used:
      ${STREAM}/{date:yyyy-ww}_{part}.csv
      ^^^^^^^^^ unknown placeholder `${STREAM}`, did you mean `${STREAM_NAME}`?
                           ^^ `ww` of a date can't be written (yyyy, MM, dd, HH, mm, ss, SSS and text in '…' can)
                               ^^^^^^ unknown placeholder `{part}`, did you mean `{part_number}`?
      hint: only Airbyte's placeholders stand in braces; write without them what Airbyte would leave as text
    ");
    assert_snapshot!(refused("key = '${STREAM_NAME}/{sync_id}.csv'"), @r"
    exit 3
    error: the key of stream users:
      ${STREAM_NAME}/{sync_id}.csv
                     ^^^^^^^^^ `{sync_id}` has no value
    ");
}

#[test]
fn a_syntax_that_is_none() {
    let desk = desk("");
    let desk = desk.set("SPILE_DESTINATION__KEY_SYNTAX", "airbite");
    assert_snapshot!(desk.run("spile load users.csv --config spile.toml"), @r"
    exit 3
    error: SPILE_DESTINATION__KEY_SYNTAX in the environment: `airbite` is none of spile, airbyte
      hint: did you mean `airbyte`?
    ");
}

#[test]
fn a_path_format_in_the_syntax_of_spile() {
    let desk = Desk::new();
    desk.write("users.csv", "id\n1\n");
    assert_snapshot!(desk.run("spile load users.csv --to out --key '${STREAM_NAME}.csv'"), @r#"
    exit 3
    error: --key: the template can't be used:
      ${STREAM_NAME}.csv
       ^^^^^^^^^^^^^ unknown macro `STREAM_NAME`, did you mean `{stream_name}`?
      hint: `spile macros` lists all macros; a path format of Airbyte needs destination.key_syntax = "airbyte"
    "#);
}
