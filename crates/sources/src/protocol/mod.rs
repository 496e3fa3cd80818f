//! What the readers of protocols have in common: lines of messages, of which most are records of many
//! streams, and some say what else there is to know.

mod batch_files;
mod fields;
mod gather;
mod stamps;
mod streams;

use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr_iter;
use spile_core::{Message, Position, PositionUnit, SourceError};

use self::batch_files::Reading;
use crate::lines::{Lines, Utf8, too_long};
use crate::readers::Readers;

pub(crate) use self::batch_files::{BatchFile, BatchFiles, Further};
pub(crate) use self::fields::{Fault, MessageFields, integer, name, of_kind, read, shown, text};
pub(crate) use self::gather::Gather;
pub(crate) use self::stamps::Stamp;
pub(crate) use self::streams::Streams;

/// A protocol: what each of its lines says.
pub(crate) trait Protocol: Send {
    /// Reads a message, which is a line of the text that `gather` has, from `start` on.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    fn message(&mut self, line: &str, start: usize, gather: &mut Gather) -> Result<(), Fault>;

    /// What is to be said before the first message.
    fn begin(&mut self) -> Vec<Message>;

    /// What is to be said after the last one.
    ///
    /// # Errors
    /// The source has ended too early.
    fn end(&mut self) -> Result<Vec<Message>, SourceError>;
}

/// Reads the messages of one input.
pub(crate) struct Messages<P> {
    lines: Lines,
    protocol: P,
    readers: Readers,
    /// Lines that come after the files that are read.
    rest: Option<Bytes>,
    state: State,
}

enum State {
    Begins,
    GoesOn,
    ReadsFiles(Box<Reading>),
    /// What was read before is handed out first.
    Fails(SourceError),
    Ended,
}

/// The messages of an input, whichever its protocol.
pub(crate) trait ReadMessages: Send {
    /// What comes next, never nothing; or `None` at the end.
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError>;
}

impl<P: Protocol> Messages<P> {
    pub(crate) fn new(lines: Lines, protocol: P, readers: Readers) -> Self {
        Self {
            lines,
            protocol,
            readers,
            rest: None,
            state: State::Begins,
        }
    }

    /// The messages of whole lines. What stands before one that is wrong is told all the same.
    fn read(&mut self, block: &Bytes) -> Vec<Message> {
        let origin = Arc::clone(self.lines.origin());
        let mut gather = Gather::new(block.clone(), origin, self.readers.count.take());
        let first_line = self.lines.line();
        let (mut start, mut number) = (0, first_line);
        let bytes_max = self.readers.config.sizes().record_bytes_max;
        let unended = (block.last() != Some(&b'\n')).then_some(block.len());
        let mut wrong = None;
        let text = Utf8::of(block);
        for end in memchr_iter(b'\n', block).chain(unended) {
            let line = block[start..end].trim_ascii_start();
            let from = end - line.len();
            gather.line = number;
            let read = match line.trim_ascii_end() {
                [] => Ok(()),
                // Many lines may be in memory at once: it is too long wherever it stands.
                _ if end - start > bytes_max => Err(Fault(too_long(bytes_max))),
                line => match text.part(from..from + line.len()) {
                    Ok(line) => self.protocol.message(line, from, &mut gather),
                    Err(error) => Err(Fault(error.to_string())),
                },
            };
            if let Err(fault) = read {
                wrong = Some(fault);
                break;
            }
            (start, number) = (end + 1, number + 1);
            if let Some(files) = gather.files.take() {
                self.rest = (start < block.len()).then(|| block.slice(start..));
                self.state = State::ReadsFiles(Box::new(Reading::new(files)));
                break;
            }
        }
        self.lines.pass(number - first_line);
        let (messages, flushed) = gather.finish();
        if let Some(Fault(cause)) = wrong.or(flushed.err()) {
            let position = self.position(number);
            self.state = State::Fails(SourceError::Message { position, cause });
        }
        messages
    }

    fn position(&self, number: u64) -> Position {
        Position {
            origin: Arc::clone(self.lines.origin()),
            unit: PositionUnit::Line,
            number,
        }
    }

    fn next_block(&mut self) -> Result<Option<Bytes>, SourceError> {
        match self.rest.take() {
            Some(rest) => Ok(Some(rest)),
            None => self.lines.next(),
        }
    }

    fn next(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        loop {
            match std::mem::replace(&mut self.state, State::GoesOn) {
                State::Begins => {
                    let messages = self.protocol.begin();
                    if !messages.is_empty() {
                        return Ok(Some(messages));
                    }
                }
                State::Fails(error) => return Err(error),
                State::Ended => {
                    self.state = State::Ended;
                    return Ok(None);
                }
                State::ReadsFiles(mut reading) => {
                    if let Some(batch) = reading.next(&self.readers)? {
                        self.state = State::ReadsFiles(reading);
                        return Ok(Some(vec![Message::Batch(batch)]));
                    }
                }
                State::GoesOn => match self.next_block()? {
                    Some(block) => {
                        let messages = self.read(&block);
                        if !messages.is_empty() {
                            return Ok(Some(messages));
                        }
                    }
                    None => {
                        let messages = self.protocol.end()?;
                        self.state = State::Ended;
                        return Ok(Some(messages).filter(|messages| !messages.is_empty()));
                    }
                },
            }
        }
    }
}

impl<P: Protocol> ReadMessages for Messages<P> {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let messages = self.next();
        if messages.is_err() {
            self.state = State::Ended;
        }
        messages
    }
}
