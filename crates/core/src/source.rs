//! The port that records come in by.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::json_schema::SchemaColumn;
use crate::records::Records;

/// A stream of a connection: its name, in a namespace where its source has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName {
    /// The schema, database or group that the source keeps the stream in.
    pub namespace: Option<Arc<str>>,
    /// The stream's own name, never empty.
    pub name: Arc<str>,
}

/// What a source has to say, in the order in which it was read.
#[derive(Clone, Debug)]
pub enum Message {
    /// What is known of a stream beforehand. What is said again replaces what was said before, for
    /// the records that follow.
    Stream(StreamDeclaration),
    /// Records.
    Batch(Batch),
    /// All records up to here are known by what the source can go on from.
    Checkpoint(Checkpoint),
    /// Of a stream, other generations count no more once the run is whole.
    Activate {
        /// The stream.
        stream: StreamName,
        /// Those that count.
        generations: Generations,
    },
}

/// What a source says of a stream before its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamDeclaration {
    /// The stream.
    pub name: StreamName,
    /// Its columns, where the source has declared any.
    pub columns: Option<Vec<SchemaColumn>>,
    /// The field that the source goes by when it asks for what is new, as the keys that lead to it;
    /// empty where it has named none.
    pub cursor: Vec<String>,
    /// How the source wants it to be written, where it says so.
    pub write: Option<DeclaredWrite>,
    /// What the platform that runs the source calls this run, where one does.
    pub sync_id: Option<i64>,
}

/// How a source wants a stream to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclaredWrite {
    /// What is there stays.
    Append,
    /// All that earlier runs have written goes, once the source has said that it is whole.
    Overwrite,
}

/// The generations of a stream that count. A source numbers them (Singer's versions, Airbyte's
/// generations): a later one is the whole stream anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generations {
    /// This one and later ones; what has none is older.
    From(i64),
    /// This one and later ones, and what has none: a stream that records are appended to has begun
    /// before its source numbered anything.
    FromAndUnnumbered(i64),
    /// What this run has written, where generations have no numbers.
    OfRun,
}

impl Generations {
    /// Whether objects of a generation, or of none, count no more.
    pub(crate) fn is_over(self, generation: Option<i64>) -> bool {
        match self {
            Self::From(first) => generation.is_none_or(|it| it < first),
            Self::FromAndUnnumbered(first) => generation.is_some_and(|it| it < first),
            Self::OfRun => true,
        }
    }
}

/// What a source can go on from: all records before it are known by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The one stream that it is about; `None` where it is about all of them.
    pub stream: Option<StreamName>,
    /// The source's own words.
    pub text: Arc<str>,
    /// Whether whoever is told of it needs none of the earlier ones that are about the same.
    pub supersedes: bool,
}

/// Some consecutive records of one stream, and what was to be records of it and can't be read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The stream that the records belong to.
    pub stream: StreamName,
    /// The generation of the stream that they are part of, where its source numbers them.
    pub generation: Option<i64>,
    /// The records, about a mebibyte of them.
    pub records: Records,
    /// Those among them that can't be read, in their order.
    pub rejected: Vec<RejectedRecord>,
    /// Where the first of the records was read; where there is none, the first of those rejected.
    pub position: Position,
    /// Bytes of input, as they lie on disk or come out of a pipe, that this batch was read from.
    pub input_bytes: u64,
}

/// A record that can't be read or loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Where it stands.
    pub position: Position,
    /// What is wrong with it.
    pub cause: String,
    /// Its own bytes, as they were read.
    pub text: Bytes,
    /// Whether that is only its beginning, since it is too long.
    pub is_cut: bool,
    /// How many records of its batch stand before it.
    pub before: usize,
}

/// Where a record was read, for a person who has to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file's path as it was given, `stdin`, or what stands for another pipe.
    pub origin: Arc<str>,
    /// What `number` counts.
    pub unit: PositionUnit,
    /// From 1.
    pub number: u64,
}

/// What a [`Position`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionUnit {
    /// Lines of text, of which each record has at least one.
    Line,
    /// Rows of a table.
    Row,
}

