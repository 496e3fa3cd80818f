//! Cutting JSON lines into records, with the check of each record and without.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use spile_core::{Source, json};
use spile_sources::{InputConfig, open};

fn lines(bytes: usize) -> Vec<u8> {
    let mut text = String::new();
    for n in 0_u64.. {
        let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        text += &format!(
            "{{\"id\":{n},\"uid\":\"{mixed:032x}\",\"created_at\":\"2025-04-14T11:{:02}:{:02}.123456Z\",\
             \"day\":\"2025-04-14\",\"amount\":{}.{:02},\"quantity\":{},\"ok\":{},\"name\":\"Zoë {}\",\
             \"email\":\"user{}@example.com\",\"status\":\"delivered\",\"note\":null,\
             \"address\":{{\"city\":\"Zürich\",\"zip\":\"{:05}\",\"geo\":{{\"lat\":47.{},\"lon\":8.{}}}}},\
             \"tags\":[\"new\",\"a \\\"quoted\\\" tag\"]}}\n",
            n % 60,
            mixed % 60,
            mixed % 1000,
            n % 100,
            n % 7,
            n % 2 == 0,
            mixed % 9973,
            mixed % 99_991,
            mixed % 99_999,
            mixed % 10_007,
            mixed % 10_009,
        );
        if text.len() >= bytes {
            break;
        }
    }
    text.into_bytes()
}

fn read(path: &Path) -> usize {
    let paths = vec![path.display().to_string()];
    let config = InputConfig {
        paths,
        ..InputConfig::default()
    };
    let Ok(inputs) = open(&config) else { return 0 };
    let mut count = 0;
    for batch in inputs.into_source().batches().map_while(Result::ok) {
        count += black_box(batch).records.len();
    }
    count
}

fn cut(input: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', black_box(input)).count()
}

fn check(input: &[u8]) -> usize {
    input
        .split(|byte| *byte == b'\n')
        .filter(|line| json::check(line).is_ok())
        .count()
}

fn written(input: &[u8]) -> Option<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().ok()?;
    file.write_all(input).ok()?;
    Some(file)
}

fn bench(c: &mut Criterion) {
    let input = lines(32 << 20);
    let input = input.as_slice();
    let Some(file) = written(input) else { return };
    let path = file.path();
    assert_eq!(read(path), cut(input));
    let mut group = c.benchmark_group("jsonl");
    group.throughput(Throughput::Bytes(input.len() as u64));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("spile-sources", |b| b.iter(|| read(path)));
    group.bench_function("check alone", |b| b.iter(|| check(input)));
    group.bench_function("line breaks alone", |b| b.iter(|| cut(input)));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
