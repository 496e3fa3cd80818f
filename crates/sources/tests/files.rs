//! Files, globs and stdin, read the way the program does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, in its helpers, too"
)]

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use spile_core::{Batch, PositionUnit, Records, Source, StreamName};
use spile_sources::{CsvInputConfig, InputConfig, InputFormat, Inputs, open_with};

/// Files of a folder that goes away with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            fs::write(folder.0.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn config(&self, names: &[&str]) -> InputConfig {
        let path = |name: &&str| match *name {
            "-" => "-".to_owned(),
            name => self.0.path().join(name).display().to_string(),
        };
        InputConfig {
            paths: names.iter().map(path).collect(),
            ..InputConfig::default()
        }
    }

    fn open(&self, names: &[&str]) -> Result<Inputs, String> {
        let errors = match open_with(&self.config(names), io::empty()) {
            Ok(inputs) => return Ok(inputs),
            Err(errors) => errors,
        };
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Err(texts
            .join("\n")
            .replace(&format!("{}/", self.0.path().display()), ""))
    }
}

fn read(inputs: Inputs) -> Vec<Batch> {
    inputs.into_source().batches().map(Result::unwrap).collect()
}

fn counts(batches: &[Batch]) -> Vec<(&str, usize)> {
    batches
        .iter()
        .map(|batch| (&*batch.stream.name, batch.records.len()))
        .collect()
}

