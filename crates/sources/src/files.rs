//! Inputs one after the other, as one source.

use std::fs::File;
use std::sync::Arc;
use std::vec::IntoIter;

use spile_core::{
    Batch, Checkpoint, Checksum, Message, Position, Source, SourceError, StreamDeclaration,
    StreamName,
};

use crate::bytes_in::{BoxRead, Content, Count, source_error};
use crate::checkpoint::{self, Passed};
use crate::config::InputConfig;
use crate::csv::Csv;
use crate::detect::Compression;
use crate::feed::Feed;
use crate::format::InputFormat;
use crate::inputs::{Input, Place};
use crate::ipc::{self, Ipc};
use crate::jsonl::Jsonl;
use crate::parquet::{self, Parquet};
use crate::reader::{Guarded, Piece, Reader};
use crate::seekable::Seekable;
use crate::text::Text;

/// The records of some [`Inputs`](crate::Inputs), in their order. An error is the end of them.
pub struct Files {
    config: InputConfig,
    inputs: IntoIter<Input>,
    /// The streams of all inputs, until they are told.
    streams: Vec<StreamName>,
    count: Count,
    current: Option<Current>,
    /// Records of the first input that were read by an earlier run.
    skip: u64,
    /// The inputs that were read to their ends.
    passed: Passed,
}

/// The input that is being read.
struct Current {
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
            if !streams.contains(&input.stream) {
                streams.push(input.stream.clone());
            }
        }
        Self {
            config,
            streams,
            inputs: inputs.into_iter(),
            count,
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
            let piece = current.reader.next_piece();
            let Ok(None) = piece else {
                let current = self.current.insert(current);
                match piece?.and_then(|piece| current.batch(piece, &self.count)) {
                    Some(messages) => return Ok(Some(messages)),
                    None => continue,
                }
            };
        }
    }

    fn take_current(&mut self) -> Result<Option<Current>, SourceError> {
        if self.current.is_none()
            && let Some(input) = self.inputs.next()
        {
            let skip = std::mem::take(&mut self.skip);
            let current = self.begin(input, skip)?;
            self.passed.add(&current.origin);
            self.current = Some(current);
        }
        Ok(self.current.take())
    }

    fn begin(&self, input: Input, skip: u64) -> Result<Current, SourceError> {
        let (origin, stream) = (Arc::clone(&input.origin), input.stream.clone());
        Ok(Current {
            origin,
            stream,
            reader: self.reader(input)?,
            records: 0,
            skip,
            before: self.passed.checksum(),
        })
    }

    fn reader(&self, input: Input) -> Result<Box<dyn Reader>, SourceError> {
        Ok(match input.format {
            InputFormat::Jsonl => {
                let of_file = self.config.stream.is_none();
                let stream = of_file.then(|| input.stream.clone());
                Box::new(Jsonl::new(self.text(input)?, stream))
            }
            InputFormat::Csv => Box::new(Csv::new(self.text(input)?, &self.config.csv, b',')),
            InputFormat::Tsv => Box::new(Csv::new(self.text(input)?, &self.config.csv, b'\t')),
            InputFormat::Parquet => Box::new(self.parquet(input)?),
            InputFormat::Arrow => Box::new(self.ipc(input)?),
        })
    }

    fn text(&self, input: Input) -> Result<Text, SourceError> {
        let origin = Arc::clone(&input.origin);
        let is_pipe = matches!(input.place, Place::Pipe(_));
        let (compression, read) = self.content(input)?;
        let feed = if is_pipe || compression != Compression::None {
            let pause = is_pipe.then_some(self.config.pipe_pause);
            Feed::ahead(read, pause).map_err(|error| source_error(error, &origin, compression))?
        } else {
            Feed::here(read)
        };
        Ok(Text::new(origin, self.config.sizes(), compression, feed))
    }

    fn parquet(&self, input: Input) -> Result<Guarded, SourceError> {
        let (origin, sizes) = (Arc::clone(&input.origin), self.config.sizes());
        let input = self.seekable(input)?;
        Guarded::new(&origin, parquet::FORMAT, || {
            Parquet::new(Arc::clone(&origin), input, sizes)
        })
    }

    fn ipc(&self, input: Input) -> Result<Guarded, SourceError> {
        let (origin, sizes) = (Arc::clone(&input.origin), self.config.sizes());
        let name = Arc::clone(&origin);
        if input.is_arrow_file {
            let input = self.seekable(input)?;
            return Guarded::new(&name, ipc::FORMAT, || Ipc::file(origin, input, sizes));
        }
        let (compression, read) = self.content(input)?;
        Guarded::new(&name, ipc::FORMAT, || {
            Ipc::stream(origin, read, compression, sizes)
        })
    }

    fn seekable(&self, input: Input) -> Result<Seekable, SourceError> {
        let origin = Arc::clone(&input.origin);
        match &input.place {
            Place::File { path, .. } if input.compression == Compression::None => File::open(path)
                .and_then(|file| Seekable::given(file, self.count.clone()))
                .map_err(|source| SourceError::Read { origin, source }),
            _ => {
                let (compression, read) = self.content(input)?;
                Seekable::copied(read, &origin, compression)
            }
        }
    }

    fn content(&self, input: Input) -> Result<(Compression, BoxRead), SourceError> {
        match input.place {
            Place::Pipe(read) => Ok((input.compression, read)),
            Place::File { path, .. } => {
                let file = File::open(path).map_err(|source| SourceError::Read {
                    origin: input.origin,
                    source,
                })?;
                let named = Some(input.compression);
                let content = Content::new(Box::new(file), self.count.clone(), named);
                Ok((content.compression, content.read))
            }
        }
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
    /// The batch of a piece, but for records that are passed over, and what reading can go on from
    /// after it; `None` where those are all.
    fn batch(&mut self, piece: Piece, count: &Count) -> Option<Vec<Message>> {
        let first = piece.rejected.first().filter(|_| piece.records.is_empty());
        let position = first.map(|bad| bad.position.clone());
        let whole = Batch {
            stream: self.stream.clone(),
            generation: None,
            records: piece.records,
            position: position.unwrap_or_else(|| Position {
                origin: Arc::clone(&self.origin),
                unit: piece.unit,
                number: piece.number,
            }),
            rejected: piece.rejected,
            input_bytes: count.take(),
        };
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
