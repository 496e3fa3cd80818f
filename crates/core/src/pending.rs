//! Checkpoints that wait for a cut.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::ledger::Cut;
use crate::source::{Checkpoint, StreamName};

/// A checkpoint that is safe: all records before it are in objects that have appeared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Records of what it is about that were read since the one before it and are there now.
    pub records: u64,
    /// Those among what was read since then that were set aside as bad ones.
    pub rejected: u64,
}

/// When all open objects are sealed for the sake of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutPolicy {
    /// After so many bytes of input, at the next checkpoint.
    pub bytes: u64,
    /// When a checkpoint has waited for so long.
    pub age_ms: Option<u64>,
    /// When the texts of those that wait have so many bytes. Four times as much may wait for its objects
    /// to appear, and sixteen times as much for the run's end, where no cut could make it less.
    pub text_bytes: usize,
}

impl CutPolicy {
    /// No more text waits for objects that are sealed.
    pub(crate) fn unreleased_bytes_max(&self) -> usize {
        self.text_bytes.saturating_mul(4)
    }

    /// No more text waits for the run's end.
    fn run_end_bytes_max(&self) -> usize {
        self.text_bytes.saturating_mul(16)
    }
}

/// Checkpoints that wait for a cut, and what was read since the last one.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    released: Vec<Released>,
    /// What the source can go on from, of all it has said so far.
    last: Last,
    counts: HashMap<StreamName, Counts>,
    /// Bytes of input since the last cut.
    bytes: u64,
    /// Bytes of the texts that wait.
    text_bytes: usize,
    /// When the first of those that wait came.
    since_ms: Option<u64>,
    /// Whether states were passed over, since too many wait.
    is_joined: bool,
    /// Whether the source has gone on from what an earlier attempt had released.
    is_resumed: bool,
}

/// The last checkpoints: about all streams, and about each of them.
#[derive(Debug, Default)]
struct Last {
    whole: Option<Arc<str>>,
    streams: BTreeMap<StreamName, Arc<str>>,
}

/// What was read of a stream since its last checkpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    records: u64,
    rejected: u64,
}

/// The last of some checkpoints about each stream, and about all: it says more than those before it, and
/// counts what they do. Where many wait for long, the others are passed over.
fn joined(released: Vec<Released>) -> Vec<Released> {
    let mut joined: Vec<Option<Released>> = Vec::new();
    let mut places: HashMap<Option<StreamName>, usize> = HashMap::new();
    for mut next in released {
        let place = places.insert(next.checkpoint.stream.clone(), joined.len());
        if let Some(earlier) = place.and_then(|at| joined.get_mut(at)?.take()) {
            next.records += earlier.records;
            next.rejected += earlier.rejected;
        }
        joined.push(Some(next));
    }
    joined.into_iter().flatten().collect()
}

/// Bytes of the texts of checkpoints.
pub(crate) fn text_bytes(released: &[Released]) -> usize {
    released.iter().map(|it| it.checkpoint.text.len()).sum()
}

impl Pending {
    /// Those of a run whose source goes on from where an earlier attempt was.
    pub(crate) fn resumed() -> Self {
        Self {
            is_resumed: true,
            ..Self::default()
        }
    }

    /// Records of a stream were read, and some were set aside.
    pub(crate) fn read(&mut self, stream: &StreamName, read: usize, rejected: usize, bytes: u64) {
        let counts = match self.counts.get_mut(stream) {
            Some(counts) => counts,
            None => self.counts.entry(stream.clone()).or_default(),
        };
        counts.records += (read - rejected) as u64;
        counts.rejected += rejected as u64;
        self.bytes += bytes;
    }

    /// A checkpoint has come. Where it waits for the run's end, and many do, those that say less are
    /// passed over.
    pub(crate) fn add(
        &mut self,
        checkpoint: Checkpoint,
        now_ms: u64,
        policy: &CutPolicy,
        waits_for_end: bool,
    ) {
        let mut counts = self.take_counts(checkpoint.stream.as_ref());
        self.last.add(&checkpoint);
        if checkpoint.supersedes
            && let Some(at) = self.superseded_by(&checkpoint)
        {
            let earlier = self.released.remove(at);
            self.text_bytes -= earlier.checkpoint.text.len();
            counts.records += earlier.records;
            counts.rejected += earlier.rejected;
        }
        self.text_bytes += checkpoint.text.len();
        self.since_ms.get_or_insert(now_ms);
        self.released.push(Released {
            checkpoint,
            records: counts.records,
            rejected: counts.rejected,
        });
        if waits_for_end && self.text_bytes >= policy.run_end_bytes_max() {
            if !self.is_joined {
                let bytes = policy.run_end_bytes_max();
                tracing::warn!(
                    "more than {bytes} bytes of states wait for the end of the run: of each stream, only the \
                     last will be told, with the sum of what they count"
                );
            }
            self.is_joined = true;
            self.released = joined(std::mem::take(&mut self.released));
            self.text_bytes = text_bytes(&self.released);
        }
    }

