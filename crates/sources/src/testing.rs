//! Reads everything of an input, for tests.

use std::error::Error;
use std::io::{Cursor, Write};

use arrow::array::{Array, AsArray, RecordBatch};
use spile_core::{Batch, Batches, Records, Source, SourceError, StreamName};

use crate::{Files, InputConfig, InputFormat, open_with};

/// Stdin in a format.
pub(crate) fn stdin(format: InputFormat) -> InputConfig {
    InputConfig {
        paths: vec!["-".to_owned()],
        format: Some(format),
        stream: Some(StreamName::new("s")),
        ..InputConfig::default()
    }
}

/// A source whose bad records are errors, as for a run that goes no further: here, it goes on after
/// them.
pub(crate) struct Strict {
    source: Batches<Files>,
    rest: Option<Batch>,
}

impl Strict {
    pub(crate) fn new(source: Files) -> Self {
        let source = source.batches();
        Self { source, rest: None }
    }
}

impl Iterator for Strict {
    type Item = Result<Batch, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.rest.take() {
            Some(rest) => rest,
            None => match self.source.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(error)),
            },
        };
        let (good, bad) = batch.clone().up_to_rejected();
        match bad {
            None => Some(Ok(good)),
            Some(bad) if good.records.is_empty() => {
                self.rest = batch.after(1);
                Some(Err(bad))
            }
            Some(_) => {
                self.rest = batch.after(good.records.len());
                Some(Ok(good))
            }
        }
    }
}

/// Reads stdin up to its end or the first fault.
pub(crate) fn read(config: &InputConfig, input: &[u8]) -> (Vec<Batch>, Option<String>) {
    match open_with(config, Cursor::new(input.to_vec())) {
        Ok(inputs) => drain(&mut Strict::new(inputs.into_source())),
        Err(errors) => (Vec::new(), Some(errors.to_string())),
    }
}

/// Every batch of stdin, with its bad records, where nothing else is wrong with it.
pub(crate) fn batches(config: &InputConfig, input: &[u8]) -> Vec<Batch> {
    let inputs = open_with(config, Cursor::new(input.to_vec())).unwrap();
    inputs.into_source().batches().map(Result::unwrap).collect()
}

/// The bad records of batches: after how many records they stand, where, why, and their texts.
pub(crate) fn rejected(batches: &[Batch]) -> Vec<(usize, u64, String, String)> {
    let mut before = 0;
    let mut all = Vec::new();
    for batch in batches {
        all.extend(batch.rejected.iter().map(|bad| {
            let text = String::from_utf8_lossy(&bad.text).into_owned();
            (
                before + bad.before,
                bad.position.number,
                bad.cause.clone(),
                text,
            )
        }));
        before += batch.records.len();
    }
    all
}

/// Reads up to the end or the next fault.
pub(crate) fn drain(
    source: &mut impl Iterator<Item = Result<Batch, SourceError>>,
) -> (Vec<Batch>, Option<String>) {
    let mut batches = Vec::new();
    loop {
        match source.next() {
            Some(Ok(batch)) => batches.push(batch),
            None => return (batches, None),
            Some(Err(error)) => {
                let cause = error
                    .source()
                    .map(|cause| format!(": {cause}"))
                    .unwrap_or_default();
                return (batches, Some(format!("{error}{cause}")));
            }
        }
    }
}

/// The text of each JSON record.
pub(crate) fn json_texts(batches: &[Batch]) -> Vec<String> {
    let texts = batches.iter().flat_map(|batch| match &batch.records {
        Records::Json(json) => json
            .iter()
            .map(|text| String::from_utf8_lossy(text).into())
            .collect(),
        _ => vec!["not JSON".to_owned()],
    });
    texts.collect()
}

/// The cells of each row.
pub(crate) fn rows(batches: &[Batch]) -> Vec<Vec<Option<String>>> {
    batches
        .iter()
        .flat_map(|batch| table_rows(table(batch)))
        .collect()
}

/// The columns of a batch that isn't JSON.
pub(crate) fn table(batch: &Batch) -> &RecordBatch {
    match &batch.records {
        Records::Text(columns) | Records::Columns(columns) => columns,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn gzip(input: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(input).unwrap();
    encoder.finish().unwrap()
}

fn table_rows(table: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let cell = |column: usize, row: usize| {
        let column = table.column(column).as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    (0..table.num_rows())
        .map(|row| {
            (0..table.num_columns())
                .map(|column| cell(column, row))
                .collect()
        })
        .collect()
}
