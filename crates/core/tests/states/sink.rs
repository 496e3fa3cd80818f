//! Somebody who is told of checkpoints, believes nothing and looks.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use spile_core::testing::MemoryBucket;
use spile_core::{CheckpointSink, PublishMode, Released, StreamName};

use crate::checks::{Places, has_manifest};
use crate::player::{Known, Said, SaidCheckpoint, known_by};
use crate::script::Script;

/// What a sink has been told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What is known by all of it, of earlier runs too.
    pub(crate) known: Known,
    /// The last checkpoint of each scope in this run.
    pub(crate) last: BTreeMap<Option<StreamName>, u64>,
    pub(crate) count: u64,
    /// Bytes of all that was told, and the most that were said and waited to be told.
    pub(crate) bytes: usize,
    pub(crate) waited_bytes: usize,
    pub(crate) calls: usize,
    pub(crate) has_failed: bool,
}

pub(crate) struct Sink {
    pub(crate) script: Arc<Script>,
    pub(crate) bucket: Arc<MemoryBucket>,
    pub(crate) run_id: String,
    pub(crate) publish: PublishMode,
    pub(crate) looks: bool,
    pub(crate) waits_for_end: bool,
    pub(crate) said: Arc<Mutex<Said>>,
    pub(crate) told: Arc<Mutex<Told>>,
    /// The call that fails.
    pub(crate) fails_at: Option<usize>,
    pub(crate) random: fastrand::Rng,
}

#[async_trait]
impl CheckpointSink for Sink {
    async fn release(&mut self, released: &[Released]) -> io::Result<()> {
        let wait = self.random.u64(..400);
        self.look(released);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let mut told = self.told.lock().expect("no panic");
        assert!(!told.has_failed, "who has failed is told nothing more");
        told.calls += 1;
        let said: usize = {
            let said = self.said.lock().expect("no panic");
            said.checkpoints.iter().map(|it| it.bytes).sum()
        };
        told.waited_bytes = told.waited_bytes.max(said - told.bytes);
        if self.fails_at == Some(told.calls) {
            told.has_failed = true;
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for released in released {
            let said = self.said.lock().expect("no panic");
            told.hear(released, &said, self.waits_for_end);
        }
        Ok(())
    }
}

impl Sink {
    /// All that a checkpoint knows is there, now.
    fn look(&self, released: &[Released]) {
        assert!(!released.is_empty(), "nothing is told");
        let is_whole = has_manifest(&self.bucket, &self.run_id);
        if self.publish == PublishMode::Run {
            assert!(is_whole, "nothing is told before all is there");
        }
        if !self.looks {
            return;
        }
        let there = Places::of(&self.bucket);
        for released in released {
            let mut known = Known::new();
            known_by(&released.checkpoint.text, &mut known);
            for record in self.script.records() {
                let name = crate::script::STREAMS[record.stream];
                let is_known = known.get(name).is_some_and(|count| record.number < *count);
                let is_gone = is_whole && !self.script.counts(record);
                if is_known && !is_gone {
                    assert!(there.count(record) > 0, "{record:?} isn't there: {known:?}");
                }
            }
        }
    }
}

impl Told {
    /// Where nothing is told before the run's end, and more waits than memory is for, those that say less
    /// may be passed over.
    fn hear(&mut self, released: &Released, said: &Said, waits_for_end: bool) {
        let bytes: usize = said.checkpoints.iter().map(|it| it.bytes).sum();
        let may_be_joined = waits_for_end && bytes >= 1 << 20;
        let checkpoint = &released.checkpoint;
        let text: serde_json::Value = serde_json::from_str(&checkpoint.text).expect("a text");
        let number = text["number"].as_u64().expect("a number");
        let last = self.last.insert(checkpoint.stream.clone(), number);
        let last = last.unwrap_or_default();
        assert!(last < number, "{number} comes after {last}");
        let is_since = |it: &&SaidCheckpoint| {
            it.stream == checkpoint.stream && last < it.number && it.number <= number
        };
        let since: Vec<&SaidCheckpoint> = said.checkpoints.iter().filter(is_since).collect();
        let (of, passed_over) = since.split_last().expect("it was said");
        assert_eq!((of.number, of.supersedes), (number, checkpoint.supersedes));
        for (at, it) in passed_over.iter().enumerate() {
            let is_superseded = since[at + 1..].iter().any(|later| later.supersedes);
            assert!(is_superseded || may_be_joined, "{it:?} was passed over");
        }
        let expect = since
            .iter()
            .fold((0, 0), |sum, it| (sum.0 + it.counts.0, sum.1 + it.counts.1));
        let counts = (released.records, released.rejected);
        assert_eq!(counts, expect, "the counts of {number} in {since:?}");
        known_by(&checkpoint.text, &mut self.known);
        self.count += 1;
        self.bytes += checkpoint.text.len();
    }
}
