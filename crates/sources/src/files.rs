//! Inputs one after the other, as one source.

use std::sync::Arc;
use std::vec::IntoIter;

use spile_core::{
    Checkpoint, Checksum, Message, Source, SourceError, StreamDeclaration, StreamName,
};

use crate::bytes_in::Count;
use crate::checkpoint::{self, Passed};
use crate::config::InputConfig;
use crate::inputs::Input;
use crate::protocol::ReadMessages;
use crate::reader::{Piece, Reader};
use crate::readers::Readers;

/// The records of some [`Inputs`](crate::Inputs), in their order. An error is the end of them.
pub struct Files {
    readers: Readers,
    inputs: IntoIter<Input>,
    /// The streams of all inputs, until they are told.
    streams: Vec<StreamName>,
    current: Option<Current>,
    /// Records of the first input that were read by an earlier run.
    skip: u64,
    /// The inputs that were read to their ends.
    passed: Passed,
}

/// The input that is being read.
enum Current {
    Records(Box<Records>),
    /// It says itself what its records belong to.
    Messages(Box<dyn ReadMessages>),
}

/// The records of an input, all of one stream.
struct Records {
    origin: Arc<str>,
    stream: StreamName,
    reader: Box<dyn Reader>,
    /// Records that were read of it.
    records: u64,
    /// Of those, the ones that are passed over.
    skip: u64,
    /// What the names of the inputs before it come to.
    before: Option<Checksum>,
}

impl Files {
    pub(crate) fn new(
        config: InputConfig,
        inputs: Vec<Input>,
        count: Count,
        skip: u64,
        passed: Passed,
    ) -> Self {
        let mut streams: Vec<StreamName> = Vec::new();
        for input in &inputs {
            let stream = input.stream.as_ref();
            streams.extend(stream.filter(|stream| !streams.contains(stream)).cloned());
        }
        Self {
            readers: Readers { config, count },
            streams,
            inputs: inputs.into_iter(),
            current: None,
            skip,
            passed,
        }
    }

    /// The streams are announced before anything is read: one without records is one all the same.
    fn announced(&mut self) -> Vec<Message> {
        let streams = std::mem::take(&mut self.streams).into_iter();
        let announced = streams.map(StreamDeclaration::named);
        announced.map(Message::Stream).collect()
    }

    fn read(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        loop {
            let Some(mut current) = self.take_current()? else {
                return Ok(None);
            };
            if let Some(messages) = current.next_messages(&self.readers.count)? {
                self.current = Some(current);
                if !messages.is_empty() {
                    return Ok(Some(messages));
                }
            }
        }
    }

    fn take_current(&mut self) -> Result<Option<Current>, SourceError> {
        if self.current.is_none()
            && let Some(input) = self.inputs.next()
        {
            let skip = std::mem::take(&mut self.skip);
            let origin = Arc::clone(&input.origin);
            let current = self.begin(input, skip)?;
            self.passed.add(&origin);
            self.current = Some(current);
        }
        Ok(self.current.take())
    }

    fn begin(&self, mut input: Input, skip: u64) -> Result<Current, SourceError> {
        let Some(stream) = input.stream.take() else {
            return Ok(Current::Messages(self.readers.messages(input)?));
        };
        Ok(Current::Records(Box::new(Records {
            origin: Arc::clone(&input.origin),
            reader: self.readers.reader(input, &stream)?,
            stream,
            records: 0,
            skip,
            before: self.passed.checksum(),
        })))
    }
}

impl Source for Files {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let announced = self.announced();
        if !announced.is_empty() {
            return Ok(Some(announced));
        }
        let messages = self.read();
        if messages.is_err() {
            self.current = None;
            self.inputs = Vec::new().into_iter();
        }
        messages
    }
}

impl Current {
    /// What comes next, perhaps nothing yet; or `None` at the end.
    fn next_messages(&mut self, count: &Count) -> Result<Option<Vec<Message>>, SourceError> {
        match self {
            Self::Messages(messages) => messages.next_messages(),
            Self::Records(records) => {
                let piece = records.reader.next_piece()?;
                Ok(piece.map(|piece| records.batch(piece, count).unwrap_or_default()))
            }
        }
    }
}

impl Records {
    /// The batch of a piece, but for records that are passed over, and what reading can go on from
    /// after it; `None` where those are all.
    fn batch(&mut self, piece: Piece, count: &Count) -> Option<Vec<Message>> {
        let whole = piece.into_batch(&self.stream, None, &self.origin, count.take());
        let read = whole.records_read() as u64;
        let skipped = self.skip.saturating_sub(self.records).min(read);
        self.records += read;
        let batch = match skipped {
            0 => whole,
            skipped => whole.after(usize::try_from(skipped).unwrap_or(usize::MAX))?,
        };
        let text = checkpoint::Checkpoint::text(&self.origin, self.records, self.before);
        let checkpoint = Checkpoint {
            stream: None,
            text: text.into(),
            supersedes: true,
        };
        Some(vec![Message::Batch(batch), Message::Checkpoint(checkpoint)])
    }
}
