//! Lines like those of TPC-H's lineitem, in each format: bytes of JSON text a second.

#![expect(clippy::expect_used, reason = "a bench")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spile_core::{Encoding, JsonRecords, Records, Span, json};
use spile_encoders::{EncodingConfig, ParquetConfig, resolve};

const RECORDS: u64 = 20_000;
/// Records of a write, about a mebibyte as sources make them.
const BATCH: usize = 2_500;

fn line(row: u64) -> String {
    let random = |salt: u64, below: u64| {
        let mixed = (row ^ salt << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) % below
    };
    let word =
        |salt| ["furiously", "even", "deposits", "sleep", "carefully"][random(salt, 5) as usize];
    let date = |salt| {
        format!(
            "199{}-{:02}-{:02}",
            random(salt, 8) + 1,
            random(salt + 1, 12) + 1,
            random(salt + 2, 28) + 1
        )
    };
    format!(
        r#"{{"l_orderkey":{},"l_partkey":{},"l_suppkey":{},"l_linenumber":{},"l_quantity":{},"l_extendedprice":{}.{:02},"l_discount":0.0{},"l_tax":0.0{},"l_returnflag":"{}","l_linestatus":"{}","l_shipdate":"{}","l_commitdate":"{}","l_receiptdate":"{}","l_shipinstruct":"DELIVER IN PERSON","l_shipmode":"{}","l_comment":"{} {} {}"}}"#,
        row / 4,
        random(1, 200_000),
        random(2, 10_000),
        row % 7,
        random(3, 50),
        random(4, 100_000),
        random(5, 100),
        random(6, 10),
        random(7, 9),
        ["N", "R", "A"][random(8, 3) as usize],
        ["O", "F"][random(9, 2) as usize],
        date(10),
        date(20),
        date(30),
        ["TRUCK", "MAIL", "SHIP", "AIR"][random(40, 4) as usize],
        word(41),
        word(42),
        word(43),
    )
}

fn records() -> Records {
    let (mut text, mut spans) = (String::new(), Vec::new());
    for row in 0..RECORDS {
        let start = text.len() as u32;
        text += &line(row);
        spans.push(Span {
            start,
            end: text.len() as u32,
        });
        text.push('\n');
    }
    let records = JsonRecords::new(Bytes::from(text), spans);
    Records::Json(records.expect("inside of the text"))
}

fn encode(encoding: &dyn Encoding, records: &Records) -> usize {
    let schema = encoding
        .schema(None, &records.slice(0..1_000))
        .expect("a schema");
    let mut encoder = encoding.encoder(&schema).expect("an encoder");
    let mut bytes = 0;
    for start in (0..records.len()).step_by(BATCH) {
        let end = records.len().min(start + BATCH);
        encoder
            .write(&records.slice(start..end))
            .expect("records fit");
        bytes += encoder.take_output().len();
    }
    bytes + encoder.finish().expect("an object").len()
}

fn encoding(format: &str, compression: Option<&str>) -> Arc<dyn Encoding> {
    let compression = compression.map(str::to_owned);
    let parquet = ParquetConfig {
        compression,
        ..ParquetConfig::default()
    };
    let config = EncodingConfig {
        format: format.to_owned(),
        parquet,
        ..EncodingConfig::default()
    };
    resolve(&config).expect("a known format")
}

fn formats(criterion: &mut Criterion) {
    let records = records();
    let Records::Json(json) = &records else {
        return;
    };
    let mut group = criterion.benchmark_group("encode");
    group
        .throughput(Throughput::Bytes(json.text_bytes() as u64))
        .sample_size(20);
    group.bench_function("check only", |bencher| {
        bencher.iter(|| {
            json.iter()
                .try_for_each(|record| json::check(black_box(record)))
        });
    });
    let parquet = ["none", "snappy", "zstd", "gzip"].map(|name| ("parquet", Some(name)));
    let text =
        ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "csv.gz", "csv.zst"].map(|name| (name, None));
    for (format, compression) in parquet.into_iter().chain(text) {
        let encoding = encoding(format, compression);
        let name = format!("{format} {}", compression.unwrap_or_default());
        group.bench_function(name.trim(), |bencher| {
            bencher.iter(|| encode(&*encoding, black_box(&records)));
        });
    }
    group.finish();
}

criterion_group!(benches, formats);
criterion_main!(benches);
