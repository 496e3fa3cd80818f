//! What the bytes of an object hold: its records and their cursors.

use std::io::Cursor;

use bytes::Bytes;
use spile_core::ledger::ColumnRecord;
use spile_core::{
    CursorField, CursorSource, CursorTimes, Source, SourceError, StreamName, StreamPlan, Zone,
};
use spile_encoders::Format;
use spile_sources::{CsvInputConfig, InputConfig, InputErrors, InputFormat, open_with};

use crate::config::{ConfigFaults, CsvSettings};
use crate::job::one_byte;

/// How the objects of a stream are read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// The format, where a key doesn't tell it.
    format: Option<Format>,
    cursor: CursorSource,
    zone: Zone,
    csv: CsvInputConfig,
    /// Whether lines are counted and not looked into.
    is_of_lines: bool,
}

/// What an object holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) rows: u64,
    pub(super) cursors: CursorTimes,
}

/// Why an object can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{}", told(.0))]
    Input(#[from] InputErrors),
}

fn told(errors: &InputErrors) -> String {
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    errors.join("; ")
}

impl Reading {
    pub(super) fn new(
        plan: &StreamPlan,
        zone: Zone,
        csv: &CsvSettings,
        faults: &mut ConfigFaults,
    ) -> Self {
        Self {
            format: Format::parse(plan.encoding.extension()).ok(),
            cursor: plan.cursor.clone(),
            zone,
            csv: csv_input(csv, faults),
            is_of_lines: false,
        }
    }

    /// The reading of a quarantine, whose records are bad: a line is a record.
    pub(super) fn lines(zone: Zone) -> Self {
        Self {
            format: None,
            cursor: CursorSource::None,
            zone,
            csv: CsvInputConfig::default(),
            is_of_lines: true,
        }
    }

    /// Why cursors can't be compared, if they can't be.
    pub(super) fn without_cursors(&self) -> Option<&'static str> {
        match self.cursor {
            CursorSource::Field(_) => None,
            CursorSource::Run(_) => Some("the run has one cursor, which isn't in its records"),
            CursorSource::None => Some("no cursor field is set (--cursor-field)"),
        }
    }

    /// Reads an object of a key whose columns are known. This blocks.
    pub(super) fn read(
        &self,
        key: &str,
        columns: &[ColumnRecord],
        body: Bytes,
    ) -> Result<Content, Unreadable> {
        if self.is_of_lines {
            let rows = body.iter().filter(|byte| **byte == b'\n').count() as u64;
            let cursors = CursorTimes::default();
            return Ok(Content { rows, cursors });
        }
        let format = Format::from_key(key).or(self.format);
        let config = InputConfig {
            paths: vec!["-".to_owned()],
            format: format.map(input_format),
            stream: Some(StreamName::new("object")),
            csv: self.csv.clone(),
            // An object's records were read before, whatever the limit was.
            record_bytes_max: usize::MAX,
            ..InputConfig::default()
        };
        let source = open_with(&config, Cursor::new(body))?.into_source();
        let field = self.field(format, columns);
        let mut content = Content::default();
        for batch in source.batches() {
            let batch = batch?;
            content.rows += batch.records.len() as u64;
            if let Some(field) = &field {
                content.cursors.add(&batch.records, field, self.zone);
            }
        }
        Ok(content)
    }

    /// The cursor field, as the object calls it: columns of csv without a header have numbers.
    fn field(&self, format: Option<Format>, columns: &[ColumnRecord]) -> Option<CursorField> {
        let CursorSource::Field(field) = &self.cursor else {
            return None;
        };
        if matches!(format, Some(Format::Csv(_))) && !self.csv.header {
            let at = columns
                .iter()
                .position(|column| column.name == field.name());
            let name = at.map(|at| format!("column_{}", at + 1));
            return name.map(|name| CursorField::new(&name, field.format()));
        }
        Some(field.clone())
    }
}

fn input_format(format: Format) -> InputFormat {
    match format {
        Format::Csv(_) => InputFormat::Csv,
        Format::Jsonl(_) => InputFormat::Jsonl,
        Format::Parquet => InputFormat::Parquet,
    }
}

/// How csv is read that was written so.
fn csv_input(csv: &CsvSettings, faults: &mut ConfigFaults) -> CsvInputConfig {
    let mut byte = |name: &str, text: &Option<String>| {
        let place = format!("destination.csv.{name}");
        let text = text.as_deref()?;
        faults.check(one_byte(&place, text)).flatten()
    };
    let delimiter = byte("delimiter", &csv.delimiter);
    let quote = byte("quote", &csv.quote);
    let usual = CsvInputConfig::default();
    CsvInputConfig {
        delimiter: Some(delimiter.unwrap_or(b',')),
        quote: quote.or(usual.quote),
        null: csv.null.clone().map_or(usual.null, |null| vec![null]),
        header: csv.header.unwrap_or(true),
    }
}
