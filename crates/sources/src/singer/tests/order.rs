//! The order of what is said, and where it was read.

use super::{SCHEMA_A, SCHEMA_B, check, config, lines, record, state, told};
use crate::InputConfig;

fn schema(stream: &str, rest: &str) -> String {
    format!(r#"{{"type":"SCHEMA","stream":"{stream}",{rest}}}"#)
}

#[test]
fn nothing_is_said_of_nothing() {
    check::<&str>(&[], &[]);
    check(&["", " \t", "\r"], &[]);
    assert_eq!(told(&config(), "\u{FEFF}".as_bytes()), [""; 0]);
}

/// A state stands behind all records before it, of every stream, and behind no others.
#[test]
fn records_states_and_schemas_keep_their_order() {
    let input = [
        &state("0"),
        SCHEMA_A,
        &record("a", "{\"n\":1}"),
        SCHEMA_B,
        &record("b", "{\"n\":2}"),
        &record("a", "{\"n\":3}"),
        &record("b", "{\"n\":4}"),
        &state("1"),
        &state("2"),
        &record("b", "{\"n\":5}"),
    ];
    let expect = [
        "state 0",
        "stream a",
        "a: 3={\"n\":1}",
        "stream b",
        "b: 5={\"n\":2} 7={\"n\":4}",
        "a: 6={\"n\":3}",
        "state 1",
        "state 2",
        "b: 10={\"n\":5}",
    ];
    check(&input, &expect);
}

#[test]
fn blank_lines_and_space_around_messages_count_as_lines() {
    let input = format!(
        "\u{FEFF}\n\n  {SCHEMA_A}\t\r\n\r\n\t {}\n\n\n{} \n",
        record("a", "{ }"),
        record("a", "{}")
    );
    let expect = ["stream a", "a: 5={ } 8={}"];
    assert_eq!(told(&config(), input.as_bytes()), expect);
}

#[test]
fn types_are_known_in_any_case() {
    for (schema, record, state) in [("schema", "record", "state"), ("Schema", "ReCoRd", "sTATE")] {
        let input = [
            SCHEMA_A.replace("SCHEMA", schema),
            super::record("a", "{}").replace("RECORD", record),
            format!(r#"{{"type":"{state}","value":1}}"#),
        ];
        check(&input, &["stream a", "a: 2={}", "state 1"]);
    }
    let input = [
        SCHEMA_A.to_owned(),
        super::versioned("a", "{}", 1),
        super::activate("a", 1).to_lowercase(),
    ];
    check(&input, &["stream a", "a v1: 2={}", "activate 1 of a"]);
}

#[test]
fn fields_stand_in_any_order_beside_unknown_ones() {
    let input = [
        r#"{"key_properties":["n"],"x":{"type":"STATE"},"schema":{},"stream":"a","type":"SCHEMA"}"#,
        r#"{"time_extracted":"2025-04-14T00:00:00Z","record":{"type":"SCHEMA"},"y":[],"stream":"a","type":"RECORD"}"#,
        r#"{"x":1,"x":2,"value":{"value":{}},"stream":7,"type":"STATE"}"#,
    ];
    let expect = [
        "stream a",
        "a: 2={\"type\":\"SCHEMA\"}",
        "state {\"value\":{}}",
    ];
    check(&input, &expect);
}

#[test]
fn a_state_is_given_back_byte_for_byte() {
    for value in [
        "null",
        "true",
        "false",
        "0",
        "-0.0",
        "1.10",
        "1e400",
        "18446744073709551616123",
        "\"\"",
        "\"\\u00e9\u{e9}\\/\"",
        "[]",
        "[ 1,\t2 ]",
        "{}",
        "{ \"bookmarks\" : {\"a\":{\"at\": \"2025-04-14\"}, \"a\":null} }",
    ] {
        check(&[state(value)], &[&format!("state {value}")]);
        let spaced = format!("{{ \"value\" :\t{value}  , \"type\" : \"STATE\" }}");
        check(&[spaced], &[&format!("state {value}")]);
    }
}

#[test]
fn a_record_is_handed_out_byte_for_byte() {
    let text = r#"{ "big":18446744073709551616123, "n":1.10, "e":1e400,"z":-0.0, "u":"\u00e9é", "d":0, "d":1 }"#;
    check(
        &[SCHEMA_A, &record("a", text)],
        &["stream a", &format!("a: 2={text}")],
    );
}

#[test]
fn a_name_may_be_written_with_escapes() {
    let input = [
        SCHEMA_A,
        &record("\\u0061", "{\"n\":1}"),
        &record("a", "{\"n\":2}"),
        &SCHEMA_A.replace("\"a\"", "\"\\u0061\""),
        &record("a", "{\"n\":3}"),
        &SCHEMA_B.replace("\"b\"", "\"\\u0062\""),
        &record("b", "{\"n\":4}"),
        &record("\\u0062", "{\"n\":5}"),
        SCHEMA_B,
        &record("b", "{\"n\":6}"),
    ];
    let expect = [
        "stream a",
        "a: 2={\"n\":1} 3={\"n\":2} 5={\"n\":3}",
        "stream b",
        "b: 7={\"n\":4} 8={\"n\":5} 10={\"n\":6}",
    ];
    check(&input, &expect);
    let odd = r#""é \"/..\\\u0000""#;
    let input = [
        SCHEMA_A.replace("\"a\"", odd),
        record("x", "{}").replace("\"x\"", odd),
    ];
    check(&input, &["stream é \"/..\\\u{0}", "é \"/..\\\u{0}: 2={}"]);
}

#[test]
fn a_schema_tells_columns_and_the_cursor() {
    let rest = r#""schema":{"properties":{"id":{"type":"integer"},"at":{"type":["null","string"],"format":"date-time"}}},"key_properties":["id"]"#;
    let columns = "stream a id:int64 at:timestamp_utc";
    let check_bookmarks = |bookmarks: &str, cursor: &str| {
        let rest = format!("{rest}{bookmarks}");
        check(&[schema("a", &rest)], &[&format!("{columns}{cursor}")]);
    };
    check_bookmarks("", "");
    check_bookmarks(r#","bookmark_properties":null"#, "");
    check_bookmarks(r#","bookmark_properties":[]"#, "");
    check_bookmarks(r#","bookmark_properties":["at"]"#, " by at");
    check_bookmarks(r#","bookmark_properties":["\u0061t","id"]"#, " by at");
}

#[test]
fn a_schema_is_announced_where_it_changes() {
    let of = |properties: &str, rest: &str| {
        schema(
            "a",
            &format!(r#""schema":{{"properties":{{{properties}}}}},{rest}"#),
        )
    };
    let keys = r#""key_properties":["n"]"#;
    let (n, m) = (r#""n":{"type":"integer"}"#, r#""n":{"type":"number"}"#);
    let input = [
        of(n, keys),
        record("a", "{\"n\":1}"),
        of(n, keys),
        record("a", "{\"n\":2}"),
        of(m, keys),
        record("a", "{\"n\":3}"),
        of(m, r#""key_properties":null"#),
        record("a", "{\"n\":4}"),
        of(m, r#""key_properties":[],"bookmark_properties":["n"]"#),
        record("a", "{\"n\":5}"),
        of(n, keys),
    ];
    let expect = [
        "stream a n:int64",
        "a: 2={\"n\":1} 4={\"n\":2}",
        "stream a n:float64",
        "a: 6={\"n\":3} 8={\"n\":4}",
        "stream a n:float64 by n",
        "a: 10={\"n\":5}",
        "stream a n:int64",
    ];
    check(&input, &expect);
}

/// Each block of the input has its own batches: the lines of records are right in all of them.
#[test]
fn lines_are_counted_over_blocks() {
    let records = (3..50).map(|n| record(["a", "b"][n % 2], &format!("{{\"n\":{n}}}")));
    let mut input = vec![SCHEMA_A.to_owned(), SCHEMA_B.to_owned()];
    input.extend(records);
    let config = InputConfig {
        batch_bytes: 300,
        ..config()
    };
    let (messages, error) = super::messages(&config, &lines(&input));
    assert!(error.is_none());
    let batches = messages.iter().filter_map(|message| match message {
        spile_core::Message::Batch(batch) => Some(super::records(batch)),
        _ => None,
    });
    let batches: Vec<_> = batches.collect();
    assert!(batches.len() > 4, "{}", batches.len());
    for (line, text) in batches.iter().flatten() {
        assert_eq!(*text, format!("{{\"n\":{line}}}"));
    }
    assert_eq!(batches.iter().flatten().count(), 47);
}
