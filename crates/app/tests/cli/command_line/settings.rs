//! Where settings come from: flags win over the environment, and that wins over the file.

use crate::kit::Desk;

/// The same settings in each language that a file can be written in.
const FILES: [(&str, &str); 3] = [
    (
        "spile.toml",
        "timezone = \"America/New_York\"\n[input]\nfiles = [\"examples/flights.csv.gz\"]\n\
         [destination]\nurl = \"bucket\"\nkey = \"{cursor_date}.{extension}\"\nformat = \"csv\"\n\
         [streams.flights]\ncursor_field = \"time_hour\"\n",
    ),
    (
        "spile.yaml",
        "timezone: America/New_York\ninput:\n  files: [examples/flights.csv.gz]\n\
         destination:\n  url: bucket\n  key: '{cursor_date}.{extension}'\n  format: csv\n\
         streams:\n  flights:\n    cursor_field: time_hour\n",
    ),
    (
        "spile.json",
        r#"{"timezone": "America/New_York", "input": {"files": ["examples/flights.csv.gz"]},
            "destination": {"url": "bucket", "key": "{cursor_date}.{extension}", "format": "csv"},
            "streams": {"flights": {"cursor_field": "time_hour"}}}"#,
    ),
];

#[test]
fn a_file_says_it_all() {
    for (name, text) in FILES {
        let desk = Desk::with_flights();
        desk.write(name, text);
        desk.ok(&format!("spile load --config {name}"));
        let names = desk.names("bucket");
        assert_eq!((names.len(), &*names[0]), (14, "2013_01_01.csv"), "{name}");
    }
}

/// The name of the one object that a load makes.
fn key_of(desk: &Desk, flags: &str) -> String {
    let line = format!("spile load --config spile.toml {flags} --output-format json -q");
    let key = desk.ok(&line).json()["objects"][0]["key"].clone();
    key.as_str().unwrap_or_default().to_owned()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n").write(
        "spile.toml",
        "[connection]\nid = '0001'\n[input]\nfiles = ['a.csv']\n\
         [destination]\nurl = 'out/{connection_id}.csv'\n",
    );
    desk
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    assert_eq!(key_of(&desk(), ""), "0001.csv");
    let desk = desk().set("SPILE_CONNECTION__ID", "0002");
    assert_eq!(key_of(&desk, ""), "0002.csv");
    assert_eq!(key_of(&desk, "--connection-id 0003"), "0003.csv");
}

/// A stream's own field replaces a general cursor, and a flag's cursor replaces its field.
#[test]
fn a_cursor_and_a_cursor_field_are_one_choice() {
    let desk = Desk::new();
    desk.write("s.jsonl", "{\"at\":\"2024-01-31\"}\n");
    let key = "[destination]\nurl = 'out'\nkey = '{cursor_iso_date}.jsonl'\n";
    let own = "[streams.s]\ncursor_field = 'at'\n";
    desk.write("spile.toml", format!("cursor = '2024-02-01'\n{key}{own}"));
    desk.ok("spile load --config spile.toml s.jsonl");
    desk.ok("spile load --config spile.toml s.jsonl --cursor 2025-04-14");
    assert_eq!(desk.names("out"), ["2024-01-31.jsonl", "2025-04-14.jsonl"]);
}

#[test]
fn the_environment_is_texts() {
    let desk = desk()
        .set("SPILE_CONNECTION__ID", "00501")
        .set("SPILE_LIMITS__OBJECT_ROWS", "1000")
        .set("SPILE_DESTINATION__CSV__HEADER", "false");
    assert_eq!(key_of(&desk, ""), "00501.csv");
    assert_eq!(desk.read("out/00501.csv").trim_end(), "1");
}

#[test]
fn the_format_follows_from_the_end_of_the_key() {
    for format in [
        "csv",
        "csv.gz",
        "csv.zst",
        "jsonl",
        "jsonl.gz",
        "jsonl.zst",
        "parquet",
    ] {
        let desk = Desk::new();
        desk.write("a.csv", "id\n1\n");
        desk.ok(&format!(
            "spile load a.csv --to 'out/{{stream_name}}.{format}'"
        ));
        desk.ok(&format!(
            "spile load a.csv --to 'out/b.{{extension}}' --format {format}"
        ));
        let (own, given) = (format!("a.{format}"), format!("b.{format}"));
        assert_eq!(desk.files("out")[&own], desk.files("out")[&given]);
    }
}

#[test]
fn nothing_said_makes_parquet_at_the_usual_key() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    desk.ok("spile load a.csv --to out --connection-run-id r --load-time 2025-04-14T11:23:45Z");
    assert_eq!(desk.names("out"), ["a/2025-04-14/r-00001.parquet"]);
}

#[test]
fn files_of_other_stems_are_other_streams() {
    let desk = Desk::new();
    desk.write("in/a.jsonl", "{\"id\":1}\n")
        .write("in/b.jsonl", "{\"id\":2}\n");
    desk.ok("spile load 'in/*.jsonl' --to 'out/{stream_name}.jsonl'");
    assert_eq!(desk.names("out"), ["a.jsonl", "b.jsonl"]);
    desk.ok("spile load 'in/*.jsonl' --to 'one/{stream_name}.jsonl' --stream c");
    assert_eq!(desk.read("one/c.jsonl"), "{\"id\":1}\n{\"id\":2}\n");
}