/// Reads records. It runs on a thread of its own, so that it may block and use the processor.
pub trait Source: Send {
    /// What comes next, about a mebibyte of input and never nothing; or `None` at the end of the
    /// input. A record that can't be read, and after which others can, is no error: it comes with
    /// its batch, as a rejected one.
    ///
    /// # Errors
    /// What can't be read, and where. What stands before it was all returned by earlier calls.
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError>;

    /// Its records alone, for whoever has no use for the rest.
    fn batches(self) -> Batches<Self>
    where
        Self: Sized,
    {
        Batches {
            source: self,
            ahead: Vec::new().into_iter(),
        }
    }
}

/// The records of a source, see [`Source::batches`]. It may go on after an error.
#[derive(Debug)]
pub struct Batches<S> {
    source: S,
    ahead: std::vec::IntoIter<Message>,
}

impl<S: Source> Iterator for Batches<S> {
    type Item = Result<Batch, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.ahead.next() {
                Some(Message::Batch(batch)) => return Some(Ok(batch)),
                Some(_) => {}
                None => match self.source.next_messages().transpose()? {
                    Ok(messages) => self.ahead = messages.into_iter(),
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }
}

/// What went wrong in a source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The input can't be opened or read.
    #[error("read {origin}")]
    Read {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
        /// Why.
        source: std::io::Error,
    },
    /// The input is no complete, well-formed file of its format.
    #[error("read {origin} as {format}: {cause}")]
    Format {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
        /// The format it was read as.
        format: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// A record that isn't well-formed.
    #[error("read the record at {position}: {cause}")]
    Record {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        cause: String,
    },
    /// A line that is no message of the protocol that the source speaks, or one at the wrong place.
    #[error("read the message at {position}: {cause}")]
    Message {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        cause: String,
    },
    /// The source has ended without saying that it had given all there is. What it gave is whole.
    #[error("read the input to its end: {cause}")]
    Incomplete {
        /// What is missing.
        cause: String,
    },
    /// The program that gives the input didn't end well: whether its output is whole, nobody knows.
    #[error("read the source `{program}` to its end: {cause}")]
    Program {
        /// The program, without its arguments, since secrets may stand there.
        program: Arc<str>,
        /// How it ended.
        cause: String,
    },
}

impl StreamName {
    /// A stream outside of any namespace.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            namespace: None,
            name: name.into(),
        }
    }
}

impl StreamDeclaration {
    /// A stream of which nothing but its name is known.
    pub fn named(name: StreamName) -> Self {
        Self {
            name,
            columns: None,
            cursor: Vec::new(),
            write: None,
            sync_id: None,
        }
    }
}

impl SourceError {
    /// Whether all that was read before it is whole and may be published: the input has merely ended
    /// too early.
    pub fn is_early_end(&self) -> bool {
        matches!(self, Self::Incomplete { .. })
    }
}

impl Batch {
    /// How many records of the input it was read from, rejected ones among them.
    pub fn records_read(&self) -> usize {
        self.records.len() + self.rejected.len()
    }

    /// Where the record at `index` was read.
    pub fn position_of(&self, index: usize) -> Position {
        let before = match (&self.records, self.position.unit) {
            (Records::Json(json), PositionUnit::Line) => json.line_of(index),
            _ => {
                let is_between = |bad: &&RejectedRecord| (1..=index).contains(&bad.before);
                (index + self.rejected.iter().filter(is_between).count()) as u64
            }
        };
        Position {
            number: self.position.number + before,
            ..self.position.clone()
        }
    }

