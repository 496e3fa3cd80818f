//! Lines that are no messages, or stand at the wrong place.

use super::{SCHEMA_A, config, lines, record, state, told};
use crate::InputConfig;

/// What a line behind a SCHEMA, records and a state of it comes to. These are told first.
fn check(line: impl AsRef<[u8]>, expect: &str) {
    let before = [
        SCHEMA_A,
        &record("a", "{\"n\":1}"),
        &state("1"),
        &record("a", "{}"),
    ];
    let mut input = lines(&before);
    input.extend_from_slice(line.as_ref());
    input.extend_from_slice(b"\n{\"type\":\"STATE\",\"value\":2}\n");
    let error = format!("error read the message at line 5 of stdin: {expect}");
    let line = String::from_utf8_lossy(line.as_ref());
    assert_eq!(
        told(&config(), &input),
        ["stream a", "a: 2={\"n\":1}", "state 1", "a: 4={}", &error],
        "{line}",
    );
}

#[test]
fn what_is_no_message() {
    check("[]", "expected an object, found an array at byte 0");
    check("STATE", "expected an object, found `S` at byte 0");
    check("{} {}", "expected the end, found `{` at byte 3");
    check("{}", "a message needs `type`, a text");
    let text = "`type` of a message has to be a text, found";
    check(r#"{"type":null}"#, &format!("{text} null"));
    check(
        r#"{"type":["STATE"],"value":1}"#,
        &format!("{text} [\"STATE\"]"),
    );
    let known =
        "is no type of message: SCHEMA, RECORD, STATE, ACTIVATE_VERSION and BATCH are known";
    check(r#"{"type":"LOG"}"#, &format!("`LOG` {known}"));
    check(r#"{"type":""}"#, &format!("`` {known}"));
    check(
        r#"{"type":"STATE ","value":1}"#,
        &format!("`STATE ` {known}"),
    );
    check(
        b"{\"type\":\"STATE\",\"value\":\"\xFF\"}",
        "invalid UTF-8 at byte 25",
    );
    check(
        r#"{"type":"STATE","value":"\ud800"}"#,
        "half of a surrogate pair at byte 25",
    );
    check(
        r#"{"type":"STATE","value":01}"#,
        "expected `,` or `}`, found `1` at byte 25",
    );
}

#[test]
fn fields_that_stand_there_twice() {
    for (field, line) in [
        ("type", r#"{"type":"STATE","value":1,"type":"STATE"}"#),
        ("value", r#"{"type":"STATE","value":1,"value":1}"#),
        (
            "record",
            r#"{"record":{},"type":"RECORD","stream":"a","record":{}}"#,
        ),
        (
            "stream",
            r#"{"type":"RECORD","stream":"a","stream":"a","record":{}}"#,
        ),
        (
            "version",
            r#"{"type":"RECORD","stream":"a","record":{},"version":null,"version":1}"#,
        ),
    ] {
        check(line, &format!("`{field}` stands there twice"));
    }
}

#[test]
fn records() {
    let check =
        |fields: &str, expect: &str| check(format!(r#"{{"type":"RECORD"{fields}}}"#), expect);
    check("", "a RECORD needs `stream`, a text");
    check(r#","record":{}"#, "a RECORD needs `stream`, a text");
    check(r#","stream":"a""#, "a RECORD needs `record`, an object");
    let stream = "`stream` of a RECORD has to be a text, found";
    check(r#","record":{},"stream":null"#, &format!("{stream} null"));
    check(r#","record":{},"stream":1"#, &format!("{stream} 1"));
    check(r#","record":{},"stream":{}"#, &format!("{stream} {{}}"));
    let record = "`record` of a RECORD has to be an object, found";
    check(r#","stream":"a","record":null"#, &format!("{record} null"));
    check(
        r#","stream":"a","record":[{}]"#,
        &format!("{record} [{{}}]"),
    );
    check(
        r#","stream":"a","record":"{}""#,
        &format!("{record} \"{{}}\""),
    );
    let version = "`version` of a RECORD has to be a whole number, found";
    for found in ["\"1\"", "1.5", "1e3", "{}", "true", "9223372036854775808"] {
        let fields = format!(r#","stream":"a","record":{{}},"version":{found}"#);
        check(&fields, &format!("{version} {found}"));
    }
}

#[test]
fn schemas() {
    let check =
        |fields: &str, expect: &str| check(format!(r#"{{"type":"SCHEMA"{fields}}}"#), expect);
    let rest = r#","schema":{},"key_properties":[]"#;
    check(rest, "a SCHEMA needs `stream`, a text");
    let stream = "`stream` of a SCHEMA has to be a text, found";
    check(
        &format!(r#","stream":null{rest}"#),
        &format!("{stream} null"),
    );
    check(
        &format!(r#","stream":["a"]{rest}"#),
        &format!("{stream} [\"a\"]"),
    );
    check(
        &format!(r#","stream":""{rest}"#),
        "the stream of a SCHEMA has no name",
    );
    let a = r#","stream":"a","key_properties":[]"#;
    check(a, "a SCHEMA needs `schema`, an object");
    let schema = "`schema` of a SCHEMA has to be an object, found";
    check(&format!(r#"{a},"schema":null"#), &format!("{schema} null"));
    check(&format!(r#"{a},"schema":true"#), &format!("{schema} true"));
    check(&format!(r#"{a},"schema":[]"#), &format!("{schema} []"));
    let wrong = r#","schema":{"properties":{"n":{"$ref":"x"}}}"#;
    check(
        &format!("{a}{wrong}"),
        "the schema of a: /properties/n/$ref: the reference `x` leads nowhere",
    );
}

#[test]
fn names_in_schemas() {
    let check = |fields: &str, expect: &str| {
        let begin = r#"{"type":"SCHEMA","stream":"a","schema":{}"#;
        check(format!("{begin}{fields}}}"), expect);
    };
    check("", "a SCHEMA needs `key_properties`, an array");
    let keys = "`key_properties` of a SCHEMA has to be an array, found";
    check(r#","key_properties":"id""#, &format!("{keys} \"id\""));
    let keys = "`key_properties` of a SCHEMA has to hold texts, found";
    check(r#","key_properties":["id",1]"#, &format!("{keys} 1"));
    check(r#","key_properties":[null]"#, &format!("{keys} null"));
    check(r#","key_properties":[["id"]]"#, &format!("{keys} [\"id\"]"));
    let bookmarks = "`bookmark_properties` of a SCHEMA has to be an array, found";
    let end = r#","key_properties":[],"bookmark_properties""#;
    check(&format!(r#"{end}:"at""#), &format!("{bookmarks} \"at\""));
    check(&format!(r#"{end}:{{}}"#), &format!("{bookmarks} {{}}"));
    let bookmarks = "`bookmark_properties` of a SCHEMA has to hold texts, found";
    check(&format!(r#"{end}:[false]"#), &format!("{bookmarks} false"));
}

#[test]
fn states() {
    check(r#"{"type":"STATE"}"#, "a STATE needs `value`");
    check(
        r#"{"type":"STATE","bookmarks":{}}"#,
        "a STATE needs `value`",
    );
}

#[test]
fn activations() {
    let check = |fields: &str, expect: &str| {
        check(format!(r#"{{"type":"ACTIVATE_VERSION"{fields}}}"#), expect);
    };
    check(
        r#","version":1"#,
        "an ACTIVATE_VERSION needs `stream`, a text",
    );
    let stream = "`stream` of an ACTIVATE_VERSION has to be a text, found";
    check(r#","version":1,"stream":0"#, &format!("{stream} 0"));
    let needs = "an ACTIVATE_VERSION needs `version`, a whole number";
    check(r#","stream":"a""#, needs);
    check(r#","stream":"a","version":null"#, needs);
    let version = "`version` of an ACTIVATE_VERSION has to be a whole number, found";
    check(
        r#","stream":"a","version":"1""#,
        &format!("{version} \"1\""),
    );
    check(r#","stream":"a","version":0.5"#, &format!("{version} 0.5"));
}

#[test]
fn batches() {
    let check =
        |fields: &str, expect: &str| check(format!(r#"{{"type":"BATCH"{fields}}}"#), expect);
    let jsonl = r#","encoding":{"format":"jsonl"}"#;
    check(
        &format!(r#"{jsonl},"manifest":[]"#),
        "a BATCH needs `stream`, a text",
    );
    let a = r#","stream":"a""#;
    check(a, "a BATCH needs `encoding`, an object");
    let encoding = "`encoding` of a BATCH has to be an object, found";
    check(
        &format!(r#"{a},"encoding":null"#),
        &format!("{encoding} null"),
    );
    check(
        &format!(r#"{a},"encoding":"jsonl""#),
        &format!("{encoding} \"jsonl\""),
    );
    let format = "the encoding of a BATCH";
    check(
        &format!(r#"{a},"encoding":{{}}"#),
        &format!("{format} needs `format`, a text"),
    );
    let found = format!("`format` of {format} has to be a text, found null");
    check(&format!(r#"{a},"encoding":{{"format":null}}"#), &found);
    let known = "the files of a BATCH are in format csv: jsonl, parquet and arrow are known";
    check(&format!(r#"{a},"encoding":{{"format":"csv"}}"#), known);
    check(&format!("{a}{jsonl}"), "a BATCH needs `manifest`, an array");
    let manifest = "`manifest` of a BATCH has to be an array, found";
    check(
        &format!(r#"{a}{jsonl},"manifest":null"#),
        &format!("{manifest} null"),
    );
    check(
        &format!(r#"{a}{jsonl},"manifest":"f""#),
        &format!("{manifest} \"f\""),
    );
    let names = "the manifest of a BATCH has to name files, found 1";
    check(&format!(r#"{a}{jsonl},"manifest":[1]"#), names);
    let known = "files of this machine (file://) and objects (s3://) are known";
    for url in ["gs://bucket/f.jsonl", "https://host/f"] {
        let fields = format!(r#"{a}{jsonl},"manifest":["{url}"]"#);
        check(&fields, &format!("a BATCH names {url}: {known}"));
    }
}

#[test]
fn streams_without_a_schema() {
    let early = "of stream z comes before its SCHEMA";
    check(record("z", "{}"), &format!("a RECORD {early}"));
    check(
        r#"{"type":"ACTIVATE_VERSION","stream":"z","version":1}"#,
        &format!("an ACTIVATE_VERSION {early}"),
    );
    check(
        r#"{"type":"BATCH","stream":"z","encoding":{"format":"jsonl"},"manifest":[]}"#,
        &format!("a BATCH {early}"),
    );
}

#[test]
fn the_last_line_may_lack_its_end_but_nothing_else() {
    let check = |last: &str, expect: &str| {
        let mut input = lines(&[SCHEMA_A, &record("a", "{}")]);
        input.extend_from_slice(last.as_bytes());
        assert_eq!(told(&config(), &input), ["stream a", "a: 2={}", expect]);
    };
    check(&state("3"), "state 3");
    check(&(state("3") + "\r\n \t\n\n"), "state 3");
    check(
        r#"{"type":"STATE","value":3"#,
        "error read the message at line 3 of stdin: expected `,` or `}`, found the end at byte 25",
    );
}

/// Whatever is in memory at once.
#[test]
fn a_line_that_is_too_long() {
    let long = state(&format!("\"{}\"", "x".repeat(200_000)));
    let input = lines(&[SCHEMA_A, &record("a", "{}"), &long, &state("4")]);
    for batch_bytes in [1, 10_000, 1 << 20] {
        let config = InputConfig {
            record_bytes_max: 100_000,
            batch_bytes,
            ..config()
        };
        let error = "error read the message at line 3 of stdin: it is longer than 100000 bytes: \
                     limits.record_bytes sets how long one may be";
        assert_eq!(
            told(&config, &input),
            ["stream a", "a: 2={}", error],
            "{batch_bytes}"
        );
    }
}
