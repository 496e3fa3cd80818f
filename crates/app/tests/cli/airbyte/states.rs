//! What a source goes on from is given back once it is safe.

use serde_json::json;

use super::{appended, desk, desk_of, error, record, said, state, stated, states, status, write};
use crate::kit::{Desk, Store};

const COUNTS: &str = r#","destinationStats":{"recordCount":2.0,"rejectedRecordCount":0.0}}"#;

#[test]
fn each_counts_what_came_before_it() {
    let store = Store::new();
    let desk = desk_of(&store, &json!({}), &[appended("a"), appended("b")]);
    let messages = [
        record("a", r#"{"id":1}"#),
        record("b", r#"{"id":2}"#),
        record("a", r#"{"id":3}"#),
        state("a", 1),
        state("a", 2),
        record("a", r#"{"id":4}"#),
        state("b", 3),
        state("a", 4),
        status("b", "COMPLETE"),
        status("a", "COMPLETE"),
    ];
    let ran = write(&desk, &messages.concat());
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(
        states(&ran),
        [
            stated("a", 1, 2, 0),
            stated("a", 2, 0, 0),
            stated("b", 3, 1, 0),
            stated("a", 4, 1, 0),
        ]
    );
    let bodies: Vec<Vec<u8>> = store.objects().into_values().collect();
    assert_eq!(
        bodies,
        [
            &b"{\"id\":1}\n{\"id\":3}\n{\"id\":4}\n"[..],
            b"{\"id\":2}\n"
        ]
    );
}

/// Byte for byte, but for the counts.
#[test]
fn they_keep_their_own_words() {
    let desk = desk(&json!({}), &[appended("a")]);
    let check = |begin: &str, end: &str| {
        let records = [record("a", r#"{"id":1}"#), record("a", r#"{"id":2}"#)];
        let message = format!("{begin}}}{end}\n");
        let end_of_stream = status("a", "COMPLETE");
        let ran = write(&desk, &(records.concat() + &message + &end_of_stream));
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(states(&ran), [format!("{begin}{COUNTS}{end}")]);
    };
    check(
        r#"{"x":[1, 2], "type" : "STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":null}},"id":7.10"#,
        r#","y":{"é":"\u00e9\/"} }"#,
    );
    check(
        r#"{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":18446744073709551616},"stream_states":[]},"sourceStats":{"recordCount":2.0}"#,
        "}",
    );
    check(
        r#"{"type":"STATE","state":{"type":"LEGACY","data":{"a":1e400}"#,
        "}",
    );
    check(r#"{"type":"STATE","state":{"data":{"a":null}"#, "}");
}

/// What was set aside isn't there, and is told.
#[test]
fn bad_records_are_counted_apart() {
    let more = json!({
        "on_bad_record": "quarantine",
        "max_bad_records": 9,
        "connection": {"id": "c"},
        "destination": {"key": "{stream_name}-{part}.csv"},
        "schema": "id int64",
    });
    let desk = desk(&more, &[appended("a")]);
    let messages = [
        record("a", r#"{"id":1}"#),
        record("a", r#"{"id":"none"}"#),
        record("a", r#"{"id":3}"#),
        state("a", 1),
        record("a", r#"{"id":{}}"#),
        state("a", 2),
        status("a", "COMPLETE"),
    ];
    let ran = write(&desk, &messages.concat());
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(states(&ran), [stated("a", 1, 2, 1), stated("a", 2, 0, 1)]);
    assert_eq!(desk.read("out/a-00001.csv"), "id\n1\n3\n");
}

/// Steps, and the report for people, are told where they don't tear a message to pieces.
#[test]
fn whatever_is_said_is_a_message() {
    let desk = desk(&json!({}), &[appended("a")]).set("SPILE_LOG", "debug");
    let messages = [
        record("a", r#"{"id":1}"#),
        state("a", 1),
        status("a", "COMPLETE"),
    ];
    let ran = write(&desk, &messages.concat());
    assert_eq!(ran.code, 0, "{ran}");
    let logs = said(&ran).into_iter().filter(|it| it["type"] == "LOG");
    let logs: Vec<String> = logs.map(|it| it["log"].to_string()).collect();
    let begun = logs.iter().filter(|log| log.contains("the run begins"));
    assert_eq!(begun.count(), 1, "{ran}");
    assert!(logs.iter().all(|log| log.contains(r#""level":""#)), "{ran}");
}

/// Nobody is told of what is safe then: the source goes on from an earlier state.
#[test]
fn nobody_listens() {
    let desk = desk(&json!({}), &[appended("a")]);
    let messages = [
        record("a", r#"{"id":1}"#),
        state("a", 1),
        status("a", "COMPLETE"),
    ];
    desk.write("messages.jsonl", messages.concat());
    let write = super::WRITE;
    // It begins once whoever would read has gone.
    let listener = "sh -c 'exec 0<&-; echo > gate'";
    let line = format!("(cat gate > gone; {write} < messages.jsonl; echo $? > code) | {listener}");
    desk.ok(&format!("mkfifo gate; {line}"));
    assert_eq!(desk.read("code"), "75\n");
}

/// What can't be said any more doesn't hide why it has failed.
#[test]
fn nothing_can_be_said() {
    let desk = desk(&json!({}), &[appended("a")]);
    let code = |messages: &str| {
        desk.write("messages.jsonl", messages);
        let write = super::WRITE;
        desk.run(&format!("{write} < messages.jsonl > /dev/full"))
            .code
    };
    let whole = state("a", 1) + &status("a", "COMPLETE");
    assert_eq!(code(&whole), 75);
    assert_eq!(code("no message\n"), 4);
    desk.write("config.json", "{");
    assert_eq!(code(&whole), 3);
}

#[test]
fn a_run_that_cant_begin() {
    let check = |desk: &Desk, code: i32, kind: &str, expect: &str| {
        // It would be told of, if it was read.
        let ran = write(desk, "no message\n");
        assert_eq!(ran.code, code, "{ran}");
        let (failure_type, message) = error(&ran);
        assert_eq!(failure_type, kind, "{ran}");
        assert!(message.contains(expect), "{expect}\n{message}");
    };
    let config = "config_error";
    let wrong = json!({"destination": {"format": "parket"}});
    check(&desk(&wrong, &[]), 3, config, "did you mean `parquet`?");
    let nothing = desk(&json!({}), &[]);
    nothing.write("catalog.json", "[]");
    check(&nothing, 3, config, "catalog.json");
    nothing.ok("rm catalog.json");
    check(&nothing, 3, config, "catalog.json: it can't be read");
    let refused = desk_of(&Store::new(), &json!({}), &[appended("a")]);
    let refused = refused.set("AWS_SECRET_ACCESS_KEY", crate::kit::WRONG_SECRET);
    check(&refused, 6, config, "secret access key");
    let held =
        json!({"destination": {"endpoint": "http://127.0.0.1:9"}, "limits": {"retry_time": "1s"}});
    let away = desk_of(&Store::new(), &held, &[appended("a")]);
    check(&away, 75, "transient_error", "the store can't be reached");
}
