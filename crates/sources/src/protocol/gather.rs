//! The records of a block, gathered by stream.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use spile_core::{
    Batch, Checkpoint, JsonRecords, Message, Position, PositionUnit, Records, Span, StreamName,
};

use super::Fault;
use super::batch_files::BatchFiles;

/// What a block of lines has to say. Records are gathered until something is said to which their order
/// matters.
pub(crate) struct Gather {
    block: Bytes,
    origin: Arc<str>,
    input_bytes: u64,
    /// Of the message that is read.
    pub(crate) line: u64,
    groups: Vec<Group>,
    by_key: HashMap<(usize, Option<i64>), usize>,
    last: usize,
    messages: Vec<Message>,
    /// Files whose records come next.
    pub(super) files: Option<BatchFiles>,
}

/// Records of one generation of a stream.
struct Group {
    key: (usize, Option<i64>),
    stream: StreamName,
    spans: Vec<Span>,
    first_line: u64,
    /// How many lines behind the first each record stands.
    lines: Vec<u32>,
    /// Records that aren't in the block as they stand.
    text: Vec<u8>,
}

impl Gather {
    pub(super) fn new(block: Bytes, origin: Arc<str>, input_bytes: u64) -> Self {
        Self {
            block,
            origin,
            input_bytes,
            line: 0,
            groups: Vec::new(),
            by_key: HashMap::new(),
            last: usize::MAX,
            messages: Vec::new(),
            files: None,
        }
    }

    /// The records of some files come next.
    pub(crate) fn read_files(&mut self, files: BatchFiles) {
        self.files = Some(files);
    }

    /// Adds a record that stands in the block. `number` is its stream's.
    #[inline]
    pub(crate) fn add(
        &mut self,
        number: usize,
        stream: &StreamName,
        generation: Option<i64>,
        start: usize,
        length: usize,
    ) {
        let line = self.line;
        let group = self.group((number, generation), stream);
        group.push(line, start, start + length);
    }

    /// Adds a record that `write` makes.
    pub(crate) fn add_made(
        &mut self,
        number: usize,
        stream: &StreamName,
        generation: Option<i64>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let line = self.line;
        let group = self.group((number, generation), stream);
        let start = group.text.len();
        write(&mut group.text);
        group.push(line, start, group.text.len());
        // Lines that follow each other are copied at once.
        group.text.push(b'\n');
    }

    /// Says something to which the order of what was read matters.
    pub(crate) fn say(&mut self, message: Message) -> Result<(), Fault> {
        self.flush()?;
        self.messages.push(message);
        Ok(())
    }

    /// Says that all records up to here are known by a text.
    pub(crate) fn checkpoint(
        &mut self,
        stream: Option<StreamName>,
        text: &[u8],
        supersedes: bool,
    ) -> Result<(), Fault> {
        let text = String::from_utf8_lossy(text);
        self.say(Message::Checkpoint(Checkpoint {
            stream,
            text: text.as_ref().into(),
            supersedes,
        }))
    }

    /// All that was said, and what is wrong with the rest.
    pub(super) fn finish(mut self) -> (Vec<Message>, Result<(), Fault>) {
        let flushed = self.flush();
        (self.messages, flushed)
    }

    #[inline]
    fn group(&mut self, key: (usize, Option<i64>), stream: &StreamName) -> &mut Group {
        let is_last = self
            .groups
            .get(self.last)
            .is_some_and(|last| last.key == key);
        if !is_last {
            let next = self.groups.len();
            self.last = *self.by_key.entry(key).or_insert(next);
            if self.last == next {
                self.groups.push(Group {
                    key,
                    stream: stream.clone(),
                    spans: Vec::new(),
                    first_line: self.line,
                    lines: Vec::new(),
                    text: Vec::new(),
                });
            }
        }
        &mut self.groups[self.last]
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.by_key.clear();
        self.last = usize::MAX;
        for group in std::mem::take(&mut self.groups) {
            let text = match group.text.is_empty() {
                true => self.block.clone(),
                false => group.text.into(),
            };
            let records = JsonRecords::new(text, group.spans);
            let records = records.map_err(|error| Fault(error.to_string()))?;
            let records = records.with_lines(group.lines);
            self.messages.push(Message::Batch(Batch {
                stream: group.stream,
                generation: group.key.1,
                records: Records::Json(records),
                rejected: Vec::new(),
                position: Position {
                    origin: Arc::clone(&self.origin),
                    unit: PositionUnit::Line,
                    number: group.first_line,
                },
                input_bytes: std::mem::take(&mut self.input_bytes),
            }));
        }
        Ok(())
    }
}

impl Group {
    /// A block is far shorter than 4 GiB.
    #[inline]
    fn push(&mut self, line: u64, start: usize, end: usize) {
        self.lines.push((line - self.first_line) as u32);
        let (start, end) = (start as u32, end as u32);
        self.spans.push(Span { start, end });
    }
}
