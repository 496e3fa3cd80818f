//! The same records as lines of JSON and as the messages of both protocols.

#![expect(clippy::expect_used, reason = "a bench with bad input is to stop")]

use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use spile_core::{Message, Source};
use spile_sources::{InputConfig, InputFormat, open};
use tempfile::NamedTempFile;

const RECORDS: u64 = 50_000;
const SCHEMA: &str = r#"{"type":"SCHEMA","stream":"orders","schema":{"type":"object","properties":{"id":{"type":"integer"},"amount":{"type":"number"},"status":{"type":"string"},"created_at":{"type":"string","format":"date-time"},"note":{"type":["null","string"]}}},"key_properties":["id"]}"#;

fn record(row: u64) -> String {
    let random = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    format!(
        r#"{{"id":{row},"amount":{}.{:02},"status":"delivered","created_at":"2025-04-14T11:{:02}:{:02}Z","note":"order {random} of \"{}\""}}"#,
        random % 10_000,
        random % 100,
        row % 60,
        random % 60,
        random % 997,
    )
}

/// A line of the format around a record.
fn line(format: InputFormat, record: &str) -> String {
    match format {
        InputFormat::Singer => format!(
            r#"{{"type":"RECORD","stream":"orders","record":{record},"time_extracted":"2025-04-14T11:23:45Z"}}"#
        ),
        InputFormat::Airbyte => format!(
            r#"{{"type":"RECORD","record":{{"stream":"orders","emitted_at":1700000000000,"data":{record}}}}}"#
        ),
        _ => record.to_owned(),
    }
}

fn written(format: InputFormat) -> NamedTempFile {
    let mut text = String::new();
    if format == InputFormat::Singer {
        text += SCHEMA;
        text.push('\n');
    }
    for row in 0..RECORDS {
        text += &line(format, &record(row));
        text.push('\n');
    }
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn read(file: &NamedTempFile, format: InputFormat) -> u64 {
    let config = InputConfig {
        paths: vec![file.path().display().to_string()],
        format: Some(format),
        ..InputConfig::default()
    };
    let mut source = open(&config).expect("an input").into_source();
    let mut rows = 0;
    while let Some(messages) = source.next_messages().expect("messages") {
        rows += black_box(messages).iter().map(rows_of).sum::<u64>();
    }
    rows
}

fn rows_of(message: &Message) -> u64 {
    match message {
        Message::Batch(batch) => batch.records.len() as u64,
        _ => 0,
    }
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("messages");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for format in [
        InputFormat::Jsonl,
        InputFormat::Singer,
        InputFormat::Airbyte,
    ] {
        let file = written(format);
        assert_eq!(read(&file, format), RECORDS);
        let bytes = file.as_file().metadata().expect("a length").len();
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(format.to_string(), |bencher| {
            bencher.iter(|| read(&file, format));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
