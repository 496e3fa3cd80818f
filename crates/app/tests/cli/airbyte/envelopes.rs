//! Airbyte's own fields, and the keys that it makes.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{appended, catalog, configure, desk, record, status, write};
use crate::kit::Desk;

/// The one object of a load.
fn object(more: &Value, stream: Value, record: &str) -> String {
    let desk = desk(more, &[stream]);
    let ran = write(&desk, &(record.to_owned() + &status("a", "COMPLETE")));
    assert_eq!(ran.code, 0, "{ran}");
    let mut files = desk.files("out").into_values();
    let text = files.next().expect("an object");
    assert_eq!(files.next(), None, "{ran}");
    without_ids(&String::from_utf8(text).expect("a text"))
}

/// Ids are random, and no two alike.
fn without_ids(text: &str) -> String {
    let words = text.split_inclusive(['"', ',', '\n']);
    words
        .map(|word| match word.trim_end_matches(['"', ',']).len() {
            36 => word.replace(|c: char| c.is_ascii_hexdigit(), "0"),
            _ => word.to_owned(),
        })
        .collect()
}

const ID: &str = "00000000-0000-0000-0000-000000000000";

fn with(envelope: &str, extension: &str) -> Value {
    let key = format!("a.{extension}");
    json!({"airbyte": {"envelope": envelope}, "destination": {"key": key}})
}

#[test]
fn of_lines() {
    let check = |envelope: &str, expect: &str| {
        let mut stream = appended("a");
        stream["generation_id"] = 3.into();
        stream["sync_id"] = 7.into();
        let changes = r#"[{"field":"x","change":"NULLED","reason":"SOURCE_SERIALIZATION_ERROR"}]"#;
        let meta = format!(r#","meta":{{"changes":{changes}}}}}}}"#);
        let record = record("a", r#"{"id":1, "x":null }"#);
        let record = record.trim_end().trim_end_matches("}}").to_owned() + &meta + "\n";
        let own = format!(
            r#""_airbyte_raw_id":"{ID}","_airbyte_extracted_at":1700000000000,"_airbyte_meta":{{"sync_id":7,"changes":{changes}}},"_airbyte_generation_id":3"#
        );
        let found = object(&with(envelope, "jsonl"), stream, &record);
        assert_eq!(found, expect.replace("OWN", &own) + "\n", "{envelope}");
    };
    check("none", r#"{"id":1, "x":null }"#);
    check("columns", r#"{"id":1, "x":null,OWN}"#);
    check("data", r#"{OWN,"_airbyte_data":{"id":1, "x":null }}"#);
}

#[test]
fn of_columns() {
    let found = |envelope| {
        let record = record("a", r#"{"id":1}"#);
        object(&with(envelope, "csv"), appended("a"), &record)
    };
    assert_snapshot!(found("none"), @r"
    id
    1
    ");
    assert_snapshot!(found("columns"), @r#"
    id,_airbyte_raw_id,_airbyte_extracted_at,_airbyte_meta,_airbyte_generation_id
    1,00000000-0000-0000-0000-000000000000,1700000000000,"{""sync_id"":1,""changes"":[]}",0
    "#);
    assert_snapshot!(found("data"), @r#"
    _airbyte_raw_id,_airbyte_extracted_at,_airbyte_meta,_airbyte_generation_id,_airbyte_data
    00000000-0000-0000-0000-000000000000,1700000000000,"{""sync_id"":1,""changes"":[]}",0,"{""id"":1}"
    "#);
}

/// The cursor stands in the data then.
#[test]
fn keys_of_the_cursor() {
    for envelope in ["none", "columns", "data"] {
        let key = "{cursor_iso_date}.jsonl";
        let more = json!({"airbyte": {"envelope": envelope}, "destination": {"key": key}});
        let mut stream = appended("a");
        stream["cursor_field"] = json!(["at"]);
        let desk = desk(&more, &[stream]);
        let record = record("a", r#"{"id":1,"at":"2025-04-14T11:23:45Z"}"#);
        let ran = write(&desk, &(record + &status("a", "COMPLETE")));
        assert_eq!(ran.code, 0, "{envelope}\n{ran}");
        assert_eq!(desk.names("out"), ["2025-04-14.jsonl"], "{envelope}");
    }
}

#[test]
fn keys_in_the_syntax_of_airbyte() {
    let names = |destination: Value| {
        let mut stream = appended("a");
        stream["stream"]["namespace"] = "public".into();
        stream["sync_id"] = 42.into();
        let desk = Desk::new();
        let config = json!({
            "load_time": "2025-04-14T11:23:45.678Z",
            "destination": {"url": "out", "key_syntax": "airbyte", "format": "csv"},
        });
        configure(&desk, &config, &json!({"destination": destination}));
        catalog(&desk, &[stream]);
        let in_namespace =
            |text: String| text.replace(r#""stream":"a""#, r#""namespace":"public","stream":"a""#);
        let status = status("a", "COMPLETE")
            .replace(r#"{"name":"a"}"#, r#"{"name":"a","namespace":"public"}"#);
        let ran = write(&desk, &(in_namespace(record("a", r#"{"id":1}"#)) + &status));
        assert_eq!(ran.code, 0, "{ran}");
        desk.names("out")
    };
    assert_eq!(
        names(json!({})),
        ["public/a/2025_04_14_1744629825678_0.csv"]
    );
    let key = "${NAMESPACE}/${STREAM_NAME}/{sync_id}_{part_number}{format_extension}";
    assert_eq!(names(json!({"key": key})), ["public/a/42_0.csv"]);
}

/// One name in two namespaces is that of two streams, and in none that of a third one.
#[test]
fn streams_in_namespaces() {
    let more = json!({"destination": {"key": "{namespace?}/{stream_name}.jsonl"}});
    let spaces = [None, Some("one"), Some("two")];
    let stream = |space: &Option<&str>| {
        let mut stream = appended("a");
        stream["stream"]["namespace"] = json!(space);
        stream
    };
    let desk = desk(&more, &spaces.each_ref().map(stream));
    let messages = spaces.iter().enumerate().map(|(number, space)| {
        let record = json!({"type": "RECORD", "record": {"namespace": space, "stream": "a",
            "data": {"id": number}, "emitted_at": 1}});
        let descriptor = json!({"name": "a", "namespace": space});
        let state = json!({"type": "STATE", "state": {"type": "STREAM",
            "stream": {"stream_descriptor": descriptor}}});
        let status = json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS",
            "stream_status": {"stream_descriptor": descriptor, "status": "COMPLETE"}}});
        format!("{record}\n{state}\n{status}\n")
    });
    let ran = write(&desk, &messages.collect::<String>());
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(desk.names("out"), ["a.jsonl", "one/a.jsonl", "two/a.jsonl"]);
    for (number, name) in desk.names("out").iter().enumerate() {
        assert_eq!(
            desk.read(&format!("out/{name}")),
            format!("{{\"id\":{number}}}\n")
        );
    }
    let states = super::states(&ran);
    assert_eq!(states.len(), 3, "{ran}");
    let counted = r#""destinationStats":{"recordCount":1.0,"rejectedRecordCount":0.0}"#;
    assert!(states.iter().all(|state| state.contains(counted)), "{ran}");
}
