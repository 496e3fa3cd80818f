//! The CSV reader beside the `csv` and `csv-async` crates, on about 32 MB of rows like those of
//! sales; all three build the same columns, so that the work is the same. Ours reads a file, the
//! others read memory.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;

use arrow::array::StringBuilder;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use futures::executor::block_on;
use futures::{AsyncRead, StreamExt};
use spile_core::Source;
use spile_sources::{InputConfig, open};

const WIDTH: usize = 12;
const BATCH_ROWS: usize = 8192;

fn rows(bytes: usize) -> Vec<u8> {
    let mut text = String::from("id,at,name,city,price,quantity,code,ok,note,x,y,z\n");
    for n in 0_u64.. {
        let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let note = match n % 10 {
            0 => "\"two\nlines, and a \"\"quote\"\"\"",
            1..=3 => "",
            _ => "delivered to the front door",
        };
        text += &format!(
            "{n},2025-04-14T11:{:02}:{:02}Z,customer {},Zürich,{}.{:02},{},{:08x},{},{note},{},,{}\n",
            n % 60,
            mixed % 60,
            mixed % 9973,
            mixed % 1000,
            n % 100,
            n % 7,
            mixed as u32,
            n % 2 == 0,
            mixed % 100_000,
            n % 3,
        );
        if text.len() >= bytes {
            break;
        }
    }
    text.into_bytes()
}

fn ours(path: &Path) -> usize {
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

/// Columns of text, finished every so many rows.
struct Columns(Vec<StringBuilder>, usize);

impl Columns {
    fn new() -> Self {
        Self((0..WIDTH).map(|_| StringBuilder::new()).collect(), 0)
    }

    fn append<'a>(&mut self, fields: impl Iterator<Item = &'a str>) {
        for (column, field) in self.0.iter_mut().zip(fields) {
            if field.is_empty() {
                column.append_null();
            } else {
                column.append_value(field);
            }
        }
        self.1 += 1;
        if self.1.is_multiple_of(BATCH_ROWS) {
            self.0
                .iter_mut()
                .for_each(|column| drop(black_box(column.finish())));
        }
    }
}

fn by_csv(input: &[u8]) -> usize {
    let mut columns = Columns::new();
    let mut reader = csv::Reader::from_reader(input);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).unwrap_or(false) {
        columns.append(record.iter());
    }
    columns.1
}

fn by_csv_async(input: impl AsyncRead + Unpin + Send) -> usize {
    let mut columns = Columns::new();
    let mut reader = csv_async::AsyncReader::from_reader(input);
    let mut records = reader.records();
    block_on(async {
        while let Some(Ok(record)) = records.next().await {
            columns.append(record.iter());
        }
    });
    drop(records);
    columns.1
}

fn written(input: &[u8]) -> Option<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().ok()?;
    file.write_all(input).ok()?;
    Some(file)
}

fn bench(c: &mut Criterion) {
    let input = rows(32 << 20);
    let input = input.as_slice();
    let Some(file) = written(input) else { return };
    let path = file.path();
    let expect = by_csv(input);
    assert_eq!([ours(path), by_csv_async(input)], [expect; 2]);
    let mut group = c.benchmark_group("csv");
    group.throughput(Throughput::Bytes(input.len() as u64));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("spile-sources", |b| b.iter(|| ours(path)));
    group.bench_function("csv", |b| b.iter(|| by_csv(input)));
    group.bench_function("csv-async", |b| b.iter(|| by_csv_async(input)));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
