//! `spile airbyte`: as Airbyte's platform runs it.

mod ending;
mod envelopes;
mod faker;
mod generations;
mod load;
mod spec_and_check;
mod states;

use serde_json::{Value, json};

use crate::kit::{Desk, Ran, Store};

/// How the platform runs it.
const WRITE: &str = "spile airbyte write --config config.json --catalog catalog.json";

/// A desk with a configuration that loads lines into `out`, and a catalog of some streams.
fn desk(more: &Value, streams: &[Value]) -> Desk {
    let desk = Desk::new();
    configure(
        &desk,
        &json!({"destination": {"url": "out", "key": KEY}}),
        more,
    );
    catalog(&desk, streams);
    desk
}

/// Each run and each generation has objects of its own, and each part.
const KEY: &str = "{stream_name}-{connection_run_id}-{part}.jsonl";

/// A desk that loads into a store.
fn desk_of(store: &Store, more: &Value, streams: &[Value]) -> Desk {
    let Store {
        endpoint,
        bucket,
        prefix,
    } = store;
    let destination = json!({
        "url": format!("s3://{bucket}/{prefix}"),
        "key": KEY,
        "endpoint": endpoint,
        "allow_http": true,
    });
    let desk = store.admit(Desk::new());
    configure(&desk, &json!({"destination": destination}), more);
    catalog(&desk, streams);
    desk
}

fn configure(desk: &Desk, config: &Value, more: &Value) {
    let mut config = config.clone();
    merge(&mut config, more);
    desk.write("config.json", config.to_string());
}

fn merge(into: &mut Value, more: &Value) {
    let Value::Object(more) = more else {
        *into = more.clone();
        return;
    };
    for (name, value) in more {
        merge(&mut into[name], value);
    }
}

fn catalog(desk: &Desk, streams: &[Value]) {
    let catalog = json!({"streams": streams});
    desk.write("catalog.json", catalog.to_string());
}

/// A stream of a catalog, which is added to.
fn appended(name: &str) -> Value {
    json!({
        "stream": {"name": name, "json_schema": {"properties": {"id": {"type": "integer"}}}},
        "sync_mode": "incremental",
        "destination_sync_mode": "append",
        "generation_id": 0,
        "minimum_generation_id": 0,
        "sync_id": 1,
    })
}

/// A stream of a catalog, of which only a generation is to stay.
fn overwritten(name: &str, generation: i64) -> Value {
    let mut stream = appended(name);
    stream["sync_mode"] = "full_refresh".into();
    stream["destination_sync_mode"] = "overwrite".into();
    stream["generation_id"] = generation.into();
    stream["minimum_generation_id"] = generation.into();
    stream
}

fn record(stream: &str, data: &str) -> String {
    format!(
        r#"{{"type":"RECORD","record":{{"stream":"{stream}","data":{data},"emitted_at":1700000000000}}}}"#
    ) + "\n"
}

fn state(stream: &str, cursor: u64) -> String {
    format!(
        r#"{{"type":"STATE","state":{{"type":"STREAM","stream":{{"stream_descriptor":{{"name":"{stream}"}},"stream_state":{{"cursor":{cursor}}}}}}}}}"#
    ) + "\n"
}

/// What is said back of such a state.
fn stated(stream: &str, cursor: u64, records: u64, rejected: u64) -> String {
    let stats = format!(
        r#","destinationStats":{{"recordCount":{records}.0,"rejectedRecordCount":{rejected}.0}}}}}}"#
    );
    state(stream, cursor)
        .trim_end()
        .trim_end_matches("}}")
        .to_owned()
        + "}}"
        + &stats
}

fn status(stream: &str, status: &str) -> String {
    format!(
        r#"{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","emitted_at":1700000000000.5,"stream_status":{{"stream_descriptor":{{"name":"{stream}"}},"status":"{status}"}}}}}}"#
    ) + "\n"
}

/// Has it read some messages.
fn write(desk: &Desk, messages: &str) -> Ran {
    desk.write("messages.jsonl", messages);
    desk.run(&format!("{WRITE} < messages.jsonl"))
}

/// Everything that was said: each line is a message, and has what its type says.
fn said(ran: &Ran) -> Vec<Value> {
    let message = |line: &&str| {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let field = match message["type"].as_str() {
            Some("LOG") => "log",
            Some("STATE") => "state",
            Some("TRACE") => "trace",
            Some("SPEC") => "spec",
            Some("CONNECTION_STATUS") => "connectionStatus",
            _ => panic!("no message of a destination: {line}"),
        };
        assert!(message[field].is_object(), "{line}");
        message
    };
    ran.lines().iter().map(message).collect()
}

/// The states that were said, in their own words.
fn states(ran: &Ran) -> Vec<&str> {
    let messages = said(ran);
    let lines = ran.lines().into_iter().zip(messages);
    let states = lines.filter(|(_, message)| message["type"] == "STATE");
    states.map(|(line, _)| line).collect()
}

/// The one error that was said: who can do something about it, and what it says.
fn error(ran: &Ran) -> (String, String) {
    let messages = said(ran);
    let mut errors = messages.iter().filter(|it| it["type"] == "TRACE");
    let trace = &errors.next().unwrap_or_else(|| panic!("no error:\n{ran}"))["trace"];
    assert_eq!(errors.next(), None, "{ran}");
    assert_eq!(trace["type"], "ERROR", "{ran}");
    assert!(trace["emitted_at"].is_number(), "{ran}");
    let text = |name: &str| {
        let text = trace["error"][name].as_str();
        text.unwrap_or_else(|| panic!("no {name}:\n{ran}"))
            .to_owned()
    };
    assert_ne!(text("internal_message"), "");
    (text("failure_type"), text("message"))
}