    /// Whether what is open is to be sealed now.
    pub(crate) fn is_due(&self, policy: &CutPolicy, now_ms: u64) -> bool {
        !self.released.is_empty()
            && (self.bytes >= policy.bytes
                || self.text_bytes >= policy.text_bytes
                || self.is_old(policy, now_ms))
    }

    /// Whether a checkpoint has waited for too long.
    pub(crate) fn is_old(&self, policy: &CutPolicy, now_ms: u64) -> bool {
        let waited = self.since_ms.map(|since| now_ms.saturating_sub(since));
        waited
            .zip(policy.age_ms)
            .is_some_and(|(waited, age)| waited >= age)
    }

    /// All that is open was sealed, and so all that waits is safe once it has appeared.
    pub(crate) fn cut(&mut self) -> Option<Cut> {
        self.bytes = 0;
        self.text_bytes = 0;
        self.since_ms = None;
        let released = std::mem::take(&mut self.released);
        (!released.is_empty()).then(|| Cut {
            checkpoint: self.last.text(),
            is_exact: !self.is_behind(),
            released,
        })
    }

    /// Whether there are records that the last checkpoints don't know: one about a stream says nothing of
    /// others, be it that an earlier attempt has loaded them.
    pub(crate) fn is_behind(&self) -> bool {
        let Last { whole, streams } = &self.last;
        let is_partial = self.is_resumed && whole.is_none() && !streams.is_empty();
        !self.counts.is_empty() || is_partial
    }

    fn superseded_by(&self, checkpoint: &Checkpoint) -> Option<usize> {
        let is_about = |it: &Released| it.checkpoint.stream == checkpoint.stream;
        self.released.iter().rposition(is_about)
    }

    fn take_counts(&mut self, stream: Option<&StreamName>) -> Counts {
        match stream {
            Some(stream) => self.counts.remove(stream).unwrap_or_default(),
            None => {
                let counts = self.counts.drain().map(|(_, counts)| counts);
                counts.fold(Counts::default(), |sum, it| Counts {
                    records: sum.records + it.records,
                    rejected: sum.rejected + it.rejected,
                })
            }
        }
    }
}

impl Last {
    fn add(&mut self, checkpoint: &Checkpoint) {
        let text = Arc::clone(&checkpoint.text);
        match &checkpoint.stream {
            // It says more than those about single streams that came before it.
            None => {
                self.whole = Some(text);
                self.streams.clear();
            }
            Some(stream) => {
                self.streams.insert(stream.clone(), text);
            }
        }
    }

