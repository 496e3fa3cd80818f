//! Reading goes on from a checkpoint.

#![expect(clippy::expect_used, reason = "these are tests")]

use std::fs;
use std::path::Path;

use spile_core::{Message, Source};
use spile_sources::{InputConfig, Inputs, ResumeError, open};

fn inputs(folder: &Path) -> Inputs {
    let glob = folder.join("*.jsonl").to_str().expect("text").to_owned();
    let config = InputConfig {
        paths: vec![glob],
        stream: Some(spile_core::StreamName::new("s")),
        ..InputConfig::default()
    };
    open(&config).expect("inputs")
}

/// The number of records of each batch, and the checkpoint behind it.
fn read(inputs: Inputs) -> Vec<(usize, String)> {
    let mut source = inputs.into_source();
    let mut batches = Vec::new();
    let mut rows = 0;
    while let Some(messages) = source.next_messages().expect("records") {
        for message in messages {
            match message {
                Message::Batch(batch) => rows = batch.records.len(),
                Message::Checkpoint(it) => batches.push((rows, it.text.to_string())),
                _ => {}
            }
        }
    }
    batches
}

#[test]
fn what_was_read_before_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, count) in [("b", 2), ("c", 3), ("d", 4)] {
        let path = folder.path().join(name).with_extension("jsonl");
        fs::write(path, "{\"a\":1}\n".repeat(count)).expect("written");
    }
    let batches = read(inputs(folder.path()));
    let rows: Vec<usize> = batches.iter().map(|(rows, _)| *rows).collect();
    assert_eq!(rows, [2, 3, 4]);
    for (n, (_, checkpoint)) in batches.iter().enumerate() {
        let rest = inputs(folder.path())
            .resume(checkpoint)
            .expect("it goes on");
        assert_eq!(read(rest), batches[n + 1..]);
    }
    // One that has come in between hasn't been read.
    fs::write(folder.path().join("a.jsonl"), "{\"a\":1}\n").expect("written");
    let refused = inputs(folder.path()).resume(&batches[1].1);
    assert!(
        matches!(refused, Err(ResumeError::OtherInputs { .. })),
        "{refused:?}"
    );
}
