//! Arrow IPC: the file format, which ends in an index, and the stream format.

use std::io::{BufReader, ErrorKind, Read};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use spile_core::SourceError;

use crate::bytes_in::{BoxRead, source_error};
use crate::config::Sizes;
use crate::detect::Compression;
use crate::reader::{Piece, Reader};
use crate::seekable::Seekable;
use crate::slices::Slices;

/// Reads one input of Arrow IPC.
pub(crate) struct Ipc {
    origin: Arc<str>,
    compression: Compression,
    batches: Batches,
    slices: Slices,
}

enum Batches {
    File {
        reader: FileReader<BufReader<std::fs::File>>,
        input: Seekable,
        read: u64,
    },
    Stream(StreamReader<BufReader<BoxRead>>),
}

pub(crate) const FORMAT: &str = "arrow";

impl Ipc {
    /// Reads the file format.
    pub(crate) fn file(
        origin: Arc<str>,
        input: Seekable,
        sizes: Sizes,
    ) -> Result<Self, SourceError> {
        let compression = Compression::None;
        let file = input
            .file
            .try_clone()
            .map_err(|error| read_error(error, &origin))?;
        let reader = FileReader::try_new_buffered(file, None)
            .map_err(|error| explain(error, &origin, compression))?;
        let batches = Batches::File {
            reader,
            input,
            read: 0,
        };
        Ok(Self {
            origin,
            compression,
            batches,
            slices: Slices::new(sizes.batch_bytes),
        })
    }

    /// Reads the stream format.
    pub(crate) fn stream(
        origin: Arc<str>,
        content: BoxRead,
        compression: Compression,
        sizes: Sizes,
    ) -> Result<Self, SourceError> {
        let reader = StreamReader::try_new_buffered(content, None)
            .map_err(|error| explain(error, &origin, compression))?;
        let batches = Batches::Stream(reader);
        Ok(Self {
            origin,
            compression,
            batches,
            slices: Slices::new(sizes.batch_bytes),
        })
    }
}

impl Reader for Ipc {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        loop {
            if let Some(piece) = self.slices.take() {
                return Ok(Some(piece));
            }
            match self.batches.next() {
                Some(Ok(batch)) => self.slices.put(batch),
                Some(Err(error)) => return Err(explain(error, &self.origin, self.compression)),
                None => return Ok(None),
            }
        }
    }
}

impl Batches {
    fn next(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        match self {
            Self::Stream(reader) => reader.next().or_else(|| expect_end(reader).err().map(Err)),
            Self::File {
                reader,
                input,
                read,
            } => {
                let batch = reader.next();
                *read += 1;
                input.advance(*read, reader.num_batches() as u64);
                batch
            }
        }
    }
}

/// Reads what follows the stream's end mark: nothing, or a checksum that only a decoder sees.
fn expect_end(reader: &mut StreamReader<BufReader<BoxRead>>) -> Result<(), ArrowError> {
    let rest = std::io::copy(&mut reader.get_mut().take(1), &mut std::io::sink())
        .map_err(|error| ArrowError::IoError(error.to_string(), error))?;
    if rest > 0 {
        return Err(ArrowError::IpcError(
            "more follows the end of the stream".to_owned(),
        ));
    }
    Ok(())
}

fn read_error(source: std::io::Error, origin: &Arc<str>) -> SourceError {
    SourceError::Read {
        origin: Arc::clone(origin),
        source,
    }
}

fn explain(error: ArrowError, origin: &Arc<str>, compression: Compression) -> SourceError {
    let cause = match error {
        ArrowError::IoError(_, error) => match source_error(error, origin, compression) {
            // A decoder wasn't at fault, so the format's own reader asked for more than there is.
            SourceError::Read { source, .. } if source.kind() == ErrorKind::UnexpectedEof => {
                "it ends early: the file is truncated".to_owned()
            }
            told => return told,
        },
        ArrowError::IpcError(text) | ArrowError::ParseError(text) => text,
        other => other.to_string(),
    };
    SourceError::Format {
        origin: Arc::clone(origin),
        format: FORMAT,
        cause,
    }
}

#[cfg(test)]
mod tests;
