//! Columns that are remembered between runs of a connection.

use insta::assert_snapshot;

use super::columns;
use crate::kit::{Desk, Ran, Store};

const MONDAY: &str = "{\"id\":1,\"price\":2,\"note\":\"a\"}\n";
const TUESDAY: &str = "{\"id\":2,\"price\":null,\"note\":null}\n";
const WEDNESDAY: &str = "{\"id\":3,\"price\":2.5}\n";

const NIGHTLY: &str = "--connection-id nightly --stream sales";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("monday.jsonl", MONDAY)
        .write("tuesday.jsonl", TUESDAY)
        .write("wednesday.jsonl", WEDNESDAY);
    desk
}

/// A run of the connection that loads a day.
fn load(desk: &Desk, day: &str, flags: &str) -> Ran {
    desk.run(&format!(
        "spile load {day}.jsonl {NIGHTLY} --key {day}.parquet {flags}"
    ))
}

/// Those documents that remember columns.
fn schemas(kept: &[String]) -> Vec<&str> {
    let names = kept.iter().map(String::as_str);
    names.filter(|name| name.contains("schemas/")).collect()
}

fn loaded(desk: &Desk, day: &str, flags: &str) -> Ran {
    let ran = load(desk, day, flags);
    assert_eq!(ran.code, 0, "{ran}");
    ran
}

