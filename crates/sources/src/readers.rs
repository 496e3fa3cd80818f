//! Readers of single inputs.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use spile_core::{SourceError, StreamName};

use crate::airbyte::Airbyte;
use crate::bytes_in::{BoxRead, Content, Count, source_error};
use crate::config::InputConfig;
use crate::csv::Csv;
use crate::detect::Compression;
use crate::feed::Feed;
use crate::format::InputFormat;
use crate::inputs::{Input, Place};
use crate::ipc::{self, Ipc};
use crate::jsonl::Jsonl;
use crate::lines::Lines;
use crate::parquet::{self, Parquet};
use crate::protocol::{Messages, ReadMessages};
use crate::reader::{Guarded, Reader};
use crate::seekable::Seekable;
use crate::singer::Singer;
use crate::text::Text;

/// What opens inputs, and counts what is read of them.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pub(crate) config: InputConfig,
    pub(crate) count: Count,
}

impl Readers {
    /// The reader of an input's records.
    pub(crate) fn reader(
        &self,
        input: Input,
        stream: &StreamName,
    ) -> Result<Box<dyn Reader>, SourceError> {
        Ok(match input.format {
            InputFormat::Jsonl => {
                let of_file = self.config.stream.is_none();
                let stream = of_file.then(|| stream.clone());
                Box::new(Jsonl::new(self.text(input)?, stream))
            }
            InputFormat::Csv => Box::new(Csv::new(self.text(input)?, &self.config.csv, b',')),
            InputFormat::Tsv => Box::new(Csv::new(self.text(input)?, &self.config.csv, b'\t')),
            InputFormat::Parquet => Box::new(self.parquet(input)?),
            InputFormat::Arrow => Box::new(self.ipc(input)?),
            InputFormat::Singer | InputFormat::Airbyte => {
                return Err(SourceError::Format {
                    origin: input.origin,
                    format: input.format.name(),
                    cause: "its messages can't be read as records of one stream".to_owned(),
                });
            }
        })
    }

    /// The messages of an input that names its streams itself.
    pub(crate) fn messages(&self, input: Input) -> Result<Box<dyn ReadMessages>, SourceError> {
        let format = input.format;
        let (lines, readers) = (Lines::new(self.text(input)?), self.clone());
        if format == InputFormat::Airbyte {
            let airbyte = Airbyte::new(&self.config.airbyte);
            return Ok(Box::new(Messages::new(lines, airbyte, readers)));
        }
        let InputConfig {
            singer, selection, ..
        } = &self.config;
        let singer = Singer::new(singer.clone(), selection.clone());
        Ok(Box::new(Messages::new(lines, singer, readers)))
    }

    /// The text of an input.
    pub(crate) fn text(&self, input: Input) -> Result<Text, SourceError> {
        let origin = Arc::clone(&input.origin);
        let is_pipe = matches!(input.place, Place::Pipe(_));
        let (compression, feed) = match &input.place {
            Place::File { path, .. } if input.compression == Compression::None => {
                let file = open(path, &origin)?;
                (Compression::None, Feed::Here(file, self.count.clone()))
            }
            _ => {
                let (compression, read) = self.content(input)?;
                let pause = is_pipe.then_some(self.config.pipe_pause);
                let feed = Feed::ahead(read, pause);
                let feed = feed.map_err(|error| source_error(error, &origin, compression))?;
                (compression, feed)
            }
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
            Place::File { path, .. } if input.compression == Compression::None => {
                let file = open(path, &origin)?;
                Seekable::given(file, self.count.clone())
                    .map_err(|source| SourceError::Read { origin, source })
            }
            _ => {
                let (compression, read) = self.content(input)?;
                Seekable::copied(read, &origin, compression)
            }
        }
    }

    fn content(&self, input: Input) -> Result<(Compression, BoxRead), SourceError> {
        match input.place {
            Place::Pipe(read) | Place::Object(read) => Ok((input.compression, read)),
            Place::File { path, .. } => {
                let file = open(&path, &input.origin)?;
                let named = Some(input.compression);
                let content = Content::new(Box::new(file), self.count.clone(), named);
                Ok((content.compression, content.read))
            }
        }
    }
}

fn open(path: &Path, origin: &Arc<str>) -> Result<File, SourceError> {
    File::open(path).map_err(|source| SourceError::Read {
        origin: Arc::clone(origin),
        source,
    })
}
