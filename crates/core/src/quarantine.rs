//! Bad records that are set aside: beside the objects of their stream, in objects of their own.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::error::ArrowError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::encoding::{EncodeError, Encoding, WriteError};
use crate::records::{JsonRecords, Records, Span};
use crate::source::{PositionUnit, RejectedRecord, StreamName};
use crate::stream_plan::StreamPlans;

/// What is done with bad records: up to a number of them are set aside.
pub struct Quarantine {
    /// How the objects of a stream's bad records are made, under keys without a cursor.
    pub plans: StreamPlans,
    /// Makes JSON lines, and nothing around them: of the records whose source gave them types.
    pub lines: Arc<dyn Encoding>,
    /// More of them fail the run.
    pub bad_records_max: u64,
    /// The run's id.
    pub connection_run_id: String,
    /// The time of the load.
    pub load_time: DateTime<Utc>,
}

/// What the field `schema` of each record in quarantine says.
pub const QUARANTINE_SCHEMA: &str = "spile/quarantine/1";

/// A bad record as it is set aside: serialised, one line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuarantinedRecord {
    /// [`QUARANTINE_SCHEMA`]: it comes first, so that a reader can tell by a line's beginning.
    pub schema: String,
    /// The namespace of its stream, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of its stream.
    pub stream: String,
    /// What it was read from.
    pub origin: String,
    /// Its line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Or its row, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// What is wrong with it.
    pub cause: String,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Its bytes in base64, where they aren't UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_base64: Option<String>,
    /// Whether that is only its beginning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The run that has met it.
    pub connection_run_id: String,
    /// The time of that load.
    pub load_time: String,
}

/// A record that can't be loaded: which one, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) at: usize,
    pub(crate) cause: String,
}

impl Quarantine {
    /// The lines of some bad records of a stream.
    pub(crate) fn lines(
        &self,
        stream: &StreamName,
        rejected: &[RejectedRecord],
    ) -> Result<Records, ArrowError> {
        let (mut text, mut spans) = (Vec::new(), Vec::new());
        let offset = |text: &Vec<u8>| {
            let too_long = |_| ArrowError::InvalidArgumentError("too much text".to_owned());
            u32::try_from(text.len()).map_err(too_long)
        };
        for bad in rejected {
            let start = offset(&text)?;
            serde_json::to_writer(&mut text, &self.record(stream, bad))
                .map_err(|error| ArrowError::ExternalError(error.into()))?;
            let end = offset(&text)?;
            spans.push(Span { start, end });
            text.push(b'\n');
        }
        Ok(Records::Json(JsonRecords::new(text.into(), spans)?))
    }

    fn record(&self, stream: &StreamName, bad: &RejectedRecord) -> QuarantinedRecord {
        let (line, row) = match bad.position.unit {
            PositionUnit::Line => (Some(bad.position.number), None),
            PositionUnit::Row => (None, Some(bad.position.number)),
        };
        let (record, record_base64) = match std::str::from_utf8(&bad.text) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(STANDARD.encode(&bad.text))),
        };
        QuarantinedRecord {
            schema: QUARANTINE_SCHEMA.to_owned(),
            namespace: stream.namespace.as_deref().map(str::to_owned),
            stream: stream.name.to_string(),
            origin: bad.position.origin.to_string(),
            line,
            row,
            cause: bad.cause.clone(),
            record,
            record_base64,
            cut: bad.is_cut,
            connection_run_id: self.connection_run_id.clone(),
            load_time: self.load_time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }

    /// A record's own text: of a row, the JSON object that a jsonl object would have of it.
    pub(crate) fn text_of(&self, records: &Records, at: usize) -> Result<Bytes, EncodeError> {
        match records {
            Records::Json(json) => Ok(json.text().slice_ref(json.record(at))),
            Records::Text(columns) => Ok(texts_of(columns, at).into()),
            Records::Columns(_) => self.encoded(&records.slice(at..at + 1)),
        }
    }

    fn encoded(&self, record: &Records) -> Result<Bytes, EncodeError> {
        let schema = self.lines.schema(None, record)?;
        let mut encoder = self.lines.encoder(&schema)?;
        match encoder.write(record) {
            Ok(()) => {}
            Err(WriteError::Encode(error)) => return Err(error),
            Err(WriteError::Misfit(misfit)) => {
                return Err(EncodeError::Library {
                    format: "jsonl",
                    source: misfit.to_string().into(),
                });
            }
        }
        let mut text = encoder.take_output();
        text.extend(encoder.finish()?);
        Ok(Bytes::copy_from_slice(text.trim_ascii_end()))
    }
}

/// A row of texts as a JSON object, in which they stay texts.
fn texts_of(columns: &RecordBatch, row: usize) -> String {
    let mut text = String::from("{");
    for (field, column) in columns.schema_ref().fields().iter().zip(columns.columns()) {
        let value = column.as_string_opt::<i32>();
        let value = value.and_then(|column| column.is_valid(row).then(|| column.value(row)));
        let separator = if text.len() > 1 { "," } else { "" };
        let name = quoted(Some(field.name()));
        text += &format!("{separator}{name}:{}", quoted(value));
    }
    text + "}"
}

fn quoted(text: Option<&str>) -> String {
    // A text, or none: there is nothing that could fail.
    serde_json::to_string(&text).unwrap_or_default()
}

impl QuarantinedRecord {
    /// The stream that the record belongs to, where it says one.
    pub fn stream_name(&self) -> Option<StreamName> {
        (!self.stream.is_empty()).then(|| StreamName {
            namespace: self.namespace.as_deref().map(Into::into),
            name: self.stream.as_str().into(),
        })
    }

    /// The record's own bytes.
    ///
    /// # Errors
    /// Why there are none, or not all of them, in a few words.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        if self.cut {
            return Err("only the beginning of the record was kept".to_owned());
        }
        match (&self.record, &self.record_base64) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(text)) => STANDARD
                .decode(text)
                .map_err(|error| format!("its record_base64 can't be read: {error}")),
            (None, None) => Err("it has neither record nor record_base64".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    #[test]
    fn a_row_of_texts_is_an_object_of_texts() {
        let column = |text: Option<&str>| Arc::new(StringArray::from(vec![text])) as ArrayRef;
        let columns = RecordBatch::try_from_iter([
            ("a", column(Some("1.10"))),
            ("b \"c\"", column(Some("é\n\"x\""))),
            ("d", column(None)),
        ]);
        assert_eq!(
            texts_of(&columns.expect("columns"), 0),
            r#"{"a":"1.10","b \"c\"":"é\n\"x\"","d":null}"#
        );
    }

    #[test]
    fn what_is_set_aside_is_read_back() {
        let check = |line: &str, expect: Result<&[u8], &str>| {
            let read: QuarantinedRecord = serde_json::from_str(line).expect("a line");
            assert_eq!(
                read.bytes(),
                expect.map(<[u8]>::to_vec).map_err(str::to_owned)
            );
        };
        check(r#"{"record":"{\"a\":}"}"#, Ok(b"{\"a\":}"));
        check(r#"{"record_base64":"/2E="}"#, Ok(b"\xffa"));
        check(
            r#"{"record_base64":"/2E=","record":"mended"}"#,
            Ok(b"mended"),
        );
        check(
            r#"{"record":"{","cut":true}"#,
            Err("only the beginning of the record was kept"),
        );
        check("{}", Err("it has neither record nor record_base64"));
    }
}