fn gzip(input: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(input).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_are_read_in_order_and_grouped_into_streams_by_their_stems() {
    let folder = Folder::new(&[
        ("b.csv", b"x,y\n1,2\n3,4\n"),
        ("a.jsonl", b"{}\n{}\n{}\n"),
        ("b.tsv", b"x\ty\n1\t2\n"),
        ("notes.txt", b"nothing"),
    ]);
    let inputs = folder.open(&["*.csv", "a.jsonl", "*.tsv"]).unwrap();
    assert_eq!(
        inputs.streams(),
        [StreamName::new("b"), StreamName::new("a")]
    );
    assert_eq!(inputs.input_bytes(), Some(12 + 9 + 8));
    assert_eq!(
        inputs
            .iter()
            .map(|input| input.format.name())
            .collect::<Vec<_>>(),
        ["csv", "jsonl", "tsv"]
    );
    let batches = read(inputs);
    assert_eq!(counts(&batches), [("b", 2), ("a", 3), ("b", 1)]);
    assert_eq!(
        batches.iter().map(|batch| batch.input_bytes).sum::<u64>(),
        29
    );
    let last = batches[2].position_of(0);
    assert_eq!((last.unit, last.number), (PositionUnit::Row, 1));
    assert!(last.origin.ends_with("b.tsv"));
}

#[test]
fn compression_is_found_by_content() {
    let lines = b"{\"a\":1}\n{\"a\":2}\n";
    let members = [gzip(&lines[..5]), gzip(&lines[5..])].concat();
    let zstd = zstd::encode_all(&lines[..], 1).unwrap();
    let frames = [zstd.clone(), zstd.clone()].concat();
    let folder = Folder::new(&[
        ("members.jsonl.gz", &members),
        ("frames.jsonl.zst", &frames),
        ("unnamed", &zstd),
        ("misnamed.jsonl.gz", lines),
    ]);
    let names = [
        "members.jsonl.gz",
        "frames.jsonl.zst",
        "unnamed",
        "misnamed.jsonl.gz",
    ];
    let batches = read(folder.open(&names).unwrap());
    let expect = [
        ("members", 2),
        ("frames", 4),
        ("unnamed", 2),
        ("misnamed", 2),
    ];
    assert_eq!(counts(&batches), expect);
}

#[test]
fn every_fault_is_told_before_anything_is_read() {
    let folder = Folder::new(&[
        ("ok.csv", b"a,b\n"),
        ("array.json", b"[{}]"),
        ("plain.txt", b"hello\n"),
        ("cut.csv.gz", b""),
        ("cut.jsonl.zst", b"\x28\xB5"),
        (".csv", b"a,b\n"),
    ]);
    let names = [
        "ok.csv",
        "none.csv",
        "*.parquet",
        "array.json",
        "plain.txt",
        "cut.csv.gz",
        "cut.jsonl.zst",
        ".csv",
        "-",
    ];
    let error = folder.open(&names).unwrap_err();
    assert_eq!(
        error,
        "find a file that matches `*.parquet`
read none.csv
read array.json as JSON lines: it is one JSON array, and one object a line is expected (`jq -c` \
         writes that)
tell the format of plain.txt: its first line is \"hello\"; name it by `--input-format`
read cut.csv.gz as gzip: the compressed data ends early: the file is truncated
read cut.jsonl.zst as zstd: the compressed data ends early: the file is truncated
name the stream of .csv: give it by `--stream NAME`
tell the format of stdin: it is empty; name it by `--input-format`"
    );
    let error = folder.open(&["."]).unwrap_err();
    assert!(error.starts_with("read the folder `"), "{error}");
}

#[test]
fn settings_overrule_what_would_be_found() {
    let folder = Folder::new(&[("data.txt", b"a;b\n1;2\n"), ("lines", b"{}\n")]);
    let stream = Some(StreamName::new("s"));
    let csv = CsvInputConfig {
        delimiter: Some(b';'),
        ..CsvInputConfig::default()
    };
    let config = InputConfig {
        stream: stream.clone(),
        csv,
        ..folder.config(&["data.txt", "lines"])
    };
    let inputs = open_with(&config, io::empty()).unwrap();
    assert_eq!(inputs.streams(), [StreamName::new("s")]);
    assert_eq!(counts(&read(inputs)), [("s", 1), ("s", 1)]);

    let format = Some(InputFormat::Csv);
    let config = InputConfig {
        format,
        stream,
        ..folder.config(&["lines"])
    };
    let inputs = open_with(&config, io::empty()).unwrap();
    assert_eq!(inputs.iter().next().unwrap().format, InputFormat::Csv);
}

#[test]
fn a_pipe_gives_its_records_as_they_arrive() {
    let (read, mut write) = io::pipe().unwrap();
    write.write_all(b"{\"n\":1}\n").unwrap();
    let stream = Some(StreamName::new("s"));
    let config = InputConfig {
        stream,
        pipe_pause: Duration::ZERO,
        ..Folder::new(&[]).config(&["-"])
    };
    let inputs = open_with(&config, read).unwrap();
    assert_eq!(inputs.input_bytes(), None);
    let mut source = inputs.into_source().batches();
    assert_eq!(source.next().unwrap().unwrap().records.len(), 1);
    write.write_all(b"{\"n\":2}\n{\"n\":3}").unwrap();
    assert_eq!(source.next().unwrap().unwrap().records.len(), 1);
    drop(write);
    assert_eq!(source.next().unwrap().unwrap().records.len(), 1);
    assert!(source.next().is_none());
}

/// However little a pipe gives at a time.
#[test]
fn a_pipe_begins_with_the_batch_that_a_file_begins_with() {
    let json: String = (0..60_000)
        .map(|n| format!("{{\"n\":{n}, \"pad\":\"x\"}}\n"))
        .collect();
    let csv: String = (0..200_000).map(|n| format!("{n},x\n")).collect();
    for (name, text) in [("s.jsonl", json), ("s.csv", csv)] {
        let folder = Folder::new(&[(name, text.as_bytes())]);
        let of_file = read(open_with(&folder.config(&[name]), io::empty()).unwrap());
        let (pipe, mut write) = io::pipe().unwrap();
        let writer = std::thread::spawn(move || {
            let mut pieces = text.as_bytes().chunks(1_009);
            pieces.try_for_each(|piece| write.write_all(piece))
        });
        let config = InputConfig {
            stream: Some(StreamName::new("s")),
            pipe_pause: Duration::from_secs(600),
            ..folder.config(&["-"])
        };
        let of_pipe = read(open_with(&config, pipe).unwrap());
        writer.join().unwrap().unwrap();
        assert!(of_file.len() > 1, "more than a batch");
        let rows = |batches: &[Batch]| -> Vec<usize> {
            batches.iter().map(|batch| batch.records.len()).collect()
        };
        assert_eq!(rows(&of_pipe), rows(&of_file), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_opened_once() {
    let folder = Folder::new(&[]);
    let path = folder.0.path().join("fifo.csv");
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    let writer = std::thread::spawn(move || fs::write(path, "a,b\n1,2\n"));
    let stream = Some(StreamName::new("s"));
    let config = InputConfig {
        stream,
        ..folder.config(&["fifo.csv"])
    };
    let batches = read(open_with(&config, io::empty()).unwrap());
    writer.join().unwrap().unwrap();
    assert_eq!(counts(&batches), [("s", 1)]);
}

#[test]
fn flights_of_the_example_are_all_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights.csv.gz");
    let null = vec![String::new(), "NA".to_owned()];
    let csv = CsvInputConfig {
        null,
        ..CsvInputConfig::default()
    };
    let paths = vec![path.display().to_string()];
    let config = InputConfig {
        paths,
        csv,
        ..InputConfig::default()
    };
    let inputs = open_with(&config, io::empty()).unwrap();
    assert_eq!(inputs.streams(), [StreamName::new("flights")]);
    let size = inputs.input_bytes().unwrap();
    let batches = read(inputs);
    assert_eq!(
        batches
            .iter()
            .map(|batch| batch.records.len())
            .sum::<usize>(),
        12_208
    );
    assert_eq!(
        batches.iter().map(|batch| batch.input_bytes).sum::<u64>(),
        size
    );
    assert_eq!(table(&batches[0]).num_columns(), 19);
    let first = column(&batches[0], "tailnum");
    assert_eq!(first.value(0), "N14228");
    let absent = |name| {
        batches
            .iter()
            .map(|batch| column(batch, name).null_count())
            .sum::<usize>()
    };
    assert_eq!(
        (absent("tailnum"), absent("air_time"), absent("origin")),
        (24, 123, 0)
    );
}

fn table(batch: &Batch) -> &RecordBatch {
    match &batch.records {
        Records::Text(table) => table,
        other => panic!("{other:?}"),
    }
}

fn column<'a>(batch: &'a Batch, name: &str) -> &'a StringArray {
    table(batch).column_by_name(name).unwrap().as_string()
}
