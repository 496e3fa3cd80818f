//! Up to where all records are in objects that have appeared.

use std::collections::{BTreeSet, VecDeque};

use crate::object::ObjectId;

/// Follows objects from their beginning to their appearing, and says which checkpoints are safe.
///
/// A checkpoint is a cut: all objects that had begun before it were sealed, so that none holds
/// records from both sides.
#[derive(Debug, Default)]
pub(crate) struct Watermark {
    unfinished: BTreeSet<ObjectId>,
    cuts: VecDeque<Cut>,
    last: ObjectId,
}

/// What a source may go on from, and the last object that begins before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) objects: ObjectId,
    pub(crate) checkpoint: String,
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
    pub(crate) fn cut(&mut self, checkpoint: String) {
        let objects = self.last;
        self.cuts.push_back(Cut {
            objects,
            checkpoint,
        });
    }

    /// The last of all cuts: what the source may go on from when all has appeared.
    pub(crate) fn last_checkpoint(&self) -> Option<&str> {
        self.cuts.back().map(|cut| cut.checkpoint.as_str())
    }

    /// The last cut before which all objects have appeared, if there is a new one. Cuts before it
    /// are passed over: it says more.
    pub(crate) fn released(&mut self) -> Option<Cut> {
        let first = self.unfinished.first().copied();
        let is_safe = |cut: &Cut| first.is_none_or(|first| cut.objects < first);
        let mut released = None;
        while self.cuts.front().is_some_and(is_safe) {
            released = self.cuts.pop_front();
        }
        released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(objects: u64, checkpoint: &str) -> Option<Cut> {
        Some(Cut {
            objects: ObjectId(objects),
            checkpoint: checkpoint.to_owned(),
        })
    }

    #[test]
    fn a_checkpoint_waits_for_all_objects_before_it() {
        let mut watermark = Watermark::default();
        watermark.begun(ObjectId(1));
        watermark.begun(ObjectId(2));
        watermark.cut("a".to_owned());
        watermark.begun(ObjectId(3));
        watermark.cut("b".to_owned());
        watermark.finished(ObjectId(2));
        assert_eq!(watermark.released(), None);
        watermark.finished(ObjectId(1));
        assert_eq!(watermark.released(), cut(2, "a"));
        assert_eq!(watermark.released(), None, "it is told once");
        watermark.finished(ObjectId(3));
        assert_eq!(watermark.released(), cut(3, "b"));
    }

    #[test]
    fn of_two_that_are_safe_the_later_is_told() {
        let mut watermark = Watermark::after(ObjectId(7));
        watermark.cut("a".to_owned());
        watermark.begun(ObjectId(8));
        watermark.finished(ObjectId(8));
        watermark.cut("b".to_owned());
        assert_eq!(watermark.released(), cut(8, "b"));
    }
}
