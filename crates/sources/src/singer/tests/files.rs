//! Files of records that a BATCH names.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use spile_core::Message;
use tempfile::TempDir;

use super::{
    SCHEMA_A, SCHEMA_B, activate, check, config, known_end, lines, messages, record, state, told,
};
use crate::testing::gzip;

/// Files of one test.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file; its path as a text.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).expect("written");
        self.path(name).display().to_string()
    }
}

pub(super) fn batch(stream: &str, format: &str, urls: &[&str]) -> String {
    let urls = serde_json::to_string(urls).expect("JSON");
    format!(
        r#"{{"type":"BATCH","stream":"{stream}","encoding":{{"format":"{format}","compression":"gzip"}},"manifest":{urls}}}"#
    )
}

/// Three rows.
pub(super) fn parquet() -> Vec<u8> {
    let rows: ArrayRef = Arc::new(Int64Array::from_iter_values([1, 2, 3]));
    let rows = RecordBatch::try_from_iter([("n", rows)]).expect("columns");
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), None).expect("a writer");
    writer.write(&rows).expect("written");
    writer.into_inner().expect("ended")
}

#[test]
fn their_records_come_between_those_around_it() {
    let folder = Folder::new();
    let plain = folder.write("1", "{\"n\":1}\n\n{\"n\":2}\n");
    let packed = folder.write("2", gzip(b"{\"n\":3}\n"));
    let (first, second) = (format!("file://{plain}"), packed);
    let input = [
        SCHEMA_A,
        SCHEMA_B,
        &record("a", "{\"n\":0}"),
        &record("b", "{}"),
        &batch("a", "jsonl", &[&first, &second]),
        &record("a", "{\"n\":4}"),
        &state("1"),
        &batch("a", "jsonl", &[&second]),
        &state("2"),
        &batch("b", "jsonl", &[]),
        &record("b", "{}"),
    ];
    let expect = [
        "stream a",
        "stream b",
        "a: 3={\"n\":0}",
        "b: 4={}",
        "a: 1={\"n\":1} 3={\"n\":2}",
        "a: 1={\"n\":3}",
        "a: 6={\"n\":4}",
        "state 1",
        "a: 1={\"n\":3}",
        "state 2",
        "b: 11={}",
    ];
    check(&input, &expect);
}

#[test]
fn their_records_are_where_they_were_read() {
    let folder = Folder::new();
    let path = folder.write("1.jsonl", "{}\n");
    let input = lines(&[SCHEMA_A, &batch("a", "jsonl", &[&format!("file://{path}")])]);
    let (messages, _) = messages(&config(), &input);
    let Some(Message::Batch(batch)) = messages.last() else {
        panic!("{messages:?}");
    };
    assert_eq!(batch.position.to_string(), format!("line 1 of {path}"));
    assert_eq!(batch.input_bytes, 3);
}

#[test]
fn they_may_be_parquet() {
    let folder = Folder::new();
    let path = folder.write("1", parquet());
    let input = [SCHEMA_A, &batch("a", "parquet", &[&path]), &state("1")];
    check(&input, &["stream a", "a: 1=3 rows", "state 1"]);
}

#[test]
fn a_name_may_hold_anything() {
    let folder = Folder::new();
    let path = folder.write("é %20#\"1", "{}\n");
    check(
        &[SCHEMA_A, &batch("a", "jsonl", &[&format!("file://{path}")])],
        &["stream a", "a: 1={}"],
    );
}

/// What was read before is told first, and the state behind it never is.
#[test]
fn one_that_cannot_be_read() {
    let folder = Folder::new();
    let there = folder.write("1", "{}\n");
    let broken = folder.write("2", &parquet()[..20]);
    let none = folder.path("none").display().to_string();
    let check = |format: &str, urls: &[&str], before: &[&str], error: &str| {
        let input = [
            SCHEMA_A,
            &record("a", "{}"),
            &batch("a", format, urls),
            &state("1"),
        ];
        let told = told(&config(), &lines(&input));
        let (last, rest) = told.split_last().expect("an error");
        assert_eq!(rest, [&["stream a", "a: 2={}"], before].concat());
        assert!(
            last.starts_with(&format!("error {error}")),
            "{last} for {error}"
        );
    };
    let url = format!("file://{none}");
    check(
        "jsonl",
        &[&there, &url, &there],
        &["a: 1={}"],
        &format!("read {none}"),
    );
    check(
        "parquet",
        &[&broken],
        &[],
        &format!("read {broken} as parquet: "),
    );
    check("jsonl", &[""], &[], "read ");
    let folder = folder.0.path().display().to_string();
    check("jsonl", &[&folder], &[], &format!("read {folder}"));
}

/// It is told by its place in the file, and may be set aside like any other.
#[test]
fn a_bad_record_in_one_is_no_fault_of_the_tap() {
    let folder = Folder::new();
    let path = folder.write("1", "{}\n{\n{}\n");
    let input = lines(&[SCHEMA_A, &batch("a", "jsonl", &[&path]), &state("1")]);
    let (messages, error) = messages(&config(), &input);
    assert!(error.is_none(), "{error:?}");
    let [_, Message::Batch(batch), Message::Checkpoint(_)] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert_eq!((batch.records.len(), batch.rejected.len()), (2, 1));
    assert_eq!(
        batch.rejected[0].position.to_string(),
        format!("line 2 of {path}")
    );
}

/// Otherwise a version would outdate the very files that it came with.
#[test]
fn their_records_are_of_the_version_that_was_told_of_last() {
    let folder = Folder::new();
    let path = folder.write("1", "{}\n");
    let batch = || batch("a", "jsonl", &[&path]);
    let check = |input: &[String], expect: &[&str]| {
        assert_eq!(told(&known_end(), &lines(input)), expect);
    };
    let schema = || SCHEMA_A.to_owned();
    check(
        &[schema(), activate("a", 7), batch()],
        &["stream a", "a v7: 1={}", "activate 7 of a"],
    );
    check(
        &[
            schema(),
            activate("a", 7),
            batch(),
            activate("a", 7),
            state("1"),
        ],
        &["stream a", "a v7: 1={}", "activate 7 of a", "state 1"],
    );
    let before = super::versioned("a", "{}", 6);
    check(
        &[schema(), before.clone(), batch()],
        &["stream a", "a v6: 2={}", "a v6: 1={}"],
    );
    check(
        &[schema(), before, activate("a", 7), batch()],
        &["stream a", "a v6: 2={}", "a v7: 1={}", "activate 7 of a"],
    );
    let told = batch().replace("\"type\"", "\"version\":9,\"type\"");
    check(
        &[schema(), told, activate("a", 9), batch()],
        &["stream a", "a v9: 1={}", "activate 9 of a", "a v9: 1={}"],
    );
}
