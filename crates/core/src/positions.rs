//! Where records were read, followed to their encoder: only there is it found whether one fits a
//! declared column.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::source::{Batch, Position, PositionUnit};

/// Where some records were read.
#[derive(Clone)]
pub(crate) enum Positions<'a> {
    /// Nobody will ask.
    Untold,
    /// In a batch.
    Batch(BatchPositions<'a>),
    /// In several.
    Held(HeldPositions),
}

/// Records of a batch: `indices` has where they stand in it, unless that is where they stand anyway.
#[derive(Clone)]
pub(crate) struct BatchPositions<'a> {
    batch: &'a ReadBatch<'a>,
    indices: Option<&'a [u32]>,
    from: usize,
}

/// A batch, of which it is known where each record was read once that is asked.
pub(crate) struct ReadBatch<'a> {
    batch: &'a Batch,
    numbers: OnceCell<Vec<u64>>,
}

/// Records that were copied out of their batches.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldPositions {
    /// The inputs that they are of, each from a record on.
    inputs: Vec<(usize, Arc<str>, PositionUnit)>,
    numbers: Vec<u64>,
    from: usize,
}

impl<'a> Positions<'a> {
    pub(crate) fn of_batch(batch: &'a ReadBatch<'a>, indices: Option<&'a [u32]>) -> Self {
        let from = 0;
        Self::Batch(BatchPositions {
            batch,
            indices,
            from,
        })
    }

    /// Those of the records behind the first `count`.
    pub(crate) fn after(mut self, count: usize) -> Self {
        match &mut self {
            Positions::Untold => {}
            Positions::Batch(batch) => batch.from += count,
            Positions::Held(held) => held.from += count,
        }
        self
    }

    /// Where the record at an index was read, if that is followed.
    pub(crate) fn position(&self, index: usize) -> Option<Position> {
        match self {
            Positions::Untold => None,
            Positions::Batch(batch) => Some(batch.position(index)),
            Positions::Held(held) => held.position(index),
        }
    }
}

impl<'a> ReadBatch<'a> {
    pub(crate) fn new(batch: &'a Batch) -> Self {
        let numbers = OnceCell::new();
        Self { batch, numbers }
    }

    fn number(&self, index: usize) -> u64 {
        let numbers = self.numbers.get_or_init(|| self.batch.numbers());
        numbers.get(index).copied().unwrap_or_default()
    }
}

impl BatchPositions<'_> {
    fn index(&self, index: usize) -> usize {
        let index = self.from + index;
        let picked = |indices: &[u32]| indices.get(index).map(|index| *index as usize);
        self.indices.map_or(Some(index), picked).unwrap_or(index)
    }

    fn position(&self, index: usize) -> Position {
        self.batch.batch.position_of(self.index(index))
    }
}

impl HeldPositions {
    /// Adds the first of some records behind those that are there.
    pub(crate) fn push(&mut self, positions: &Positions<'_>, count: usize) {
        let Positions::Batch(positions) = positions else {
            return;
        };
        let Position { origin, unit, .. } = &positions.batch.batch.position;
        let is_same = |(_, last, of): &(_, _, _)| last == origin && of == unit;
        if !self.inputs.last().is_some_and(is_same) {
            let input = (self.numbers.len(), Arc::clone(origin), *unit);
            self.inputs.push(input);
        }
        let number = |index| positions.batch.number(positions.index(index));
        self.numbers.extend((0..count).map(number));
    }

    /// Bytes of memory that they take up.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<u64>()
    }

    fn position(&self, index: usize) -> Option<Position> {
        let index = self.from + index;
        let input = self.inputs.partition_point(|(from, ..)| *from <= index);
        let (_, origin, unit) = self.inputs.get(input.checked_sub(1)?)?;
        Some(Position {
            origin: Arc::clone(origin),
            unit: *unit,
            number: *self.numbers.get(index)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::records::{JsonRecords, Records, Span};
    use crate::source::StreamName;

    fn batch(origin: &str, text: &'static str, number: u64) -> Batch {
        let mut start = 0;
        let mut spans = Vec::new();
        for line in text.split('\n') {
            let end = start + line.len() as u32;
            if !line.is_empty() {
                spans.push(Span { start, end });
            }
            start = end + 1;
        }
        let records = JsonRecords::new(Bytes::from_static(text.as_bytes()), spans);
        Batch {
            stream: StreamName::new("s"),
            generation: None,
            records: Records::Json(records.unwrap()),
            rejected: Vec::new(),
            position: Position {
                origin: origin.into(),
                unit: PositionUnit::Line,
                number,
            },
            input_bytes: 0,
        }
    }

    fn shown(positions: &Positions<'_>, index: usize) -> String {
        let position = positions.position(index);
        position.map_or("nowhere".to_owned(), |position| position.to_string())
    }

    #[test]
    fn records_are_followed_out_of_their_batches() {
        let (a, b) = (
            batch("a", "{}\n\n{}\n{}", 7),
            batch("b", "{}\n{}\n\n\n{}", 1),
        );
        let (a, b) = (ReadBatch::new(&a), ReadBatch::new(&b));
        let whole = Positions::of_batch(&a, None);
        assert_eq!(shown(&whole, 1), "line 9 of a");
        assert_eq!(shown(&whole.after(1), 1), "line 10 of a");
        let some = Positions::of_batch(&b, Some(&[0, 2]));
        assert_eq!(shown(&some, 1), "line 5 of b");

        let mut held = HeldPositions::default();
        held.push(&some, 2);
        held.push(&Positions::of_batch(&a, None).after(2), 1);
        held.push(&Positions::Untold, 1);
        let held = Positions::Held(held);
        let shown: Vec<String> = (0..4).map(|index| shown(&held, index)).collect();
        assert_eq!(
            shown,
            ["line 1 of b", "line 5 of b", "line 10 of a", "nowhere"]
        );
        assert_eq!(held.after(2).position(0).map(|it| it.number), Some(10));
    }
}
