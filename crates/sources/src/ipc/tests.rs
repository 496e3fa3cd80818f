use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::ipc::writer::{FileWriter, StreamWriter};
use proptest::prelude::*;
use spile_core::{Source, StreamName};

use crate::testing::{drain, gzip, read, stdin, table};
use crate::{InputConfig, InputFormat, open_with};

/// The format is found by content.
fn config() -> InputConfig {
    InputConfig {
        format: None,
        ..stdin(InputFormat::Arrow)
    }
}

fn sample(rows: i64) -> RecordBatch {
    let texts = StringArray::from_iter((0..rows).map(|n| (n % 3 > 0).then(|| format!("é{n}"))));
    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..rows))),
        ("text", Arc::new(texts)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn both_formats_are_read_from_a_pipe() {
    let samples = [sample(10), sample(0), sample(20_000)];
    let expect = concat_batches(&samples[0].schema(), &samples).unwrap();
    let config = InputConfig {
        batch_bytes: 50_000,
        ..config()
    };
    for input in [
        stream(&samples),
        file(&samples),
        gzip(&stream(&samples)),
        gzip(&file(&samples)),
    ] {
        let (batches, error) = read(&config, &input);
        let found = concat_batches(&expect.schema(), batches.iter().map(table)).unwrap();
        assert_eq!((found, error), (expect.clone(), None));
        assert!(
            batches
                .iter()
                .all(|batch| batch.records.memory_bytes() < 100_000)
        );
        // All but the trailer of a compressed input, which follows the last record.
        let told: u64 = batches.iter().map(|batch| batch.input_bytes).sum();
        assert!((input.len() as u64 - told) <= 8);
    }
}

#[test]
fn a_file_is_read_in_place() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.arrow", file(&[sample(50)])),
        ("b.ipc", stream(&[sample(50)])),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let paths = vec![path.display().to_string()];
        let config = InputConfig {
            paths,
            ..InputConfig::default()
        };
        let inputs = open_with(&config, std::io::empty()).unwrap();
        assert_eq!(inputs.streams(), [StreamName::new(&name[..1])]);
        let (batches, error) = drain(&mut inputs.into_source().batches());
        assert_eq!((table(&batches[0]), error), (&sample(50), None));
        assert_eq!(batches[0].input_bytes, bytes.len() as u64);
    }
}

#[test]
fn a_truncated_input_is_told_after_what_is_whole() {
    let input = stream(&[sample(100), sample(1000)]);
    let (batches, error) = read(&config(), &input[..input.len() - 1000]);
    assert_eq!(batches.len(), 1);
    assert_eq!(
        error.as_deref(),
        Some("read stdin as arrow: it ends early: the file is truncated")
    );
    let twice = [stream(&[sample(1)]), stream(&[sample(1)])].concat();
    let expect = "read stdin as arrow: more follows the end of the stream";
    assert_eq!(read(&config(), &twice).1.as_deref(), Some(expect));
    let input = file(&[sample(100)]);
    let error = read(&config(), &input[..input.len() - 100]).1.unwrap();
    assert!(error.starts_with("read stdin as arrow: "), "{error}");
    let input = gzip(&stream(&[sample(100_000)]));
    assert_eq!(
        read(&config(), &input[..input.len() / 2]).1.as_deref(),
        Some("read stdin as gzip: the compressed data ends early: the file is truncated")
    );
}

proptest! {
    #[test]
    fn no_input_is_met_by_a_panic(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        is_file in any::<bool>(),
    ) {
        let samples = [sample(3), sample(5)];
        let mut input = if is_file { file(&samples) } else { stream(&samples) };
        for (place, byte) in places {
            let at = place.index(input.len());
            input[at] = byte;
        }
        read(&InputConfig { format: Some(InputFormat::Arrow), ..config() }, &input);
    }
}
