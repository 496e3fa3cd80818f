//! The port that records come in by.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::records::Records;

/// A stream of a connection: its name, in a namespace where its source has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName {
    /// The schema, database or group that the source keeps the stream in.
    pub namespace: Option<Arc<str>>,
    /// The stream's own name, never empty.
    pub name: Arc<str>,
}

/// Some consecutive records of one stream, and what was to be records of it and can't be read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The stream that the records belong to.
    pub stream: StreamName,
    /// The records, about a mebibyte of them.
    pub records: Records,
    /// Those among them that can't be read, in their order.
    pub rejected: Vec<RejectedRecord>,
    /// Where the first of the records was read; where there is none, the first of those rejected.
    pub position: Position,
    /// Bytes of input, as they lie on disk or come out of a pipe, that this batch was read from.
    pub input_bytes: u64,
    /// What the source can go on from after this batch, in its own words; `None` where it can't go
    /// on from here.
    pub checkpoint: Option<Arc<str>>,
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
    /// The next batch, or `None` at the end of the input. A record that can't be read, and after
    /// which others can, is no error: it comes with the batch, as a rejected one.
    ///
    /// # Errors
    /// What can't be read, and where. The records before it were all returned by earlier calls.
    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError>;
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

impl Batch {
    /// How many records of the input it was read from, rejected ones among them.
    pub fn records_read(&self) -> usize {
        self.records.len() + self.rejected.len()
    }

    /// Where the record at `index` was read.
    pub fn position_of(&self, index: usize) -> Position {
        let before = match (&self.records, self.position.unit) {
            (Records::Json(json), PositionUnit::Line) => {
                let start = |index: usize| json.spans().get(index).map(|span| span.start as usize);
                let from = start(0).unwrap_or_default();
                let to = start(index).unwrap_or(from).max(from);
                memchr::memchr_iter(b'\n', &json.text()[from..to]).count() as u64
            }
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
    /// further. What the source could go on from after it is forgotten.
    pub fn up_to_rejected(mut self) -> (Self, Option<SourceError>) {
        if self.rejected.is_empty() {
            return (self, None);
        }
        let bad = self.rejected.swap_remove(0);
        let records = self.records.slice(0..bad.before);
        let good = Self {
            records,
            rejected: Vec::new(),
            checkpoint: None,
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
