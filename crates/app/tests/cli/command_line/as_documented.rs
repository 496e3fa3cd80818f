//! The command lines of the documentation, word by word.

use insta::assert_snapshot;

use crate::kit::{Desk, Store};

#[test]
fn a_file_into_a_folder() {
    let desk = Desk::with_flights();
    let ran = desk.ok(
        "spile load examples/flights.csv.gz --cursor-field time_hour \
         --to './bucket/{stream_name}/{cursor_year}/{cursor_month}/{cursor_day}.parquet'",
    );
    assert_eq!(desk.names("bucket").len(), 15);
    assert!(ran.stdout.is_empty(), "results of programs only:\n{ran}");
    let last = ran.stderr.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("loaded 12,208 records in 15 objects (")
            && last.ends_with(") into DIR/bucket in TIME"),
        "{ran}"
    );
}

#[test]
fn a_pipe_into_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("events.jsonl", "{\"id\":1}\n{\"id\":2}\n");
    let Store {
        endpoint,
        bucket,
        prefix,
    } = &store;
    let ran = desk.ok(&format!(
        "cat events.jsonl | spile load - --stream events --to s3://{bucket}/{prefix} \
         --endpoint {endpoint} --allow-http \
         --key '{{stream_name}}/{{date}}/{{connection_run_id}}/{{part}}.{{extension}}' \
         --format jsonl.gz --output-format json \
         --load-time 2025-04-14T11:23:45Z --connection-run-id 007"
    ));
    let key = "events/2025_04_14/007/00001.jsonl.gz";
    assert_eq!(ran.json()["objects"][0]["key"], format!("{prefix}/{key}"));
    assert_eq!(store.fetch(&desk.path("fetched")), [key]);
    let unpacked = desk.ok(&format!("gzip -dc fetched/{key}"));
    assert_eq!(unpacked.stdout, desk.read("events.jsonl"));
}

#[test]
fn a_plan() {
    let desk = Desk::with_flights();
    let ran = desk.ok(
        "spile plan examples/flights.csv.gz --key '{stream_name}/{cursor_date}.csv' \
         --cursor-field time_hour",
    );
    assert!(
        ran.stdout
            .contains("\n12,208 records of 15 periods: 15 objects, 15 keys\n"),
        "{ran}"
    );
    assert_eq!(
        desk.names(""),
        ["examples/flights.csv.gz"],
        "it writes nothing"
    );
}

#[test]
fn macros() {
    let listed = Desk::new().ok("spile macros | head -4");
    assert_snapshot!(listed, @r"
    exit 0
    {extension}                  extension of the format, without a dot; compression is a part of it (`csv.gz`), its level is not
                                 such as csv
    {date_time}                  time of the load, `%Y_%m_%d_%H_%M_%S`
                                 such as 2025_04_14_11_23_45
    ");
    let json = Desk::new().ok("spile macros --output-format json");
    for name in [
        "extension",
        "cursor_singular_date_time",
        "uuid",
        "part",
        "namespace",
    ] {
        assert!(
            json.stdout.contains(&format!("\"name\": \"{name}\"")),
            "{json}"
        );
    }
}

#[test]
fn the_version() {
    let version = format!("exit 0\nspile {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Desk::new().run("spile --version").to_string(), version);
}
