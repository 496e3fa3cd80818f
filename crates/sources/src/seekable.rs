//! Inputs that have to be read from their end: files as they are, all else by way of a temporary
//! file.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;

use spile_core::SourceError;

use crate::bytes_in::{BoxRead, Count, source_error};
use crate::detect::Compression;

/// A file, and how far it was read.
pub(crate) struct Seekable {
    pub(crate) file: File,
    /// Counts what is read of the file, unless that was done when it was copied.
    progress: Option<(Count, u64)>,
    told: u64,
}

impl Seekable {
    /// A file of the user's.
    pub(crate) fn given(file: File, count: Count) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        Ok(Self {
            file,
            progress: Some((count, bytes)),
            told: 0,
        })
    }

    /// A copy of the content, without a name, that goes away by itself.
    pub(crate) fn copied(
        mut content: BoxRead,
        origin: &Arc<str>,
        compression: Compression,
    ) -> Result<Self, SourceError> {
        let temporary = |error: io::Error| {
            let source = io::Error::new(error.kind(), format!("write a temporary file: {error}"));
            SourceError::Read {
                origin: Arc::clone(origin),
                source,
            }
        };
        let mut file = tempfile::tempfile().map_err(temporary)?;
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = content.read(&mut buffer);
            let bytes = read.map_err(|error| source_error(error, origin, compression))?;
            if bytes == 0 {
                break;
            }
            file.write_all(&buffer[..bytes]).map_err(temporary)?;
        }
        file.rewind().map_err(temporary)?;
        Ok(Self {
            file,
            progress: None,
            told: 0,
        })
    }

    /// Says that `done` parts of `whole` were read.
    pub(crate) fn advance(&mut self, done: u64, whole: u64) {
        if let Some((count, bytes)) = &self.progress {
            let share = u128::from(*bytes) * u128::from(done.min(whole)) / u128::from(whole.max(1));
            let read = u64::try_from(share).unwrap_or(*bytes).max(self.told);
            count.add(read - self.told);
            self.told = read;
        }
    }
}