    /// One text: that about all streams, or where there is one about each, an array of them.
    fn text(&self) -> String {
        if let (Some(whole), true) = (&self.whole, self.streams.is_empty()) {
            return whole.to_string();
        }
        let texts: Vec<&str> = self
            .whole
            .iter()
            .chain(self.streams.values())
            .map(|text| &**text)
            .collect();
        format!("[{}]", texts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: CutPolicy = CutPolicy {
        bytes: 100,
        age_ms: Some(1_000),
        text_bytes: 1 << 10,
    };

    fn checkpoint(stream: Option<&str>, text: &str, supersedes: bool) -> Checkpoint {
        Checkpoint {
            stream: stream.map(StreamName::new),
            text: text.into(),
            supersedes,
        }
    }

    fn told(cut: &Cut) -> Vec<(&str, u64, u64)> {
        let told = |it: &Released| (it.records, it.rejected);
        let texts = cut.released.iter().map(|it| &*it.checkpoint.text);
        texts
            .zip(cut.released.iter().map(told))
            .map(|(text, (records, rejected))| (text, records, rejected))
            .collect()
    }

    #[test]
    fn each_checkpoint_counts_what_was_read_since_the_one_before() {
        let (a, b) = (StreamName::new("a"), StreamName::new("b"));
        let mut pending = Pending::default();
        pending.read(&a, 5, 1, 10);
        pending.read(&b, 7, 0, 10);
        pending.add(checkpoint(Some("a"), "1", false), 0, &POLICY, false);
        pending.read(&a, 1, 0, 10);
        pending.add(checkpoint(Some("a"), "2", false), 0, &POLICY, false);
        pending.add(checkpoint(Some("b"), "3", false), 0, &POLICY, false);
        let cut = pending.cut().expect("a cut");
        assert_eq!(told(&cut), [("1", 4, 1), ("2", 1, 0), ("3", 7, 0)]);
        assert_eq!((&*cut.checkpoint, cut.is_exact), ("[2,3]", true));
        assert_eq!(pending.cut(), None);
    }

    #[test]
    fn a_later_one_takes_the_place_of_an_earlier_one() {
        let a = StreamName::new("a");
        let mut pending = Pending::default();
        pending.read(&a, 5, 0, 10);
        pending.add(checkpoint(None, "1", true), 0, &POLICY, false);
        pending.read(&a, 2, 1, 10);
        pending.add(checkpoint(None, "2", true), 0, &POLICY, false);
        pending.read(&a, 1, 0, 10);
        let cut = pending.cut().expect("a cut");
        assert_eq!(told(&cut), [("2", 6, 1)]);
        assert_eq!((&*cut.checkpoint, cut.is_exact), ("2", false));
    }

    #[test]
    fn a_checkpoint_of_one_stream_is_no_exact_cut_of_others() {
        let (a, b) = (StreamName::new("a"), StreamName::new("b"));
        let is_exact = |about: &[Option<&str>]| {
            let mut pending = Pending::default();
            pending.read(&a, 1, 0, 10);
            pending.read(&b, 1, 1, 10);
            for stream in about {
                pending.add(checkpoint(*stream, "1", true), 0, &POLICY, false);
            }
            pending.cut().expect("a cut").is_exact
        };
        assert!(!is_exact(&[Some("a")]));
        assert!(!is_exact(&[Some("b"), Some("b")]));
        assert!(is_exact(&[Some("b"), Some("a")]));
        assert!(is_exact(&[None]));
    }

    #[test]
    fn what_a_resumed_source_says_of_one_stream_is_not_all_that_is_there() {
        let is_exact = |about| {
            let mut pending = Pending::resumed();
            assert!(!pending.is_behind(), "it has said nothing");
            pending.add(checkpoint(about, "1", true), 0, &POLICY, false);
            pending.cut().expect("a cut").is_exact
        };
        assert!(!is_exact(Some("a")));
        assert!(is_exact(None));
    }

    #[test]
    fn a_checkpoint_of_all_streams_takes_the_place_of_those_before_it() {
        let mut pending = Pending::default();
        let mut text = |stream, text| {
            pending.add(checkpoint(stream, text, false), 0, &POLICY, false);
            pending.cut().expect("a cut").checkpoint
        };
        assert_eq!(text(Some("a"), "1"), "[1]");
        assert_eq!(text(None, "2"), "2");
        assert_eq!(text(Some("b"), "3"), "[2,3]");
    }

    #[test]
    fn where_many_wait_for_the_end_the_last_of_each_are_told() {
        let (a, long) = (
            StreamName::new("a"),
            "1".repeat(POLICY.run_end_bytes_max() / 2),
        );
        let mut pending = Pending::default();
        for text in ["1", &long, "2", &long] {
            pending.read(&a, 2, 1, 10);
            pending.add(checkpoint(Some("a"), text, false), 0, &POLICY, true);
        }
        let cut = pending.cut().expect("a cut");
        assert_eq!(told(&cut), [(&*long, 4, 4)]);
    }

    #[test]
    fn a_cut_is_due_by_bytes_by_age_and_by_the_texts_that_wait() {
        let a = StreamName::new("a");
        let due = |bytes, now_ms, text: &str| {
            let mut pending = Pending::default();
            pending.read(&a, 1, 0, bytes);
            assert!(!pending.is_due(&POLICY, now_ms), "there is none");
            pending.add(checkpoint(None, text, false), 0, &POLICY, false);
            pending.is_due(&POLICY, now_ms)
        };
        assert!(!due(99, 999, "1"));
        assert!(due(100, 0, "1"));
        assert!(due(1, 1_000, "1"));
        assert!(due(1, 0, &"1".repeat(POLICY.text_bytes)));
    }
}
