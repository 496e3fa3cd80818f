//! What has to be there.

use std::collections::BTreeMap;

use spile_core::testing::MemoryBucket;
use spile_core::{Ending, Outcome, PublishMode, QuarantinedRecord, RunError};

use crate::kit::objects;
use crate::player::{Known, Said, known_by};
use crate::schedule::Schedule;
use crate::script::{Kind, Record, STREAMS};
use crate::sink::Told;

/// How often each record is there: beside the others, or set aside.
#[derive(Debug, Default)]
pub(crate) struct Places {
    loaded: BTreeMap<(String, usize), usize>,
    aside: BTreeMap<(String, usize), usize>,
}

impl Places {
    pub(crate) fn of(bucket: &MemoryBucket) -> Self {
        let mut places = Self::default();
        for (key, text) in objects(bucket) {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            if key.starts_with("_spile/quarantine/") {
                for line in lines {
                    let bad: QuarantinedRecord = serde_json::from_str(line).expect("a line");
                    let name = name(&bad.record.expect("a text"));
                    assert_eq!(bad.stream, name.0);
                    *places.aside.entry(name).or_default() += 1;
                }
            } else if !key.starts_with("_spile/") {
                for line in lines {
                    assert!(key.starts_with(&name(line).0), "{line} is at {key}");
                    *places.loaded.entry(name(line)).or_default() += 1;
                }
            }
        }
        places
    }

    pub(crate) fn count(&self, record: &Record) -> usize {
        let name = (STREAMS[record.stream].to_owned(), record.number);
        let places = match record.kind {
            Kind::Good => &self.loaded,
            Kind::Astray | Kind::Unread => &self.aside,
        };
        places.get(&name).copied().unwrap_or_default()
    }
}

fn name(line: &str) -> (String, usize) {
    let value: serde_json::Value = serde_json::from_str(line).expect("a record");
    let (stream, number) = (value["s"].as_str(), value["n"].as_u64());
    let number = number.expect("a number") as usize;
    (stream.expect("a stream").to_owned(), number)
}

pub(crate) fn has_manifest(bucket: &MemoryBucket, run_id: &str) -> bool {
    let of_run = format!("/runs/{run_id}/");
    let objects = bucket.objects();
    let mut keys = objects.iter().map(|(key, _)| key.as_str());
    keys.any(|key| key.contains(&of_run) && key.ends_with("manifest.json"))
}

/// What a run has told and what it says of itself are the same, and nothing is missing that its way of
/// ending owes.
pub(crate) fn ended(schedule: &Schedule, outcome: &Outcome, said: &Said, told: &Told) {
    let is_done = matches!(outcome.ending, Ending::Done);
    let is_told = is_done || matches!(outcome.ending, Ending::Failed(RunError::Sink(_)));
    if schedule.publish == PublishMode::Run && !is_told {
        assert_eq!(told.count, 0, "nothing is told of what isn't whole");
        assert_eq!(outcome.checkpoint, None);
    }
    let is_early_end =
        matches!(&outcome.ending, Ending::Failed(RunError::Source(it)) if it.is_early_end());
    if is_done || (is_early_end && schedule.appends_at_once()) {
        for it in &said.checkpoints {
            let last = told.last.get(&it.stream).copied().unwrap_or_default();
            assert!(last >= it.number, "{it:?} was not told, {last} was");
        }
    }
    if is_done {
        assert!(said.is_at_end, "it has ended before its source");
    }
    if let Some(checkpoint) = outcome.checkpoint.as_ref().filter(|_| !told.has_failed) {
        let mut known = Known::new();
        known_by(checkpoint, &mut known);
        for (stream, count) in known {
            assert_eq!(told.known.get(&stream), Some(&count), "of {stream}");
        }
    }
}

/// Each record that counts is there, `exactly` once or at least once, and no other.
pub(crate) fn all_is_there(schedule: &Schedule, bucket: &MemoryBucket, exactly: bool) {
    let there = Places::of(bucket);
    for record in schedule.script.records() {
        let count = there.count(record);
        match record.kind {
            Kind::Good if !schedule.script.counts(record) => {
                assert_eq!(count, 0, "{record:?} counts no more");
            }
            _ if exactly => assert_eq!(count, 1, "{record:?}"),
            _ => assert!(count > 0, "{record:?} is lost"),
        }
    }
    assert_eq!(bucket.pending_uploads(), 0, "no upload is left");
}
