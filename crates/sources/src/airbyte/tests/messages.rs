//! Lines that are no messages, or not whole ones.

use super::*;

/// A line between two records, and what is said of it.
fn check(line: &[u8], expect: &str) {
    let before = record(r#""stream":"s""#, r#"{"id":1}"#);
    let after = record(r#""stream":"s""#, r#"{"id":2}"#);
    let input = [before.as_bytes(), line, b"\n", after.as_bytes()].concat();
    for catalog in [None, Some(CATALOG)] {
        let (all, fault) = told(&config(catalog, Envelope::None), &input);
        let records: Vec<_> = all.iter().filter(|it| !it.starts_with("stream ")).collect();
        assert_eq!(records, [r#"1 s {"id":1}"#]);
        let shown = String::from_utf8_lossy(line);
        assert_eq!(fault, message_fault(2, expect), "{shown}");
    }
}

#[test]
fn what_is_no_object() {
    check(b"x", "expected an object, found `x` at byte 0");
    check(b"[]", "expected an object, found an array at byte 0");
    check(b"null", "expected an object, found null at byte 0");
    check(
        br#"{"type":"RECORD""#,
        "expected `,` or `}`, found the end at byte 16",
    );
    check(
        br#"{"type":"LOG"} {}"#,
        "expected the end, found `{` at byte 15",
    );
    let text = b"{\"type\":\"LOG\",\"log\":\"\xff\"}";
    check(text, "invalid UTF-8 at byte 21");
    check(
        br#"{"type":"LOG","type":"LOG"}"#,
        "`type` stands there twice",
    );
    check(
        br#"{"type":"LOG","record":{},"record":{}}"#,
        "`record` stands there twice",
    );
}

#[test]
fn types_that_there_are_not() {
    let known = "known are RECORD, STATE, TRACE, LOG, SPEC, CATALOG, CONTROL, CONNECTION_STATUS, \
                 DESTINATION_CATALOG";
    check(br#"{}"#, "a message needs `type`, a text");
    check(
        br#"{"type":null}"#,
        "`type` of a message has to be a text, found null",
    );
    check(
        br#"{"type":1}"#,
        "`type` of a message has to be a text, found 1",
    );
    check(
        br#"{"type":"record"}"#,
        &format!("`record` is no type of message: {known}"),
    );
    check(
        br#"{"type":"SCHEMA"}"#,
        &format!("`SCHEMA` is no type of message: {known}"),
    );
}

/// Each required field: without it, as null, and as something else.
#[test]
fn fields_that_are_missing_or_wrong() {
    let fields = |message: &str, what: &str, field: &str, kind: &str| {
        let with = |value: &str| message.replace("FIELD", value);
        let name = field.trim_matches('"');
        let comma = format!("{field}:VALUE,");
        let message = |value: Option<&str>| match value {
            Some(value) => with(&comma.replace("VALUE", value)),
            None => with(""),
        };
        check(
            message(None).as_bytes(),
            &format!("{what} needs `{name}`, {kind}"),
        );
        for wrong in ["null", "1.50", "[1]"] {
            let expect = format!("`{name}` of {what} has to be {kind}, found {wrong}");
            check(message(Some(wrong)).as_bytes(), &expect);
        }
    };
    fields(
        r#"{FIELD"type":"RECORD"}"#,
        "a RECORD",
        r#""record""#,
        "an object",
    );
    fields(
        r#"{FIELD"type":"STATE"}"#,
        "a STATE",
        r#""state""#,
        "an object",
    );
    fields(
        r#"{FIELD"type":"TRACE"}"#,
        "a TRACE",
        r#""trace""#,
        "an object",
    );
    let record = |rest: &str| format!(r#"{{"type":"RECORD","record":{{FIELD{rest}}}}}"#);
    fields(&record(r#""data":{}"#), "a RECORD", r#""stream""#, "a text");
    fields(
        &record(r#""stream":"s""#),
        "a RECORD",
        r#""data""#,
        "an object",
    );
    let state = |rest: &str| format!(r#"{{"type":"STATE","state":{{FIELD"type":"{rest}"}}}}"#);
    fields(&state("STREAM"), "a STATE", r#""stream""#, "an object");
    fields(&state("GLOBAL"), "a STATE", r#""global""#, "an object");
    let state = |rest: &str| {
        format!(r#"{{"type":"STATE","state":{{"type":"STREAM","stream":{{{rest}}}}}}}"#)
    };
    fields(
        &state(r#"FIELD"x":1"#),
        "a STATE",
        r#""stream_descriptor""#,
        "an object",
    );
    let descriptor = r#""stream_descriptor":{FIELD"x":1}"#;
    fields(&state(descriptor), "a STATE", r#""name""#, "a text");
    let trace = r#"{"type":"TRACE","trace":{FIELD"x":1}}"#;
    fields(trace, "a TRACE", r#""type""#, "a text");
    let trace = r#"{"type":"TRACE","trace":{FIELD"type":"STREAM_STATUS"}}"#;
    fields(trace, "a TRACE", r#""stream_status""#, "an object");
    let status = |rest: &str| {
        format!(
            r#"{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","stream_status":{{{rest}}}}}}}"#
        )
    };
    let what = "a STREAM_STATUS";
    fields(
        &status(r#"FIELD"status":"COMPLETE""#),
        what,
        r#""stream_descriptor""#,
        "an object",
    );
    let named = status(r#"FIELD"stream_descriptor":{"name":"s"}"#);
    fields(&named, what, r#""status""#, "a text");
}

#[test]
fn values_that_are_wrong() {
    let state = |rest: &str| format!(r#"{{"type":"STATE","state":{{{rest}}}}}"#);
    check(
        state(r#""type":"TABLE""#).as_bytes(),
        "`TABLE` is no type of STATE: STREAM, GLOBAL and LEGACY are known",
    );
    check(
        state(r#""type":1"#).as_bytes(),
        "`type` of a STATE has to be a text, found 1",
    );
    let namespace =
        state(r#""type":"STREAM","stream":{"stream_descriptor":{"name":"s","namespace":1}}"#);
    check(
        namespace.as_bytes(),
        "`namespace` of a STATE has to be a text, found 1",
    );
    let namespace = record(r#""stream":"s","namespace":{}"#, "{}");
    let wrong = "`namespace` of a RECORD has to be a text, found {}";
    check(namespace.trim_end().as_bytes(), wrong);
    let empty = record(r#""stream":"""#, "{}");
    check(empty.trim_end().as_bytes(), "`stream` of a RECORD is empty");
    let empty = state(r#""type":"STREAM","stream":{"stream_descriptor":{"name":""}}"#);
    check(empty.as_bytes(), "`name` of a STATE is empty");
}

#[test]
fn what_a_destination_has_no_use_for() {
    let lines = [
        "",
        " \t",
        r#"{"type":"LOG"}"#,
        r#"{"type":"SPEC","spec":1}"#,
        r#"{"type":"CATALOG"}"#,
        r#"{"type":"CONTROL","control":{}}"#,
        r#"{"type":"CONNECTION_STATUS"}"#,
        r#"{"type":"DESTINATION_CATALOG"}"#,
        r#"{"type":"TRACE","trace":{"type":"ESTIMATE"}}"#,
        r#"{"type":"TRACE","trace":{"type":"ANALYTICS","analytics":{}}}"#,
        r#"{"type":"TRACE","trace":{"type":"ERROR"}}"#,
        r#"{"type":"TRACE","trace":{"type":"ERROR","error":1}}"#,
    ];
    assert_eq!(plain(&lines.join("\n")), (vec![], None));
    assert_eq!(plain(&(lines.join("\r\n") + "\r\n")), (vec![], None));
}

#[test]
fn a_line_that_is_too_long() {
    let config = InputConfig {
        record_bytes_max: 1_000,
        batch_bytes: 100,
        ..config(None, Envelope::None)
    };
    let long = record(
        r#""stream":"s""#,
        &format!(r#"{{"x":"{}"}}"#, "x".repeat(5_000)),
    );
    let cause = "it is longer than 1000 bytes: limits.record_bytes sets how long one may be";
    let before = record(r#""stream":"s""#, "{}");
    for end in ["", "\n", "\n{"] {
        let input = before.clone() + long.trim_end() + end;
        let (all, fault) = told(&config, input.as_bytes());
        assert_eq!(all, ["stream s", "1 s {}"]);
        assert_eq!(fault, message_fault(2, cause), "{end:?}");
    }
}

#[test]
fn a_last_line_without_its_end() {
    let whole = record(r#""stream":"s""#, "{}");
    let (all, fault) = plain(&(whole.clone() + whole.trim_end()));
    assert_eq!((all.len(), fault), (3, None));
    for cut in 1..whole.len() - 1 {
        let (all, fault) = plain(&(whole.clone() + &whole[..cut]));
        assert_eq!(all, ["stream s", "1 s {}"], "{cut}");
        let fault = fault.unwrap();
        assert!(
            fault.starts_with("read the message at line 2 of stdin: "),
            "{fault}"
        );
    }
}
