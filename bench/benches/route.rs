//! Whole runs in memory, on one thread: lines to objects by one key, by the month and by the day. The
//! difference is what routing and further objects cost.

#![expect(clippy::expect_used, reason = "a bench with bad input is to stop")]

use std::io::Write;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use spile_bench::load;
use tempfile::NamedTempFile;

const RECORDS: u64 = 40_000;
const KEYS: [(&str, &str); 3] = [
    ("one key", "{stream_name}-{part}.{extension}"),
    ("months", "{cursor_year}-{cursor_month}/{part}.{extension}"),
    ("days", "{cursor_iso_date}/{part}.{extension}"),
];

/// Lines of 84 months and 2,352 days in random order.
fn lines() -> NamedTempFile {
    let mut file = tempfile::Builder::new()
        .suffix(".jsonl")
        .tempfile()
        .expect("a file");
    let mut text = String::new();
    for row in 0..RECORDS {
        let random = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let (year, month, day) = (random % 7 + 1992, random / 7 % 12 + 1, random / 84 % 28 + 1);
        text += &format!(
            "{{\"l_orderkey\":{row},\"l_extendedprice\":{}.25,\"l_shipmode\":\"TRUCK\",\
             \"l_shipdate\":\"{year}-{month:02}-{day:02}\",\
             \"l_comment\":\"carefully even deposits sleep furiously among the {random}\"}}\n",
            random % 90_000
        );
    }
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn route(criterion: &mut Criterion) {
    let file = lines();
    let bytes = file.as_file().metadata().expect("a length").len();
    let mut group = criterion.benchmark_group("route");
    group.throughput(Throughput::Bytes(bytes));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, key) in KEYS {
        group.bench_function(name, |bencher| {
            bencher.iter(|| load(file.path(), "jsonl", "jsonl", key).expect("loaded"));
        });
    }
    group.finish();
}

criterion_group!(benches, route);
criterion_main!(benches);
