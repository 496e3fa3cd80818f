//! What a source of Airbyte says, message by message.

mod ending;
mod envelopes;
mod messages;
mod records;
mod states;

use std::io::Cursor;
use std::sync::Arc;

use spile_core::{Batch, Message, Records, Selection, Source};

use super::{AirbyteConfig, Catalog, Envelope};
use crate::testing::stdin;
use crate::{InputConfig, InputFormat, open_with};

/// Streams `s`, `n.s` and `t`.
const CATALOG: &str = r#"{"streams":[
    {"stream":{"name":"s"},"destination_sync_mode":"append"},
    {"stream":{"name":"s","namespace":"n"},"destination_sync_mode":"append"},
    {"stream":{"name":"t"},"destination_sync_mode":"append"}]}"#;

fn config(catalog: Option<&str>, envelope: Envelope) -> InputConfig {
    let catalog = catalog
        .map(|text| Arc::new(Catalog::parse(text.as_bytes(), &Selection::default()).unwrap()));
    InputConfig {
        stream: None,
        airbyte: AirbyteConfig { catalog, envelope },
        ..stdin(InputFormat::Airbyte)
    }
}

/// What comes of an input, a line each, and the fault at its end. Records between other messages stand
/// in the order of the input.
fn told(config: &InputConfig, input: &[u8]) -> (Vec<String>, Option<String>) {
    let inputs = match open_with(config, Cursor::new(input.to_vec())) {
        Ok(inputs) => inputs,
        Err(errors) => return (Vec::new(), Some(errors.to_string())),
    };
    let mut source = inputs.into_source();
    let mut all = Vec::new();
    let mut records = Vec::new();
    let take = |records: &mut Vec<(u64, String)>, all: &mut Vec<String>| {
        records.sort();
        all.extend(records.drain(..).map(|(_, text)| text));
    };
    loop {
        let messages = match source.next_messages() {
            Ok(Some(messages)) => messages,
            Ok(None) => {
                take(&mut records, &mut all);
                return (all, None);
            }
            Err(error) => {
                take(&mut records, &mut all);
                return (all, Some(error.to_string()));
            }
        };
        assert!(!messages.is_empty());
        for message in messages {
            match message {
                Message::Batch(batch) => records.extend(records_of(&batch)),
                other => {
                    take(&mut records, &mut all);
                    all.push(shown(&other));
                }
            }
        }
    }
}

/// Each record with its line, stream and generation.
fn records_of(batch: &Batch) -> Vec<(u64, String)> {
    let Records::Json(json) = &batch.records else {
        panic!("messages are JSON");
    };
    assert!(batch.rejected.is_empty() && !json.is_empty());
    let records = json.iter().enumerate().map(|(index, text)| {
        let line = batch.position_of(index).number;
        let generation = batch.generation.map(|it| format!("@{it}"));
        let generation = generation.unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        (line, format!("{line} {}{generation} {text}", batch.stream))
    });
    records.collect()
}

fn shown(message: &Message) -> String {
    match message {
        Message::Batch(_) => "records".to_owned(),
        Message::Stream(stream) => {
            let columns = stream.columns.iter().flatten();
            let columns = columns.map(|column| format!(" {} {}", column.name, column.column_type));
            format!("stream {}{}", stream.name, columns.collect::<String>())
        }
        Message::Checkpoint(state) => {
            assert!(!state.supersedes, "each is given back");
            let scope = state.stream.as_ref().map(ToString::to_string);
            format!(
                "state of {}: {}",
                scope.as_deref().unwrap_or("all"),
                state.text
            )
        }
        Message::Activate {
            stream,
            generations,
        } => format!("of {stream} counts {generations:?}"),
    }
}

/// What comes of messages without a catalog.
fn plain(input: &str) -> (Vec<String>, Option<String>) {
    told(&config(None, Envelope::None), input.as_bytes())
}

/// What comes of messages of the catalog's streams, without what says so at the start.
fn cataloged(input: &str) -> (Vec<String>, Option<String>) {
    let (mut all, fault) = told(&config(Some(CATALOG), Envelope::None), input.as_bytes());
    assert_eq!(all[..3], ["stream s", "stream n.s", "stream t"]);
    all.drain(..3);
    (all, fault)
}

fn record(descriptor: &str, data: &str) -> String {
    format!(r#"{{"type":"RECORD","record":{{{descriptor},"data":{data},"emitted_at":1}}}}"#) + "\n"
}

fn status(descriptor: &str, status: &str) -> String {
    format!(
        r#"{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","emitted_at":1.5,"stream_status":{{"stream_descriptor":{{{descriptor}}},"status":"{status}"}}}}}}"#
    ) + "\n"
}

/// What makes all streams of the catalog complete.
fn complete() -> String {
    [
        r#""name":"s""#,
        r#""name":"s","namespace":"n""#,
        r#""name":"t""#,
    ]
    .map(|descriptor| status(descriptor, "COMPLETE"))
    .concat()
}

fn message_fault(line: u64, cause: &str) -> Option<String> {
    Some(format!("read the message at line {line} of stdin: {cause}"))
}
