//! Records to whole objects and back, for tests: what the loader does with an encoding.
#![expect(clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod columns;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use spile_core::{Encoder, Encoding, JsonRecords, Misfit, Records, Span, WriteError, json};
use spile_encoders::{EncodingConfig, resolve};

/// An object and the schema that it began with.
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) schema: SchemaRef,
}

impl Object {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("text")
    }

    /// The columns of a parquet object.
    pub(crate) fn columns(&self) -> RecordBatch {
        let bytes = Bytes::from(self.bytes.clone());
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("a parquet file");
        let schema = Arc::clone(builder.schema());
        let batches: Result<Vec<_>, _> = builder.build().expect("a reader").collect();
        arrow::compute::concat_batches(&schema, &batches.expect("rows")).expect("one schema")
    }
}

pub(crate) fn encoding(format: &str) -> Arc<dyn Encoding> {
    let config = EncodingConfig {
        format: format.to_owned(),
        ..EncodingConfig::default()
    };
    resolve(&config).expect("a known format")
}

/// One record a line.
pub(crate) fn json_records(lines: &str) -> Records {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in lines.split('\n') {
        if !line.is_empty() {
            json::check(line.as_bytes()).expect("a JSON object");
            spans.push(Span {
                start,
                end: start + line.len() as u32,
            });
        }
        start += line.len() as u32 + 1;
    }
    let text = Bytes::copy_from_slice(lines.as_bytes());
    Records::Json(JsonRecords::new(text, spans).expect("inside of the text"))
}

/// Encodes all records: the schema is inferred from the first `sample`, and each misfit starts a
/// further object.
pub(crate) fn objects(encoding: &dyn Encoding, records: &Records, sample: usize) -> Vec<Object> {
    let sample = records.slice(0..sample.min(records.len()));
    let mut schema = encoding.schema(None, &sample).expect("a schema");
    let mut objects = Vec::new();
    let mut rest = records.clone();
    loop {
        let mut encoder = encoding.encoder(&schema).expect("an encoder");
        let misfit = misfit(encoder.write(&rest));
        let bytes = finish(encoder);
        let began = Arc::clone(&schema);
        if misfit.as_ref().is_none_or(|misfit| misfit.at > 0) {
            objects.push(Object {
                bytes,
                schema: began,
            });
        }
        let Some(misfit) = misfit else {
            return objects;
        };
        rest = rest.slice(misfit.at..rest.len());
        let wider = encoding
            .schema(Some(&schema), &rest.slice(0..1))
            .expect("a wider schema");
        assert_ne!(wider, schema, "{misfit}");
        schema = wider;
    }
}

/// Encodes batches as the loader does: the first tells the schema, and all of a batch that is left
/// at a misfit tells the next one.
pub(crate) fn load(encoding: &dyn Encoding, batches: &[Records]) -> Vec<Object> {
    let mut schema = encoding.schema(None, &batches[0]).expect("a schema");
    let mut encoder = encoding.encoder(&schema).expect("an encoder");
    let (mut objects, mut rows) = (Vec::new(), 0);
    for batch in batches {
        let mut rest = batch.clone();
        while let Some(misfit) = misfit(encoder.write(&rest)) {
            rows += misfit.at;
            rest = rest.slice(misfit.at..rest.len());
            let wider = encoding
                .schema(Some(&schema), &rest)
                .expect("a wider schema");
            assert_ne!(wider, schema, "{misfit}");
            let next = encoding.encoder(&wider).expect("an encoder");
            let bytes = finish(std::mem::replace(&mut encoder, next));
            let began = std::mem::replace(&mut schema, wider);
            objects.extend((rows > 0).then_some(Object {
                bytes,
                schema: began,
            }));
            rows = 0;
        }
        rows += rest.len();
    }
    objects.push(Object {
        bytes: finish(encoder),
        schema,
    });
    objects
}

fn misfit(written: Result<(), WriteError>) -> Option<Misfit> {
    match written {
        Ok(()) => None,
        Err(WriteError::Misfit(misfit)) => Some(misfit),
        Err(error) => panic!("{error}"),
    }
}

fn finish(mut encoder: Box<dyn Encoder>) -> Vec<u8> {
    let mut bytes = encoder.take_output();
    bytes.extend(encoder.finish().expect("an object"));
    bytes
}

/// A number as its sign, digits and exponent.
pub(crate) fn decimal(text: &str) -> (bool, String, i64) {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((mantissa.trim_start_matches('-'), ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let power: i64 = power.parse().expect("a power");
    let exponent = power - fraction.len() as i64 + (digits.len() - kept.len()) as i64;
    match kept.trim_start_matches('0') {
        "" => (false, String::new(), 0),
        digits => (text.starts_with('-'), digits.to_owned(), exponent),
    }
}

/// All records as one object.
pub(crate) fn object(format: &str, lines: &str) -> Object {
    let records = json_records(lines);
    let mut objects = objects(&*encoding(format), &records, records.len());
    assert_eq!(objects.len(), 1, "{lines}");
    objects.remove(0)
}
