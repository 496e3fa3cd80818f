//! Up to where all records are in objects that have appeared.

use std::collections::{BTreeSet, VecDeque};

use crate::object::ObjectId;
use crate::pending::{Released, text_bytes};

/// Follows objects from their beginning to their appearing, and says which checkpoints are safe.
///
/// A checkpoint is a cut: all objects that had begun before it were sealed, so that none holds
/// records from both sides.
#[derive(Debug, Default)]
pub(crate) struct Watermark {
    unfinished: BTreeSet<ObjectId>,
    cuts: VecDeque<(ObjectId, Cut)>,
    /// Bytes of all their texts.
    text_bytes: usize,
    last: ObjectId,
}

impl Cut {
    fn text_bytes(&self) -> usize {
        self.checkpoint.len() + text_bytes(&self.released)
    }
}

/// What was read up to a place in the input at which everything was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// What the source may go on from.
    pub(crate) checkpoint: String,
    /// Whether no record was read behind the last checkpoint.
    pub(crate) is_exact: bool,
    /// The checkpoints since the cut before, in their order.
    pub(crate) released: Vec<Released>,
}

/// A cut before which everything has appeared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SafeCut {
    /// The last object that begins before it.
    pub(crate) objects: ObjectId,
    pub(crate) cut: Cut,
}

impl Watermark {
    /// The watermark of a run whose objects are numbered after one.
    pub(crate) fn after(last: ObjectId) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// An object begins.
    pub(crate) fn begun(&mut self, object: ObjectId) {
        self.last = self.last.max(object);
        self.unfinished.insert(object);
    }

    /// An object has appeared, or was given up without a record in it.
    pub(crate) fn finished(&mut self, object: ObjectId) {
        self.unfinished.remove(&object);
    }

    /// All objects that have begun are sealed, and hold all records up to here.
    pub(crate) fn cut(&mut self, cut: Cut) {
        self.text_bytes += cut.text_bytes();
        self.cuts.push_back((self.last, cut));
    }

    /// The last of all cuts: what the source may go on from when all has appeared.
    pub(crate) fn last_checkpoint(&self) -> Option<&str> {
        self.cuts.back().map(|(_, cut)| cut.checkpoint.as_str())
    }

    /// Bytes of the texts that wait for objects to appear.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// The last cut before which all objects have appeared, if there is a new one, with the
    /// checkpoints of those before it.
    pub(crate) fn released(&mut self) -> Option<SafeCut> {
        let first = self.unfinished.first().copied();
        let is_safe = |(objects, _): &(ObjectId, Cut)| first.is_none_or(|first| *objects < first);
        let mut released: Vec<Released> = Vec::new();
        let mut last = None;
        while self.cuts.front().is_some_and(is_safe)
            && let Some((objects, mut cut)) = self.cuts.pop_front()
        {
            self.text_bytes -= cut.text_bytes();
            released.append(&mut cut.released);
            last = Some((objects, cut));
        }
        last.map(|(objects, cut)| SafeCut {
            objects,
            cut: Cut { released, ..cut },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Checkpoint;

    fn cut(text: &str) -> Cut {
        Cut {
            checkpoint: text.to_owned(),
            is_exact: true,
            released: vec![released(text)],
        }
    }

    fn released(text: &str) -> Released {
        let checkpoint = Checkpoint {
            stream: None,
            text: text.into(),
            supersedes: false,
        };
        Released {
            checkpoint,
            records: 0,
            rejected: 0,
        }
    }

    fn safe(objects: u64, texts: &[&str]) -> Option<SafeCut> {
        Some(SafeCut {
            objects: ObjectId(objects),
            cut: Cut {
                released: texts.iter().map(|text| released(text)).collect(),
                ..cut(texts[texts.len() - 1])
            },
        })
    }

    #[test]
    fn a_checkpoint_waits_for_all_objects_before_it() {
        let mut watermark = Watermark::default();
        watermark.begun(ObjectId(1));
        watermark.begun(ObjectId(2));
        watermark.cut(cut("a"));
        watermark.begun(ObjectId(3));
        watermark.cut(cut("b"));
        assert_eq!(watermark.text_bytes(), 4);
        watermark.finished(ObjectId(2));
        assert_eq!(watermark.released(), None);
        watermark.finished(ObjectId(1));
        assert_eq!(watermark.released(), safe(2, &["a"]));
        assert_eq!(watermark.released(), None, "it is told once");
        watermark.finished(ObjectId(3));
        assert_eq!(watermark.released(), safe(3, &["b"]));
        assert_eq!(watermark.text_bytes(), 0);
    }

    #[test]
    fn of_two_that_are_safe_the_later_is_told_with_what_was_said_before() {
        let mut watermark = Watermark::after(ObjectId(7));
        watermark.cut(cut("a"));
        watermark.begun(ObjectId(8));
        watermark.finished(ObjectId(8));
        watermark.cut(cut("b"));
        assert_eq!(watermark.released(), safe(8, &["a", "b"]));
    }
}
