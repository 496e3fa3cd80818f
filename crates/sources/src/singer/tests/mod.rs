//! What comes of a tap's messages, told in short: a line for each thing that the reader says.

mod activated;
mod batch_metadata;
mod files;
mod metadata;
mod objects;
mod order;
mod refused;
mod selection;
mod sizes;

use std::io::Cursor;

use spile_core::{
    Batch, Generations, Message, Records, SchemaColumn, Source, SourceError, StreamDeclaration,
};

use crate::{InputConfig, InputFormat, SingerConfig, open_with};

/// The schema of most streams here.
const SCHEMA_A: &str =
    r#"{"type":"SCHEMA","stream":"a","schema":{"properties":{}},"key_properties":[]}"#;
const SCHEMA_B: &str =
    r#"{"type":"SCHEMA","stream":"b","schema":{"properties":{}},"key_properties":[]}"#;

fn config() -> InputConfig {
    InputConfig {
        paths: vec!["-".to_owned()],
        format: Some(InputFormat::Singer),
        ..InputConfig::default()
    }
}

/// One whose end is known to be the tap's.
fn known_end() -> InputConfig {
    InputConfig {
        singer: SingerConfig {
            end_is_known: true,
            ..SingerConfig::default()
        },
        ..config()
    }
}

/// A RECORD.
fn record(stream: &str, record: &str) -> String {
    format!(r#"{{"type":"RECORD","stream":"{stream}","record":{record}}}"#)
}

/// One of a version.
fn versioned(stream: &str, record: &str, version: i64) -> String {
    format!(r#"{{"type":"RECORD","stream":"{stream}","record":{record},"version":{version}}}"#)
}

fn activate(stream: &str, version: i64) -> String {
    format!(r#"{{"type":"ACTIVATE_VERSION","stream":"{stream}","version":{version}}}"#)
}

fn state(value: &str) -> String {
    format!(r#"{{"type":"STATE","value":{value}}}"#)
}

fn lines<T: AsRef<str>>(messages: &[T]) -> Vec<u8> {
    let lines = messages.iter().map(|it| it.as_ref().to_owned() + "\n");
    lines.collect::<String>().into_bytes()
}

/// All that an input says, up to its end or the first fault.
fn messages(config: &InputConfig, input: &[u8]) -> (Vec<Message>, Option<SourceError>) {
    let inputs = open_with(config, Cursor::new(input.to_vec())).expect("it opens");
    let mut source = inputs.into_source();
    let mut all = Vec::new();
    loop {
        match source.next_messages() {
            Ok(Some(messages)) => {
                assert!(!messages.is_empty(), "it says nothing");
                all.extend(messages);
            }
            Ok(None) => return (all, None),
            Err(error) => {
                assert!(
                    matches!(source.next_messages(), Ok(None)),
                    "it ends with that"
                );
                return (all, Some(error));
            }
        }
    }
}

/// The same, told in short.
fn told(config: &InputConfig, input: &[u8]) -> Vec<String> {
    let (messages, error) = messages(config, input);
    let error = error.map(|error| format!("error {error}"));
    messages.iter().map(short).chain(error).collect()
}

fn check<T: AsRef<str>>(input: &[T], expect: &[&str]) {
    assert_eq!(told(&config(), &lines(input)), expect);
}

fn short(message: &Message) -> String {
    match message {
        Message::Stream(declaration) => declared(declaration),
        Message::Batch(batch) => of_batch(batch),
        Message::Checkpoint(checkpoint) => {
            assert!(checkpoint.supersedes && checkpoint.stream.is_none());
            format!("state {}", checkpoint.text)
        }
        Message::Activate {
            stream,
            generations: Generations::From(version),
        } => format!("activate {version} of {stream}"),
        Message::Activate { .. } => format!("{message:?}"),
    }
}

fn declared(declaration: &StreamDeclaration) -> String {
    let StreamDeclaration {
        name,
        columns,
        cursor,
        write,
        sync_id: _,
    } = declaration;
    assert_eq!(*write, None);
    let column = |it: &SchemaColumn| format!(" {}:{}", it.name, it.column_type);
    let columns: String = columns.iter().flatten().map(column).collect();
    let cursor: String = cursor.iter().map(|it| format!(" by {it}")).collect();
    format!("stream {name}{columns}{cursor}")
}

/// Each record behind the line that it was read at.
fn of_batch(batch: &Batch) -> String {
    assert_eq!(batch.position, batch.position_of(0));
    let mut text = format!("{}", batch.stream);
    if let Some(version) = batch.generation {
        text += &format!(" v{version}");
    }
    text.push(':');
    for (line, record) in records(batch) {
        text += &format!(" {line}={record}");
    }
    text
}

/// The records of a batch, by their lines.
fn records(batch: &Batch) -> Vec<(u64, String)> {
    let Records::Json(json) = &batch.records else {
        return vec![(
            batch.position.number,
            format!("{} rows", batch.records.len()),
        )];
    };
    let texts = json.iter().map(|it| String::from_utf8_lossy(it).into());
    let lines = (0..).map(|index| batch.position_of(index).number);
    lines.zip(texts).collect()
}
