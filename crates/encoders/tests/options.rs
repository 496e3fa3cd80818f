//! What options and compression do to an object's bytes.

#![expect(clippy::expect_used, reason = "tests")]

mod objects;

use std::io::Read;

use bytes::Bytes;
use objects::{json_records, object, objects};
use parquet::file::reader::{FileReader, SerializedFileReader};
use spile_encoders::{CsvConfig, EncodingConfig, ParquetConfig, resolve};

/// Texts that hardly shrink, as JSON.
fn noise(records: u64) -> String {
    let line = |n: u64| {
        let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let more = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        format!(r#"{{"a":"{mixed:x}{more:x}"}}"#)
    };
    (0..records).map(line).collect::<Vec<_>>().join("\n")
}

/// The text of an object, by a reader that stops at the end of the first member or frame.
fn first_of<R: Read>(mut read: R) -> (String, R) {
    let mut text = String::new();
    read.read_to_string(&mut text).expect("text");
    (text, read)
}

#[test]
fn gzip_is_one_member() {
    let lines = noise(20_000);
    let gzip = object("jsonl.gz", &lines);
    let read = flate2::bufread::GzDecoder::new(&*gzip.bytes);
    let (text, read) = first_of(read);
    assert!(text.trim_end() == lines, "the first member has all");
    assert_eq!(read.into_inner(), b"", "nothing is behind it");
}

#[test]
fn zstd_is_one_frame() {
    let lines = noise(20_000);
    let frame = object("jsonl.zst", &lines);
    let read = zstd::stream::read::Decoder::with_buffer(&*frame.bytes);
    let (text, read) = first_of(read.expect("a decoder").single_frame());
    assert!(text.trim_end() == lines, "the first frame has all");
    assert_eq!(read.finish(), b"", "nothing is behind it");
}

#[test]
fn row_groups_end_by_their_bytes() {
    let groups = |row_group_bytes| {
        let encoding = resolve(&EncodingConfig {
            format: "parquet".to_owned(),
            parquet: ParquetConfig {
                row_group_bytes,
                ..ParquetConfig::default()
            },
            ..EncodingConfig::default()
        });
        let records = json_records(&noise(100_000));
        let made = objects(&*encoding.expect("resolves"), &records, records.len());
        let bytes = Bytes::from(made[0].bytes.clone());
        let file = SerializedFileReader::new(bytes).expect("a parquet file");
        let groups = file.metadata().row_groups().to_vec();
        groups
            .iter()
            .map(|group| group.compressed_size())
            .collect::<Vec<_>>()
    };
    assert_eq!(groups(None).len(), 1);
    let sizes = groups(Some(1 << 20));
    assert!((3..=6).contains(&sizes.len()), "{sizes:?}");
    assert!(sizes.iter().all(|bytes| *bytes < 5 << 18), "{sizes:?}");
}

#[test]
fn csv_as_it_is_asked_for() {
    let check = |csv: CsvConfig, expect: &str| {
        let encoding = resolve(&EncodingConfig {
            format: "csv".to_owned(),
            csv,
            ..EncodingConfig::default()
        });
        let records = json_records(r#"{"a":"it's","b":"say \"x\"","c":"1,2;3","d":null,"e":""}"#);
        let made = objects(&*encoding.expect("resolves"), &records, 1);
        assert_eq!(made[0].text(), expect);
    };
    let usual = CsvConfig::default;
    check(
        usual(),
        "a,b,c,d,e\nit's,\"say \"\"x\"\"\",\"1,2;3\",,\"\"\n",
    );
    check(
        CsvConfig {
            quote: Some('\''),
            ..usual()
        },
        "a,b,c,d,e\n'it''s',say \"x\",'1,2;3',,''\n",
    );
    check(
        CsvConfig {
            delimiter: Some(';'),
            null: Some("NULL".to_owned()),
            header: Some(false),
            ..usual()
        },
        "it's;\"say \"\"x\"\"\";\"1,2;3\";NULL;\"\"\n",
    );
}