#[test]
fn columns_keep_their_types_from_run_to_run() {
    let desk = desk();
    loaded(&desk, "monday", "--to out");
    assert_snapshot!(desk.read("out/_spile/schemas/nightly/sales.json"), @r#"
    {
      "schema_version": 1,
      "connection_id": "nightly",
      "stream": "sales",
      "format": "parquet",
      "columns": [
        {
          "name": "id",
          "type": "int64"
        },
        {
          "name": "price",
          "type": "int64"
        },
        {
          "name": "note",
          "type": "text"
        }
      ]
    }
    "#);
    loaded(&desk, "tuesday", "--to out");
    let strict = load(&desk, "wednesday", "--to out --schema-change fail");
    assert_snapshot!(strict, @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to keep the columns of stream sales as they are: column price is Int64, found number 2.5
      hint: with --schema-change widen, a further object with room for it begins
    ");
    assert_snapshot!(columns(&desk, "out"), @r"
    monday.parquet: id BIGINT, price BIGINT, note VARCHAR
      1, 2, a
    tuesday.parquet: id BIGINT, price BIGINT, note VARCHAR
      2, None, None
    ");
    let wider = loaded(&desk, "wednesday", "--to out --quiet");
    assert_snapshot!(wider, @r"
    exit 0
    MOMENT  WARN spile_core::loader: its columns differ from those of earlier runs: price was int64 and is float64 stream=sales
    ");
    let state = desk.read("out/_spile/schemas/nightly/sales.json");
    assert!(state.contains("float64"), "{state}");
}

#[test]
fn columns_of_csv_keep_their_order_from_run_to_run() {
    let desk = Desk::new();
    desk.write("a.jsonl", "{\"id\":1,\"note\":\"a\"}\n")
        .write("b.jsonl", "{\"note\":5,\"new\":1,\"id\":2}\n");
    for name in ["a", "b"] {
        desk.ok(&format!(
            "spile load {name}.jsonl {NIGHTLY} --to out --key {name}.csv -q"
        ));
    }
    assert_eq!(desk.read("out/b.csv"), "id,note,new\n2,5,1\n");
    // parquet has types, of which nothing is known yet.
    desk.ok(&format!(
        "spile load b.jsonl {NIGHTLY} --to out --key b.parquet -q"
    ));
    assert_snapshot!(columns(&desk, "out"), @r"
    b.parquet: note BIGINT, new BIGINT, id BIGINT
      5, 1, 2
    ");
}

#[test]
fn columns_are_remembered_in_s3() {
    let store = Store::new();
    let desk = store.admit(desk());
    loaded(&desk, "monday", &store.to());
    loaded(&desk, "tuesday", &store.to());
    assert_eq!(
        store.fetch(&desk.path("fetched")),
        ["monday.parquet", "tuesday.parquet"]
    );
    assert_eq!(
        schemas(&store.kept()),
        ["_spile/schemas/nightly/sales.json"]
    );
    assert_snapshot!(columns(&desk, "fetched"), @r"
    monday.parquet: id BIGINT, price BIGINT, note VARCHAR
      1, 2, a
    tuesday.parquet: id BIGINT, price BIGINT, note VARCHAR
      2, None, None
    ");
}

#[test]
fn the_state_can_lie_elsewhere() {
    let store = Store::new();
    let desk = store.admit(desk());
    desk.write("spile.toml", "[destination]\nstate_url = './state'\n");
    for day in ["monday", "tuesday"] {
        loaded(&desk, day, &format!("{} --config spile.toml", store.to()));
    }
    assert_eq!(
        schemas(&desk.names("state")),
        ["schemas/nightly/sales.json"]
    );
    assert_eq!(store.kept(), [""; 0]);
    assert_eq!(
        store.fetch(&desk.path("fetched")),
        ["monday.parquet", "tuesday.parquet"]
    );
    let to = format!("s3://{}/{}/state", store.bucket, store.prefix);
    let desk = desk.set("SPILE_DESTINATION__STATE_URL", &to);
    let reached = format!("--to out --endpoint {} --allow-http", store.endpoint);
    loaded(&desk, "monday", &reached);
    assert_eq!(desk.names("out"), ["monday.parquet"]);
    assert_eq!(desk.kept("out"), [""; 0]);
    assert_eq!(
        schemas(&store.fetch(&desk.path("fetched"))),
        ["state/schemas/nightly/sales.json"]
    );
}

#[test]
fn nothing_is_left_where_nothing_can_be_known() {
    let check = |line: &str, expect: &[&str]| {
        let desk = desk();
        desk.ok(&format!("spile load monday.jsonl --to out {line}"));
        assert_eq!(desk.names("out"), expect, "{line}");
        assert_eq!(schemas(&desk.kept("out")), [""; 0], "{line}");
    };
    check("--key a.parquet", &["a.parquet"]);
    check(&format!("{NIGHTLY} --key a.jsonl"), &["a.jsonl"]);
    let desk = desk();
    desk.ok(&format!("spile plan monday.jsonl --to out {NIGHTLY}"));
    assert!(desk.names("out").is_empty());
    assert_eq!(desk.kept("out"), [""; 0]);
    // What is Parquet already says its types itself.
    desk.ok("spile load monday.jsonl --to in --key a.parquet");
    desk.ok(&format!(
        "spile load in/a.parquet --to out {NIGHTLY} --key b.parquet"
    ));
    assert_eq!(desk.names("out"), ["b.parquet"]);
    assert_eq!(schemas(&desk.kept("out")), [""; 0]);
}

#[test]
fn a_run_that_fails_remembers_what_it_has_published() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        "{\"id\":1}\n{\"id\":2,\"note\":\"a\"}\n{\"id\":}\n",
    );
    let ran = desk.run(&format!(
        "spile load a.jsonl {NIGHTLY} --to out --key '{{part}}.csv' --object-rows 1"
    ));
    assert_eq!(ran.code, 4, "{ran}");
    let state = desk.read("out/_spile/schemas/nightly/sales.json");
    assert!(state.contains("note"), "{state}");
}

#[test]
fn what_can_not_be_understood_is_an_error() {
    let desk = desk();
    desk.write(
        "out/_spile/schemas/nightly/sales.json",
        "{\"schema_version\": 2}",
    );
    assert_snapshot!(load(&desk, "monday", "--to out"), @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to understand the columns that are remembered at _spile/schemas/nightly/sales.json in DIR/out: its schema_version is 2, and only 1 is known
      hint: mend that object, or delete it: then the next run finds the columns anew
    ");
    desk.write("out/_spile/schemas/nightly/sales.json", "[");
    assert_snapshot!(load(&desk, "monday", "--to out"), @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to understand the columns that are remembered at _spile/schemas/nightly/sales.json in DIR/out: EOF while parsing a list at line 1 column 1
      hint: mend that object, or delete it: then the next run finds the columns anew
    ");
    let lease = "_spile/connections/nightly/lease/000002.json";
    let kept = desk.kept("out");
    assert_eq!(kept, [lease, "_spile/schemas/nightly/sales.json"]);
    assert!(
        desk.read(&format!("out/{lease}"))
            .contains("\"until\": null")
    );
}

/// All is loaded by the time that columns are written down.
#[test]
fn columns_that_can_not_be_written_are_told_of() {
    let desk = desk();
    desk.write("out/_spile/schemas", "in the way");
    assert_snapshot!(load(&desk, "monday", "--to out"), @r"
    exit 0
    MOMENT  WARN spile_core::run::publishing: the next run won't know the columns of this one: failed to put _spile/schemas/nightly/sales.json in DIR/out: a file stands where the key needs a folder
      monday.parquet          1 record    1.03 KiB
    loaded 1 record in 1 object (1.03 KiB) into DIR/out in TIME
    ");
}

/// Without a record, nothing is loaded.
#[test]
fn a_place_that_can_not_be_written_is_an_error() {
    let desk = desk();
    desk.write("out/_spile", "in the way");
    assert_snapshot!(load(&desk, "monday", "--to out"), @r"
    exit 5
    error: failed to begin the record of the run (put _spile/connections/nightly/lease/000001.json) in DIR/out: a file stands where the key needs a folder
      caused by: Not a directory (os error 20)
      hint: give what is kept of runs another place, by destination.state_url
    ");
    assert_eq!(desk.names("out"), ["_spile"]);
}

#[test]
fn a_state_without_a_place() {
    let check = |url: &str| {
        let desk = desk().set("SPILE_DESTINATION__STATE_URL", url);
        load(&desk, "monday", "--to out").to_string()
    };
    assert_snapshot!(check("gs://acme"), @r"
    exit 3
    error: SPILE_DESTINATION__STATE_URL in the environment: no store is known by `gs://`
      hint: use s3://BUCKET/PREFIX, or a folder's path
    ");
    assert_snapshot!(check("state/{stream_name}.json"), @r"
    exit 3
    error: SPILE_DESTINATION__STATE_URL in the environment: it can't carry a template
      hint: use s3://BUCKET/PREFIX, or a folder's path
    ");
}
