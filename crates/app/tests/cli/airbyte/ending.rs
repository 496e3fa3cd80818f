//! Loads that don't come to a good end.

use serde_json::json;

use super::{
    WRITE, appended, desk, error, overwritten, record, said, state, stated, states, status, write,
};
use crate::kit::Live;

/// What stood before is safe, and no state that came after it is told.
#[test]
fn what_is_no_message() {
    let check = |line: &str, expect: &str| {
        // Each state is safe as soon as it can be.
        let more = json!({"limits": {"checkpoint_size": "1B"}});
        let desk = desk(&more, &[appended("a")]);
        let before = record("a", r#"{"id":1}"#) + &state("a", 1);
        let after = record("a", r#"{"id":2}"#) + &state("a", 2) + &status("a", "COMPLETE");
        let ran = write(&desk, &(before + line + "\n" + &after));
        assert_eq!(ran.code, 4, "{line}\n{ran}");
        let (failure_type, message) = error(&ran);
        assert_eq!(failure_type, "system_error", "{line}");
        let expect = format!("failed to read the message at line 3 of stdin: {expect}");
        assert!(message.starts_with(&expect), "{expect}\n{message}");
        assert_eq!(states(&ran), [stated("a", 1, 1, 0)], "{line}");
        let bodies: Vec<Vec<u8>> = desk.files("out").into_values().collect();
        assert_eq!(bodies, [b"{\"id\":1}\n"], "{line}");
    };
    check("Traceback (most recent call last):", "");
    check("[]", "");
    check(r#"{"type":"RECORDS"}"#, "`RECORDS` is no type of message");
    check(r#"{"type":"RECORD"}"#, "a RECORD needs `record`");
    check(
        record("b", "{}").trim_end(),
        "stream b isn't in the catalog",
    );
    check(
        r#"{"type":"STATE","state":{"type":"STREAM"}}"#,
        "a STATE needs `stream`",
    );
}

/// A source that says why it ends.
#[test]
fn what_the_source_says_of_itself() {
    let desk = desk(&json!({}), &[appended("a"), appended("b")]);
    let trouble = json!({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 1.5,
        "error": {"message": "the token has expired", "failure_type": "config_error"}}});
    let messages = [
        record("a", r#"{"id":1}"#),
        state("a", 1),
        status("a", "COMPLETE"),
        record("b", r#"{"id":2}"#),
        status("b", "INCOMPLETE"),
        trouble.to_string() + "\n",
    ];
    let ran = write(&desk, &messages.concat());
    assert_eq!(ran.code, 4, "{ran}");
    assert_eq!(states(&ran), [stated("a", 1, 1, 0)]);
    let (_, message) = error(&ran);
    let expect = "it ends, and the source hasn't said COMPLETE of b; the source says: the token has \
                  expired";
    assert!(message.contains(expect), "{message}");
    assert_eq!(desk.names("out").len(), 2, "{ran}");
}

/// The platform stops a destination so: what is whole is kept, and told.
#[test]
fn by_sigterm() {
    let more = json!({"connection": {"id": "c"}, "limits": {"checkpoint_age": "1s"}});
    let desk = desk(&more, &[appended("a")]);
    let words: Vec<&str> = WRITE.split(' ').skip(1).collect();
    let mut command = desk.spile(&words);
    let mut live = Live::start_as(&desk, &mut command);
    live.write(record("a", r#"{"id":1}"#) + &state("a", 1));
    live.until("the first state is safe", |desk| {
        let names = desk.names("out");
        names.iter().any(|name| !name.starts_with('.'))
    });
    live.write(record("a", r#"{"id":2}"#) + &state("a", 2) + &record("a", r#"{"id":3}"#));
    live.signal("TERM");
    let ran = live.end_by_itself();
    assert_eq!(ran.code, 143, "{ran}");
    let safe = states(&ran);
    let all = [stated("a", 1, 1, 0), stated("a", 2, 1, 0)];
    assert!(
        !safe.is_empty() && all.iter().zip(&safe).all(|(one, other)| one == other),
        "{ran}"
    );
    assert_eq!(said(&ran).len(), safe.len(), "{ran}");
}

/// What earlier runs have loaded stays, though the stream was complete.
#[test]
fn by_sigterm_while_a_stream_is_replaced() {
    let more = json!({"connection": {"id": "c"}, "limits": {"object_rows": 1}});
    let desk = desk(&more, &[overwritten("a", 1)]);
    let whole = record("a", r#"{"id":1}"#) + &status("a", "COMPLETE");
    assert_eq!(write(&desk, &whole).code, 0);
    let before = desk.files("out");
    super::catalog(&desk, &[overwritten("a", 2), appended("b")]);
    let words: Vec<&str> = WRITE.split(' ').skip(1).collect();
    let mut live = Live::start(&desk, &words);
    let records = [2, 3, 4].map(|id| record("a", &format!(r#"{{"id":{id}}}"#)));
    live.write(records.concat() + &status("a", "COMPLETE"));
    live.until("two objects are beside the earlier one", |desk| {
        let names = desk.names("out");
        names.iter().filter(|name| !name.starts_with('.')).count() >= 3
    });
    live.signal("TERM");
    let ran = live.end_by_itself();
    assert_eq!(ran.code, 143, "{ran}");
    let after = desk.files("out");
    assert!(
        before
            .iter()
            .all(|(name, body)| after.get(name) == Some(body)),
        "{ran}"
    );
}

/// Whoever runs a destination reads stdout alone.
#[test]
fn what_is_called_wrongly() {
    let desk = desk(&json!({}), &[appended("a")]);
    let check = |line: &str, code: i32, expect: &str| {
        let ran = desk.run(line);
        assert_eq!(ran.code, code, "{ran}");
        let (failure_type, message) = error(&ran);
        assert_eq!(failure_type, "config_error", "{ran}");
        assert!(message.starts_with(expect), "{expect}\n{message}");
        assert!(ran.stderr.contains(expect), "{ran}");
        message
    };
    let missing = "the following required arguments were not provided:";
    let message = check("spile airbyte write --config config.json", 2, missing);
    assert!(message.ends_with(": --catalog <FILE>"), "{message}");
    check("spile --log debug airbyte check", 2, missing);
    check("spile airbyte rite", 2, "unrecognized subcommand 'rite'");
    check(&format!("SPILE_LOG=a=b=c {WRITE}"), 3, "--log: ");
    let line = "SPILE_LOG=a=b=c spile airbyte check --config config.json";
    check(line, 3, "--log: ");
    for line in ["spile airbyte --help", "spile load --to out airbyte --none"] {
        assert!(!desk.run(line).stdout.contains("TRACE"), "{line}");
    }
}

/// A destination has no flags but for its files.
#[test]
fn settings_go_by_their_names() {
    let desk = desk(&json!({"on_bad_record": "quarantine"}), &[appended("a")]);
    let ran = write(&desk, "");
    assert_eq!(ran.code, 3, "{ran}");
    let (_, message) = error(&ran);
    let expect = "max_bad_records: how many bad records may be set aside isn't said";
    assert!(message.starts_with(expect), "{message}");
    assert!(ran.stderr.contains(expect), "{ran}");
    let status = desk.run("spile airbyte check --config config.json");
    assert!(status.stdout.contains(expect), "{status}");
}
