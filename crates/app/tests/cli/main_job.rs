//! The main job: two weeks of real flights, an object a day, in every format.

use std::process::Command;

use crate::kit::{Desk, FLIGHTS, Store, told};

const KEY: &str = "{stream_name}/{cursor_year}/{cursor_month}/{cursor_day}.{extension}";
const READ_BACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/read_back.py");

/// Reads every object with DuckDB: each holds one day of the zone, and all together the source's
/// values.
fn read_back(desk: &Desk, folder: &str, format: &str, zone: &str) {
    let mut python = Command::new(told("PYTHON"));
    python.args([READ_BACK, FLIGHTS]).arg(desk.path(folder));
    let output = python.args([format, zone]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{format} in {zone}: {said}");
}

fn days_of(count: usize, format: &str) -> Vec<String> {
    let day = |day| format!("flights/2013/01/{day:02}.{format}");
    (1..=count).map(day).collect()
}

fn check_folder(format: &str, zone: &str, days: usize) {
    let desk = Desk::with_flights();
    let ran = desk.ok(&format!(
        "spile load examples/flights.csv.gz --cursor-field time_hour --timezone {zone} \
         --to ./bucket --key '{KEY}' --format {format} --output-format json"
    ));
    assert_eq!(ran.json()["rows"], 12_208);
    assert_eq!(desk.names("bucket"), days_of(days, format));
    read_back(&desk, "bucket", format, zone);
}

fn check_s3(format: &str, zone: &str, days: usize) {
    let store = Store::new();
    let desk = store.admit(Desk::with_flights());
    let ran = desk.ok(&format!(
        "spile load examples/flights.csv.gz --cursor-field time_hour --timezone {zone} {} \
         --key '{KEY}' --format {format} --output-format json",
        store.to()
    ));
    assert_eq!(ran.json()["rows"], 12_208);
    assert_eq!(store.fetch(&desk.path("fetched")), days_of(days, format));
    read_back(&desk, "fetched", format, zone);
}

macro_rules! in_each_format {
    ($($module:ident: $format:literal, $content_type:literal;)*) => {$(
        mod $module {
            #[test]
            fn in_a_folder_by_utc() {
                super::check_folder($format, "UTC", 15);
            }

            #[test]
            fn in_a_folder_by_new_york() {
                super::check_folder($format, "America/New_York", 14);
            }

            #[test]
            fn in_s3_by_utc() {
                super::check_s3($format, "UTC", 15);
            }

            #[test]
            fn in_s3_by_new_york() {
                super::check_s3($format, "America/New_York", 14);
            }

            #[test]
            fn a_further_run_replaces_nothing() {
                super::check_further_run($format);
            }

            #[test]
            fn a_further_run_replaces_nothing_in_s3() {
                super::check_further_run_in_s3($format);
            }

            #[test]
            fn what_objects_carry_in_s3() {
                super::check_headers_in_s3($format, $content_type);
            }
        }
    )*};
}

in_each_format! {
    csv: "csv", "text/csv";
    csv_gz: "csv.gz", "application/gzip";
    csv_zst: "csv.zst", "application/zstd";
    jsonl: "jsonl", "application/x-ndjson";
    jsonl_gz: "jsonl.gz", "application/gzip";
    jsonl_zst: "jsonl.zst", "application/zstd";
    parquet: "parquet", "application/vnd.apache.parquet";
}

/// What a further run of the same load leaves: the second of each day beside the first.
fn days_twice(format: &str) -> Vec<String> {
    let mut names = days_of(15, format);
    let end = format!(".{format}");
    let further = names
        .iter()
        .map(|name| name.replace(&end, &format!("-00002{end}")));
    names.extend(further.collect::<Vec<_>>());
    names.sort();
    names
}

fn flights_to(to: &str, format: &str) -> String {
    format!(
        "spile load examples/flights.csv.gz --cursor-field time_hour {to} --key '{KEY}' \
         --format {format}"
    )
}

fn check_further_run(format: &str) {
    let desk = Desk::with_flights();
    desk.ok(&flights_to("--to bucket", format));
    let first = desk.files("bucket");
    desk.ok(&flights_to("--to bucket", format));
    let second = desk.files("bucket");
    assert_eq!(desk.names("bucket"), days_twice(format));
    assert!(first.iter().all(|(name, bytes)| second[name] == *bytes));
}

fn check_further_run_in_s3(format: &str) {
    let store = Store::new();
    let desk = store.admit(Desk::with_flights());
    desk.ok(&flights_to(&store.to(), format));
    store.fetch(&desk.path("first"));
    desk.ok(&flights_to(&store.to(), format));
    assert_eq!(store.fetch(&desk.path("second")), days_twice(format));
    let (first, second) = (desk.files("first"), desk.files("second"));
    assert!(first.iter().all(|(name, bytes)| second[name] == *bytes));
}

/// What an object carries, be it put (append) or sent in parts (overwrite). No content encoding:
/// clients would decompress it unasked.
fn check_headers_in_s3(format: &str, content_type: &str) {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", "{\"id\":1}\n");
    for (write, run) in [("append", 1), ("overwrite", 2)] {
        desk.ok(&format!(
            "spile load s.jsonl {} --key {write}.{format} --write {write} --timezone Asia/Tokyo \
             --connection-run-id 'Läufe {run}' --load-time 2025-04-14T11:23:45Z",
            store.to()
        ));
        let mut carried = store.attributes(&format!("{write}.{format}"));
        assert!(carried.remove("spile-write-id").is_some(), "{carried:?}");
        let expect = [
            ("Content-Type", content_type),
            ("spile-load-time", "2025-04-14T11:23:45Z"),
            ("spile-run-id", &format!("L%C3%A4ufe%20{run}")),
            ("spile-timezone", "Asia/Tokyo"),
        ];
        let expect = expect.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(carried, expect.into(), "{write}");
    }
}

#[test]
fn overwriting_converges() {
    let desk = Desk::with_flights();
    let line = flights_to("--to bucket --write overwrite", "jsonl.gz");
    desk.ok(&line);
    let first = desk.files("bucket");
    desk.ok(&line);
    assert_eq!(desk.names("bucket"), days_of(15, "jsonl.gz"));
    assert_eq!(desk.files("bucket"), first);
}

#[test]
fn overwriting_converges_in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::with_flights());
    let line = flights_to(&format!("{} --write overwrite", store.to()), "jsonl.gz");
    desk.ok(&line);
    desk.ok(&line);
    assert_eq!(store.fetch(&desk.path("fetched")), days_of(15, "jsonl.gz"));
    read_back(&desk, "fetched", "jsonl.gz", "UTC");
}

/// An object that is sent in several parts is the same, byte by byte.
#[test]
fn several_parts_make_one_object_in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    let line = |id| format!("{{\"id\":{id},\"pad\":\"{id:0>500}\"}}\n");
    let lines: String = (0..40_000).map(line).collect();
    desk.write("s.jsonl", &lines);
    let to = store.to();
    let ran = desk.ok(&format!(
        "spile load s.jsonl {to} --key s.jsonl --output-format json"
    ));
    let parts = ran.json()["objects"][0]["parts"].as_u64();
    assert!(parts.is_some_and(|parts| parts > 1), "{ran}");
    assert_eq!(store.fetch(&desk.path("fetched")), ["s.jsonl"]);
    assert!(desk.read("fetched/s.jsonl") == lines);
}
