//! Records to whole objects and back, for tests: what the loader does with an encoding.
#![expect(clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use spile_core::{Encoding, JsonRecords, Records, Span, WriteError, json};
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
        let written = encoder.write(&rest);
        let mut bytes = encoder.take_output();
        bytes.extend(encoder.finish().expect("an object"));
        let began = Arc::clone(&schema);
        let misfit = match written {
            Ok(()) => None,
            Err(WriteError::Misfit(misfit)) => Some(misfit),
            Err(error) => panic!("{error}"),
        };
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

/// All records as one object.
pub(crate) fn object(format: &str, lines: &str) -> Object {
    let records = json_records(lines);
    let mut objects = objects(&*encoding(format), &records, records.len());
    assert_eq!(objects.len(), 1, "{lines}");
    objects.remove(0)
}
