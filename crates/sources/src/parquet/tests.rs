use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
    TimestampNanosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;
use spile_core::{Batch, Source};

use crate::testing::{drain, gzip, read, stdin, table};
use crate::{InputConfig, InputFormat, open_with};

fn config() -> InputConfig {
    stdin(InputFormat::Parquet)
}

fn written(batch: &RecordBatch) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(1000))
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// Columns whose types only their file knows.
fn sample(rows: i64) -> RecordBatch {
    let numbers = || 0..rows;
    let words: DictionaryArray<Int32Type> = numbers()
        .map(|n| (n % 7 != 0).then_some(["x", "y", "z"][n as usize % 3]))
        .collect();
    let decimals = Decimal128Array::from_iter_values(numbers().map(i128::from));
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from_iter_values(numbers()))),
        (
            "at",
            Arc::new(TimestampNanosecondArray::from_iter_values(
                numbers().map(|n| n * 7),
            )),
        ),
        (
            "price",
            Arc::new(decimals.with_precision_and_scale(20, 2).unwrap()),
        ),
        ("word", Arc::new(words)),
        (
            "text",
            Arc::new(StringArray::from_iter(
                numbers().map(|n| Some(format!("text {n}"))),
            )),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn joined(batches: &[Batch]) -> RecordBatch {
    concat_batches(&table(&batches[0]).schema(), batches.iter().map(table)).unwrap()
}

#[test]
fn columns_are_passed_on_as_they_are() {
    let sample = sample(5000);
    let (batches, error) = read(&config(), &written(&sample));
    assert_eq!(error, None);
    assert_eq!(joined(&batches).columns(), sample.columns());
}

#[test]
fn a_file_and_its_compressed_copy_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(&sample(3000));
    for (name, bytes) in [("a.parquet", file.clone()), ("a.parquet.gz", gzip(&file))] {
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let paths = vec![path.display().to_string()];
        let config = InputConfig {
            paths,
            batch_bytes: 10_000,
            ..InputConfig::default()
        };
        let inputs = open_with(&config, std::io::empty()).unwrap();
        assert_eq!(inputs.streams()[0].name.as_ref(), "a");
        assert_eq!(inputs.input_bytes(), Some(bytes.len() as u64));
        let (batches, error) = drain(&mut inputs.into_source().batches());
        assert_eq!((joined(&batches).num_rows(), error), (3000, None));
        assert!(batches.len() > 5);
        let told: u64 = batches.iter().map(|batch| batch.input_bytes).sum();
        assert_eq!(told, bytes.len() as u64, "{name}");
        let last = batches.last().unwrap();
        assert_eq!(last.position_of(last.records.len() - 1).number, 3000);
    }
}

#[test]
fn wide_rows_come_few_at_a_time() {
    // One text that repeats takes next to nothing in the file.
    let wide = "x".repeat(100_000);
    let column: ArrayRef = Arc::new(StringArray::from_iter_values((0..500).map(|_| &wide)));
    let sample = RecordBatch::try_from_iter([("wide", column)]).unwrap();
    let (batches, error) = read(&config(), &written(&sample));
    assert_eq!((joined(&batches), error), (sample, None));
    for batch in &batches {
        assert!(batch.records.memory_bytes() <= 2 << 20);
    }
}

#[test]
fn a_truncated_file_is_told() {
    let file = written(&sample(100));
    let expect = "read stdin as parquet: it doesn't end as a Parquet file does: the file is \
                  truncated, or none";
    for bytes in [file.len() / 2, 4, 0] {
        assert_eq!(read(&config(), &file[..bytes]).1.as_deref(), Some(expect));
    }
}

proptest! {
    #[test]
    fn no_input_is_met_by_a_panic(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = written(&sample(20));
        for (place, byte) in places {
            let at = place.index(file.len());
            file[at] = byte;
        }
        read(&config(), &file);
    }
}
