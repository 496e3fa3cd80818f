//! Reading.

use std::path::Path;

use bytes::Bytes;
use spile_core::{JsonRecords, Message, Records, Source, Span};
use spile_sources::{InputConfig, InputFormat, open};

use crate::Failure;

/// A file as a source.
pub(crate) fn source(path: &Path, format: &str) -> Result<impl Source + use<>, Failure> {
    let config = InputConfig {
        paths: vec![path.display().to_string()],
        format: Some(InputFormat::parse(format)?),
        ..InputConfig::default()
    };
    Ok(open(&config)?.into_source())
}

/// Reads all messages and drops them.
pub(crate) fn parse(path: &Path, format: &str) -> Result<u64, Failure> {
    let mut source = source(path, format)?;
    let mut rows = 0;
    while let Some(messages) = source.next_messages()? {
        rows += messages.iter().map(rows_of).sum::<u64>();
    }
    Ok(rows)
}

/// The batches of a file.
pub(crate) fn records(path: &Path, format: &str) -> Result<Vec<Records>, Failure> {
    let batches = source(path, format)?.batches();
    Ok(batches
        .map(|batch| batch.map(|it| it.records))
        .collect::<Result<_, _>>()?)
}

/// The lines of a file, cut and not checked: that costs next to nothing beside what is done with them.
pub(crate) fn lines(path: &Path) -> Result<Records, Failure> {
    let text = std::fs::read(path)?;
    let (mut spans, mut start) = (Vec::new(), 0);
    for end in memchr::memchr_iter(b'\n', &text) {
        let end = u32::try_from(end)?;
        spans.push(Span { start, end });
        start = end + 1;
    }
    Ok(Records::Json(JsonRecords::new(Bytes::from(text), spans)?))
}

fn rows_of(message: &Message) -> u64 {
    match message {
        Message::Batch(batch) => batch.records.len() as u64,
        _ => 0,
    }
}
