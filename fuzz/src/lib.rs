//! What the targets share.

use std::io::Cursor;

use spile_core::{Message, Records, SchemaRef, Source, StreamName, WriteError};
use spile_encoders::{EncodingConfig, resolve};
use spile_sources::{InputConfig, InputFormat, open_with};

/// Reads an input and encodes it in every form that has a decoder of its own.
pub fn load(input: &[u8], format: InputFormat) {
    let config = InputConfig {
        stream: Some(StreamName::new("s")),
        format: Some(format),
        ..InputConfig::default()
    };
    load_messages(input, config, |_| {});
}

/// The same of an input that has more to say than records.
pub fn load_messages(input: &[u8], mut config: InputConfig, mut look_at: impl FnMut(&Message)) {
    config.paths = vec!["-".to_owned()];
    let Ok(inputs) = open_with(&config, Cursor::new(input.to_vec())) else {
        return;
    };
    let mut source = inputs.into_source();
    while let Ok(Some(messages)) = source.next_messages() {
        for message in &messages {
            look_at(message);
            if let Message::Batch(batch) = message {
                for format in ["parquet", "csv", "jsonl"] {
                    encode(&batch.records, format);
                }
            }
        }
    }
}

/// A schema that was made for some records has room for all of them.
fn encode(records: &Records, format: &str) {
    let config = EncodingConfig {
        format: format.to_owned(),
        ..EncodingConfig::default()
    };
    let encoding = resolve(&config).expect("a known format");
    let Ok(schema): Result<SchemaRef, _> = encoding.schema(None, records) else {
        return;
    };
    let Ok(mut encoder) = encoding.encoder(&schema) else {
        return;
    };
    match encoder.write(records) {
        Ok(()) => drop(encoder.finish().expect("it ends")),
        Err(WriteError::Misfit(misfit)) => panic!("{format}: no room for {misfit}"),
        Err(_) => {}
    }
}
