//! Streams that aren't loaded.

use spile_core::Selection;

use super::{config, lines, record, told};
use crate::InputConfig;

/// What isn't loaded needs no schema that can be understood.
#[test]
fn schemas_of_streams_that_are_left_out() {
    let schema = |stream: &str| {
        format!(r#"{{"type":"SCHEMA","stream":"{stream}","schema":{{"properties":[]}}}}"#)
    };
    let input = [schema("z"), record("z", "{}"), schema("b"), schema("a")];
    let globs = ["!b".to_owned(), "!z".to_owned()];
    let config = InputConfig {
        selection: Selection::new(&globs).expect("globs"),
        ..config()
    };
    let told = told(&config, &lines(&input));
    let (last, rest) = told.split_last().expect("an error");
    assert_eq!(rest, ["stream z", "z: 2={}", "stream b"]);
    assert!(
        last.starts_with("error read the message at line 4"),
        "{last}"
    );
}

/// Nor are files of theirs opened, which may not even be there.
#[test]
fn batches_of_streams_that_are_left_out() {
    let schema = r#"{"type":"SCHEMA","stream":"b","schema":{"properties":{}},"key_properties":[]}"#;
    let batch = r#"{"type":"BATCH","stream":"b","encoding":{"format":"jsonl"},"manifest":["file:///none"]}"#;
    let config = |globs: &[String]| InputConfig {
        selection: Selection::new(globs).expect("globs"),
        ..config()
    };
    let input = lines(&[schema, batch]);
    assert_eq!(told(&config(&["!b".to_owned()]), &input), ["stream b"]);
    let told = told(&config(&[]), &input);
    let last = told.last().expect("an error");
    assert!(last.starts_with("error read /none"), "{last}");
}
