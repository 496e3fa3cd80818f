//! The fields that Singer's targets add to records.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, FieldRef, Schema};
use arrow::error::ArrowError;
use chrono::{DateTime, SecondsFormat, Utc};
use memchr::memchr_iter;
use spile_core::json::{self, find, unescape};
use spile_core::time_text::{self, TimeText};
use spile_core::{JsonRecords, Records, SchemaColumn, Span};

use crate::protocol::Stamp;

/// Their names, and the types to begin with.
const METADATA: [(&str, &str); 6] = [
    (EXTRACTED, "timestamp_utc"),
    (RECEIVED, "timestamp_utc"),
    (BATCHED, "timestamp_utc"),
    (DELETED, "timestamp_utc"),
    (SEQUENCE, "int64"),
    (VERSION, "int64"),
];
const EXTRACTED: &str = "_sdc_extracted_at";
const RECEIVED: &str = "_sdc_received_at";
const BATCHED: &str = "_sdc_batched_at";
const DELETED: &str = "_sdc_deleted_at";
const SEQUENCE: &str = "_sdc_sequence";
const VERSION: &str = "_sdc_table_version";

/// Their columns, but for those that are known.
pub(super) fn further_columns(known: &[SchemaColumn]) -> Vec<SchemaColumn> {
    let is_new = |name: &str| !known.iter().any(|column| column.name == name);
    let new = METADATA.iter().filter(|(name, _)| is_new(name));
    let column = new.filter_map(|(name, column_type)| {
        Some(SchemaColumn {
            name: (*name).to_owned(),
            column_type: column_type.parse().ok()?,
            is_exact: false,
        })
    });
    column.collect()
}

/// Their values, for records of one message.
pub(super) struct Metadata<'a> {
    /// As the message has it, where it does.
    extracted: Option<&'a [u8]>,
    version: Option<i64>,
    received: DateTime<Utc>,
}

impl<'a> Metadata<'a> {
    /// Those of records that are received now.
    pub(super) fn now(extracted: Option<&'a [u8]>, version: Option<i64>) -> Self {
        Self {
            extracted: extracted.filter(|time| *time != b"null"),
            version,
            received: Utc::now(),
        }
    }

    /// Writes a record with them.
    pub(super) fn write(&self, record: &[u8], out: &mut Vec<u8>) {
        let received = self.received.to_rfc3339_opts(SecondsFormat::Millis, true);
        let millis = self.received.timestamp_millis().to_string();
        let version = self.version.map(|version| version.to_string());
        let own = |name: &str| find(record, &json::Path::parse(name)).unwrap_or(b"null");
        let mut stamp = Stamp::beside(out, record, "_sdc_", &METADATA.map(|(name, _)| name));
        stamp.field(EXTRACTED, self.extracted.unwrap_or_else(|| own(EXTRACTED)));
        stamp.plain(RECEIVED, &received);
        stamp.plain(BATCHED, &received);
        stamp.field(DELETED, own(DELETED));
        stamp.field(SEQUENCE, millis.as_bytes());
        stamp.field(VERSION, version.as_deref().unwrap_or("null").as_bytes());
        stamp.end();
    }

    /// Records with them.
    ///
    /// # Errors
    /// More text, or more columns, than can be held.
    pub(super) fn beside(&self, records: &Records) -> Result<Records, ArrowError> {
        match records {
            Records::Json(json) => Ok(Records::Json(self.beside_json(json)?)),
            Records::Text(columns) => Ok(Records::Text(columns.clone())),
            Records::Columns(columns) => Ok(Records::Columns(self.beside_columns(columns)?)),
        }
    }

    /// As many line breaks as were between two records are there afterwards: by them it is known where
    /// records were read.
    fn beside_json(&self, records: &JsonRecords) -> Result<JsonRecords, ArrowError> {
        let (mut text, mut spans) = (Vec::new(), Vec::with_capacity(records.len()));
        let mut last = None;
        for span in records.spans() {
            let own = span.start as usize..span.end as usize;
            let between = &records.text()[last.unwrap_or(own.start)..own.start];
            text.extend(memchr_iter(b'\n', between).map(|_| b'\n'));
            last = Some(own.end);
            let start = offset(&text)?;
            self.write(&records.text()[own], &mut text);
            let end = offset(&text)?;
            spans.push(Span { start, end });
        }
        JsonRecords::new(text.into(), spans)
    }

    fn beside_columns(&self, records: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let schema = records.schema();
        let own = |name: &str| schema.index_of(name).ok();
        let own = |name: &str| own(name).map(|at| Arc::clone(records.column(at)));
        let rows = records.num_rows();
        let time = |time| times(Some(time), rows);
        let received = self.received.timestamp_millis();
        let further = [
            match (self.extracted, own(EXTRACTED)) {
                (Some(raw), _) => extracted(raw, rows),
                (None, own) => own.unwrap_or_else(|| times(None, rows)),
            },
            time(received * 1_000),
            time(received * 1_000),
            own(DELETED).unwrap_or_else(|| times(None, rows)),
            numbers(Some(received), rows),
            numbers(self.version, rows),
        ];
        let is_own = |name: &str| !METADATA.iter().any(|(further, _)| *further == name);
        let stay = schema.fields().iter().zip(records.columns());
        let stay = stay.filter(|(field, _)| is_own(field.name()));
        let stay = stay.map(|(field, column)| (Arc::clone(field), Arc::clone(column)));
        let further = METADATA.iter().zip(further).map(|((name, _), column)| {
            let field: FieldRef = Field::new(*name, column.data_type().clone(), true).into();
            (field, column)
        });
        let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) = stay.chain(further).unzip();
        let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
        RecordBatch::try_new(schema.into(), columns)
    }
}

fn offset(text: &[u8]) -> Result<u32, ArrowError> {
    let end = u32::try_from(text.len());
    end.map_err(|_| ArrowError::InvalidArgumentError("records too long to be added to".into()))
}

/// One value in all rows: a time where it is one, and its text otherwise.
fn extracted(raw: &[u8], rows: usize) -> ArrayRef {
    let text = unescape(raw).unwrap_or_else(|| String::from_utf8_lossy(raw));
    let time = time_text::parse(text.as_bytes());
    let exact =
        time.filter(|time| matches!(time, TimeText::Offset { clock, .. } if !clock.inexact));
    match exact.and_then(|time| time.instant_micros()) {
        Some(micros) => times(Some(micros), rows),
        None => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
            text, rows,
        ))),
    }
}

fn times(micros: Option<i64>, rows: usize) -> ArrayRef {
    let times = std::iter::repeat_n(micros, rows);
    Arc::new(
        times
            .collect::<TimestampMicrosecondArray>()
            .with_timezone("UTC"),
    )
}

fn numbers(number: Option<i64>, rows: usize) -> ArrayRef {
    Arc::new(std::iter::repeat_n(number, rows).collect::<Int64Array>())
}
