//! Bytes of an input: counted as they are read, then decompressed.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use spile_core::SourceError;

use crate::detect::{COMPRESSION_MAGIC_BYTES, Compression};
use crate::program::EndedBadly;

/// A reader that can be handed to another thread.
pub(crate) type BoxRead = Box<dyn Read + Send>;

/// How many bytes were read and not yet reported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicU64>);

/// Plain content of an input, compressed or not.
pub(crate) struct Content {
    pub(crate) compression: Compression,
    pub(crate) read: BoxRead,
}

/// Gives some bytes that were looked at beforehand, the fault that was met there if any, and then
/// the rest.
pub(crate) struct Replay<R> {
    head: VecDeque<u8>,
    fault: Option<io::Error>,
    rest: R,
}

const BUFFER_BYTES: usize = 128 << 10;

impl Count {
    /// What was read since the last call.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Content {
    /// Finds the compression of `raw` and undoes it. `named` is what the input's name says of it.
    pub(crate) fn new(raw: BoxRead, count: Count, named: Option<Compression>) -> Self {
        let enough = |head: &[u8]| head.len() >= COMPRESSION_MAGIC_BYTES;
        let raw = Replay::peek(Raw { read: raw, count }, enough);
        let compression = Compression::detect(raw.head(), named);
        let read = match compression {
            Compression::None => Box::new(raw),
            Compression::Gzip => gunzip(raw),
            Compression::Zstd => {
                unzstd(raw).unwrap_or_else(|fault| Box::new(Replay::failing(fault)))
            }
        };
        Self { compression, read }
    }
}

/// Says of an error of a [`Content`] whether the input couldn't be read or isn't what it seems.
pub(crate) fn source_error(
    error: io::Error,
    origin: &Arc<str>,
    compression: Compression,
) -> SourceError {
    let origin = Arc::clone(origin);
    let error = match error.downcast::<RawError>() {
        Ok(RawError(source)) => {
            return match source.downcast() {
                Ok(EndedBadly { program, cause }) => SourceError::Program { program, cause },
                Err(source) => SourceError::Read { origin, source },
            };
        }
        Err(error) => error,
    };
    if compression == Compression::None {
        return SourceError::Read {
            origin,
            source: error,
        };
    }
    let cause = match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the compressed data ends early: the file is truncated".to_owned()
        }
        _ => format!("the compressed data is damaged: {error}"),
    };
    SourceError::Format {
        origin,
        format: compression.name(),
        cause,
    }
}

impl<R: Read> Replay<R> {
    /// Reads until `enough` of the head, the end or a fault.
    pub(crate) fn peek(mut rest: R, enough: impl Fn(&[u8]) -> bool) -> Self {
        let (mut head, mut buffer, mut fault) = (Vec::new(), [0; 4096], None);
        while !enough(&head) {
            match rest.read(&mut buffer) {
                Ok(0) => break,
                Ok(bytes) => head.extend_from_slice(&buffer[..bytes]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    fault = Some(error);
                    break;
                }
            }
        }
        Self {
            head: head.into(),
            fault,
            rest,
        }
    }

    /// What was looked at.
    pub(crate) fn head(&self) -> &[u8] {
        // A queue that was a vector and has only been read from is in one piece.
        self.head.as_slices().0
    }

    /// The fault that looking ended with, where it did.
    pub(crate) fn take_fault(&mut self) -> Option<io::Error> {
        self.fault.take()
    }
}

impl Replay<io::Empty> {
    fn failing(fault: io::Error) -> Self {
        Self {
            head: VecDeque::new(),
            fault: Some(fault),
            rest: io::empty(),
        }
    }
}

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.rest.read(buffer),
        }
    }
}

/// The bytes as they lie on disk or come out of a pipe.
struct Raw {
    read: BoxRead,
    count: Count,
}

/// An error of the input itself, told apart from one of a decoder by this wrapper.
#[derive(Debug)]
struct RawError(io::Error);

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read.read(buffer) {
                Ok(bytes) => {
                    self.count.add(bytes as u64);
                    return Ok(bytes);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io::Error::new(error.kind(), RawError(error))),
            }
        }
    }
}

impl fmt::Display for RawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for RawError {}

fn gunzip(raw: Replay<Raw>) -> BoxRead {
    let raw = BufReader::with_capacity(BUFFER_BYTES, raw);
    Box::new(flate2::bufread::MultiGzDecoder::new(raw))
}

fn unzstd(raw: Replay<Raw>) -> io::Result<BoxRead> {
    if raw.head().is_empty() {
        // The decoder takes no frame at all for the end.
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let raw = BufReader::with_capacity(BUFFER_BYTES, raw);
    Ok(Box::new(zstd::stream::read::Decoder::with_buffer(raw)?))
}
