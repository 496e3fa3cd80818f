//! What the targets share.

use std::io::Cursor;

use spile_core::{Records, SchemaRef, Source, StreamName, WriteError};
use spile_encoders::{EncodingConfig, resolve};
use spile_sources::{InputConfig, InputFormat, open_with};

/// Reads an input and encodes it in every form that has a decoder of its own.
pub fn load(input: &[u8], format: InputFormat) {
    let config = InputConfig {
        paths: vec!["-".to_owned()],
        stream: Some(StreamName::new("s")),
        format: Some(format),
        ..InputConfig::default()
    };
    let Ok(inputs) = open_with(&config, Cursor::new(input.to_vec())) else {
        return;
    };
    for batch in inputs.into_source().batches().map_while(Result::ok) {
        for format in ["parquet", "csv", "jsonl"] {
            encode(&batch.records, format);
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
