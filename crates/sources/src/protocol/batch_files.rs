//! Files of records that a message refers to.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use spile_core::{Batch, Position, SourceError, StreamName};

use crate::detect::{Compression, is_arrow_file};
use crate::format::InputFormat;
use crate::inputs::{Input, Place};
use crate::reader::{Piece, Reader};
use crate::readers::Readers;

/// Files whose records belong to a stream.
pub(crate) struct BatchFiles {
    pub(crate) stream: StreamName,
    pub(crate) generation: Option<i64>,
    pub(crate) format: InputFormat,
    pub(crate) paths: Vec<PathBuf>,
}

/// Files that are being read, one after the other.
pub(super) struct Reading {
    stream: StreamName,
    generation: Option<i64>,
    format: InputFormat,
    paths: std::vec::IntoIter<PathBuf>,
    current: Option<(Arc<str>, Box<dyn Reader>)>,
}

impl Reading {
    pub(super) fn new(files: BatchFiles) -> Self {
        Self {
            stream: files.stream,
            generation: files.generation,
            format: files.format,
            paths: files.paths.into_iter(),
            current: None,
        }
    }

    /// The next records, or `None` behind the last file.
    pub(super) fn next(&mut self, readers: &Readers) -> Result<Option<Batch>, SourceError> {
        loop {
            let (origin, mut reader) = match self.current.take() {
                Some(current) => current,
                None => match self.paths.next() {
                    Some(path) => self.open(path, readers)?,
                    None => return Ok(None),
                },
            };
            if let Some(piece) = reader.next_piece()? {
                let batch = self.batch(&origin, piece, readers);
                self.current = Some((origin, reader));
                return Ok(Some(batch));
            }
        }
    }

    fn open(
        &self,
        path: PathBuf,
        readers: &Readers,
    ) -> Result<(Arc<str>, Box<dyn Reader>), SourceError> {
        let origin: Arc<str> = path.to_string_lossy().into();
        let read = |source| SourceError::Read {
            origin: Arc::clone(&origin),
            source,
        };
        let bytes = std::fs::metadata(&path).map_err(read)?.len();
        let (compression, is_arrow_file) = look_at(&path).map_err(read)?;
        let input = Input {
            origin: Arc::clone(&origin),
            stream: None,
            format: self.format,
            compression,
            is_arrow_file,
            place: Place::File { path, bytes },
        };
        let reader = readers.reader(input, &self.stream)?;
        Ok((origin, reader))
    }

    fn batch(&self, origin: &Arc<str>, piece: Piece, readers: &Readers) -> Batch {
        let first = piece.rejected.first().filter(|_| piece.records.is_empty());
        let position = first.map(|bad| bad.position.clone());
        Batch {
            stream: self.stream.clone(),
            generation: self.generation,
            records: piece.records,
            position: position.unwrap_or_else(|| Position {
                origin: Arc::clone(origin),
                unit: piece.unit,
                number: piece.number,
            }),
            rejected: piece.rejected,
            input_bytes: readers.count.take(),
        }
    }
}

/// What the first bytes of a file say.
fn look_at(path: &std::path::Path) -> std::io::Result<(Compression, bool)> {
    use std::io::Read;
    let mut head = Vec::new();
    File::open(path)?.take(8).read_to_end(&mut head)?;
    Ok((Compression::detect(&head, None), is_arrow_file(&head)))
}