    /// The number of where each record was read, see [`Batch::position_of`].
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let first = self.position.number;
        match (&self.records, self.position.unit) {
            (Records::Json(json), PositionUnit::Line) => {
                let lines = json.all_lines();
                lines.into_iter().map(|line| first + line).collect()
            }
            _ => (0..self.records.len())
                .map(|index| self.position_of(index).number)
                .collect(),
        }
    }

    /// What is left of it without the first `count` of the records that it was read from; `None`
    /// where that is nothing.
    pub fn after(self, count: usize) -> Option<Self> {
        let is_passed = |(at, bad): (usize, &RejectedRecord)| at + bad.before < count;
        let rejected = self.rejected.iter().enumerate();
        let passed = rejected.take_while(|it| is_passed(*it)).count();
        let records = (count - passed).min(self.records.len());
        let mut rejected = self.rejected.clone();
        rejected.drain(..passed);
        let position = match rejected.first() {
            Some(bad) if records == self.records.len() => bad.position.clone(),
            _ => self.position_of(records),
        };
        for bad in &mut rejected {
            bad.before -= records;
        }
        let is_all = records == self.records.len() && rejected.is_empty();
        (!is_all).then(|| Self {
            position,
            records: self.records.slice(records..self.records.len()),
            rejected,
            ..self
        })
    }

    /// Its records before the first rejected one, and that as an error: for a run that goes no
    /// further.
    pub fn up_to_rejected(mut self) -> (Self, Option<SourceError>) {
        if self.rejected.is_empty() {
            return (self, None);
        }
        let bad = self.rejected.swap_remove(0);
        let records = self.records.slice(0..bad.before);
        let good = Self {
            records,
            rejected: Vec::new(),
            ..self
        };
        (good, Some(bad.into()))
    }
}

impl From<RejectedRecord> for SourceError {
    fn from(bad: RejectedRecord) -> Self {
        SourceError::Record {
            position: bad.position,
            cause: bad.cause,
        }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PositionUnit::Line => "line",
            PositionUnit::Row => "row",
        };
        write!(f, "{unit} {} of {}", self.number, self.origin)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use super::*;

    fn at(number: u64) -> Position {
        Position {
            origin: "f".into(),
            unit: PositionUnit::Row,
            number,
        }
    }

    /// Rows of which those with a mark are bad.
    fn batch(bad: &[bool]) -> Batch {
        let (mut rows, mut rejected) = (Vec::new(), Vec::new());
        for (number, is_bad) in (1..).zip(bad) {
            match is_bad {
                false => rows.push(number),
                true => rejected.push(RejectedRecord {
                    position: at(number),
                    cause: String::new(),
                    text: Bytes::new(),
                    is_cut: false,
                    before: rows.len(),
                }),
            }
        }
        let first = rows.first().copied().unwrap_or(1);
        let rows = rows.into_iter().map(|number| number as i64);
        let rows: ArrayRef = Arc::new(Int64Array::from_iter_values(rows));
        let rows = RecordBatch::try_from_iter([("n", rows)]).expect("columns");
        Batch {
            stream: StreamName::new("s"),
            generation: None,
            records: Records::Columns(rows),
            rejected,
            position: at(first),
            input_bytes: 0,
        }
    }

    /// Where everything in a batch was read, good and bad apart.
    fn numbers(batch: &Batch) -> (Vec<u64>, Vec<u64>) {
        let good = (0..batch.records.len()).map(|index| batch.position_of(index).number);
        let bad = batch.rejected.iter().map(|bad| bad.position.number);
        (good.collect(), bad.collect())
    }

    #[test]
    fn what_is_passed_over_is_counted_in_the_order_of_reading() {
        for bits in 0..64_u32 {
            let bad: Vec<bool> = (0..6).map(|bit| bits >> bit & 1 == 1).collect();
            let (good, aside) = numbers(&batch(&bad));
            for count in 0..=6 {
                let later = |all: &[u64]| -> Vec<u64> {
                    all.iter().copied().filter(|it| *it > count).collect()
                };
                let left = batch(&bad).after(count as usize);
                let first = left.as_ref().map(|left| match left.records.is_empty() {
                    true => left.rejected[0].position.number,
                    false => left.position_of(0).number,
                });
                assert_eq!(first, left.as_ref().map(|left| left.position.number));
                let left = left.map(|left| numbers(&left)).unwrap_or_default();
                assert_eq!(left, (later(&good), later(&aside)), "{bad:?} after {count}");
            }
        }
    }

    #[test]
    fn a_run_that_goes_no_further_has_what_stands_before() {
        let check = |bad: &[bool], expect: usize, error: Option<&str>| {
            let (good, found) = batch(bad).up_to_rejected();
            assert_eq!(good.records_read(), expect, "{bad:?}");
            let found = found.map(|error| error.to_string());
            assert_eq!(found.as_deref(), error, "{bad:?}");
        };
        check(&[false, false], 2, None);
        check(
            &[false, true, true],
            1,
            Some("read the record at row 2 of f: "),
        );
        check(&[true, false], 0, Some("read the record at row 1 of f: "));
    }
}
