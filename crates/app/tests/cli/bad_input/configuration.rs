//! Settings that can't be used: all are told at once.

use insta::assert_snapshot;

use crate::kit::Desk;

fn refused(file: &str, flags: &str) -> String {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n").write("spile.toml", file);
    let ran = desk.run(&format!("spile load --config spile.toml a.csv {flags}"));
    assert_eq!(ran.code, 3, "{ran}");
    assert!(desk.files("out").is_empty(), "{ran}");
    ran.stderr
}

#[test]
fn an_unknown_format() {
    assert_snapshot!(refused("", "--to out --format parket"), @r"
    error: --format: `parket` is none of csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet
      hint: did you mean `parquet`?
    ");
    assert_snapshot!(refused("", "--to out --input-format jsonx"), @r"
    error: --input-format: `jsonx` is none of jsonl, csv, tsv, parquet, arrow, singer, airbyte
      hint: did you mean `jsonl`?
    ");
}

#[test]
fn a_format_that_the_key_contradicts() {
    assert_snapshot!(refused("", "--to out/{part}.csv --format parquet"), @r"
    error: --format: the format is parquet, but the key ends like csv
      hint: end the key with .{extension}, which follows the format
    ");
}

#[test]
fn an_unknown_setting() {
    assert_snapshot!(refused("timezon = 'UTC'", "--to out"), @r"
    error: timezon in spile.toml: there is no setting `timezon` here
      hint: did you mean `timezone`?
    ");
    assert_snapshot!(refused("[destination]\nurl = 'out'\nprefix = 'x'", ""), @r"
    error: destination.prefix in spile.toml: there is no setting `prefix` here
      hint: known here: url, state_url, key, key_syntax, format, write, publish, region, endpoint, allow_http, path_style, ca_bundle, proxy, checksum, auth, object, csv, gzip, zstd, parquet
    ");
}

#[test]
fn several_faults_at_once() {
    let file = "timezon = 'UTC'\n[limits]\nmemory = 'much'\n\
                [destination]\nkey = '{steam}'\nwrite = 'appnd'\n[connection]\nid = 7\n";
    let flags = "--to out --timezone Mars/Base --load-time now --cursor-format epoch \
                 --object-rows many";
    assert_snapshot!(refused(file, flags), @r"
    error: connection.id in spile.toml: expected a string, found the number 7; put it in quotes
    error: limits.memory in spile.toml: `much`: a size is a number with B, KB, KiB, MB, MiB, GB or GiB, such as 256MiB
    error: --object-rows: `many`: a whole number is expected, within reason
    error: timezon in spile.toml: there is no setting `timezon` here
      hint: did you mean `timezone`?
    error: --timezone: there is no time zone `Mars/Base`
      hint: use a name of the IANA database, such as Europe/Berlin
    error: --load-time: `now` is no RFC 3339 time
      hint: write it like 2025-04-14T11:23:45Z
    error: destination.key in spile.toml: the template can't be used:
      {steam}
      ^^^^^^^ unknown macro `steam`
      hint: `spile macros` lists all macros
    error: --cursor-format: `epoch` is none of time, epoch_s, epoch_ms, epoch_us, epoch_ns, text
      hint: did you mean `epoch_s`?
    error: destination.write in spile.toml: `appnd` is none of append, overwrite, replace
      hint: did you mean `append`?
    ");
}

/// Each fault is where its value was given, be it a table, a glob's or the environment.
#[test]
fn a_fault_of_a_stream_is_in_its_table() {
    let file = "[destination]\nurl = 'out'\n[streams.a]\nkey = '{steam}'\nwrite = 'appnd'\n\
                [streams.'b*']\nformat = 'cvs'\ncursor_format = 'epoch'\n";
    assert_snapshot!(refused(file, "--schema-change no"), @r"
    MOMENT  WARN spile::stream: [streams.b*] has no effect: no stream has that name
    error: --schema-change: `no` is none of widen, fail
    error: streams.a.key in spile.toml: the template can't be used:
      {steam}
      ^^^^^^^ unknown macro `steam`
      hint: `spile macros` lists all macros
    error: streams.a.write in spile.toml: `appnd` is none of append, overwrite, replace
      hint: did you mean `append`?
    error: streams.b*.cursor_format in spile.toml: `epoch` is none of time, epoch_s, epoch_ms, epoch_us, epoch_ns, text
      hint: did you mean `epoch_s`?
    error: streams.b*.format in spile.toml: `cvs` is none of csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet
      hint: did you mean `csv`?
    ");
    assert_snapshot!(refused("[streams.a]\nschema = 'id itn64'\n", "--to out"), @r"
    error: streams.a.schema in spile.toml: can't find a column type called `itn64`
      hint: did you mean `int64`?
    ");
    let desk = Desk::new().set("SPILE_DESTINATION__WRITE", "appnd");
    desk.write("a.csv", "id\n1\n");
    assert_snapshot!(desk.run("spile load a.csv --to out"), @r"
    exit 3
    error: SPILE_DESTINATION__WRITE in the environment: `appnd` is none of append, overwrite, replace
      hint: did you mean `append`?
    ");
    let desk = Desk::new().set("SPILE_LIMITS__MEMORY", "1MiB");
    desk.write("a.csv", "id\n1\n");
    assert_snapshot!(desk.run("spile load a.csv --to out"), @r"
    exit 3
    error: SPILE_LIMITS__MEMORY in the environment: 1048576 bytes are too little
      hint: give at least 35MiB, or a smaller --object-size
    ");
}

#[test]
fn an_id_without_text() {
    let flags = "--to out --connection-id '' --connection-run-id '' --stream-id ''";
    assert_snapshot!(refused("", flags), @r"
    error: --connection-id: the id is empty
      hint: give it text, or leave it out
    error: --connection-run-id: the id is empty
      hint: give it text, or leave it out
    error: --stream-id: the id is empty
      hint: give it text, or leave it out
    ");
}

#[test]
fn a_file_that_is_no_configuration() {
    assert_snapshot!(refused("[destination\n", "--to out"), @"error: spile.toml: the file can't be understood: TOML parse error at line 1, column 13: invalid table header: expected `.`, `]`");
    let desk = Desk::new();
    assert_snapshot!(desk.run("spile load --config none.toml --to out"), @r"
    exit 3
    error: --config: none.toml can't be read: No such file or directory (os error 2)
    ");
    desk.write("spile.ini", "");
    assert_snapshot!(desk.run("spile load --config spile.ini --to out"), @r"
    exit 3
    error: --config: spile.ini has no known extension
      hint: name it .toml, .yaml or .json
    ");
}

#[test]
fn no_destination() {
    assert_snapshot!(refused("", ""), @r"
    error: --to: the destination isn't set
      hint: give a bucket or a folder: --to s3://BUCKET/PREFIX or --to ./bucket
    ");
    assert_snapshot!(refused("", "--to gs://acme/raw"), @r"
    error: --to: no store is known by `gs://`
      hint: use s3://BUCKET/PREFIX, or a folder's path
    ");
    assert_snapshot!(refused("", "--to s3:///raw"), @r"
    error: --to: the bucket has no name
      hint: write s3://BUCKET/PREFIX; a bucket's name has no macros
    ");
}

/// What the hint says is enough.
#[test]
fn too_little_memory() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run("spile load a.csv --to out --memory 1MiB");
    let (before, hint) = ran.stderr.split_once("at least ").expect("a hint");
    let (least, after) = hint.split_once(", ").expect("a size");
    assert_snapshot!(format!("{before}at least N, {after}"), @r"
    error: --memory: 1048576 bytes are too little
      hint: give at least N, or a smaller --object-size
    ");
    desk.ok(&format!("spile load a.csv --to out --memory {least}"));
}

/// Each object would be sealed as soon as it begins.
#[test]
fn too_little_memory_for_the_level() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let line = "SPILE_DESTINATION__ZSTD__LEVEL=20 spile load a.csv --to out --format jsonl.zst";
    assert_snapshot!(desk.run(line), @r"
    exit 3
    error: --memory: 268435456 bytes are too little
      hint: compressing an object at this level takes 194MiB: give at least 423MiB, or choose a lower level
    ");
    desk.ok(&format!("{line} --memory 423MiB"));
    desk.ok(&line.replace("20", "19"));
}

/// A secret of the wrong kind is shown to nobody.
#[test]
fn a_secret_that_is_a_number() {
    let file = "[destination]\nurl = 's3://landing'\n[destination.auth]\n\
                access_key_id = 'x'\nsecret_access_key = 4711";
    let said = refused(file, "");
    assert!(!said.contains("4711"));
    assert_snapshot!(said, @"error: destination.auth.secret_access_key in spile.toml: expected a text, { file = \"…\" } or { command = [\"…\"] }, found something else");
}
