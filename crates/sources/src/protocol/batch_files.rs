//! Files of records that a message refers to.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::error::ArrowError;
use spile_core::{Batch, Records, SourceError, StreamName};

use crate::bytes_in::{Content, Replay};
use crate::detect::{Compression, is_arrow_file};
use crate::format::InputFormat;
use crate::inputs::{Input, Place};
use crate::reader::Reader;
use crate::readers::Readers;

/// Files whose records belong to a stream.
pub(crate) struct BatchFiles {
    pub(crate) stream: StreamName,
    pub(crate) generation: Option<i64>,
    pub(crate) format: InputFormat,
    pub(crate) files: Vec<BatchFile>,
    /// What is added to their records, if anything is.
    pub(crate) further: Option<Further>,
}

/// Records with what a protocol's targets add to them.
pub(crate) type Further = Box<dyn Fn(&Records) -> Result<Records, ArrowError> + Send>;

/// Where one of them is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BatchFile {
    /// On this machine.
    Local(PathBuf),
    /// In a store, by its URL.
    Object(Arc<str>),
}

/// Files that are being read, one after the other.
pub(super) struct Reading {
    stream: StreamName,
    generation: Option<i64>,
    format: InputFormat,
    files: std::vec::IntoIter<BatchFile>,
    further: Option<Further>,
    current: Option<(Arc<str>, Box<dyn Reader>)>,
    /// What is left of the last records that were read.
    left: Option<Batch>,
}

/// So many records are added to at once: short ones would grow to many times their size.
const FURTHER_ROWS: usize = 4_096;

impl Reading {
    pub(super) fn new(files: BatchFiles) -> Self {
        Self {
            stream: files.stream,
            generation: files.generation,
            format: files.format,
            files: files.files.into_iter(),
            further: files.further,
            current: None,
            left: None,
        }
    }

    /// The next records, or `None` behind the last file.
    pub(super) fn next(&mut self, readers: &Readers) -> Result<Option<Batch>, SourceError> {
        if let Some(left) = self.left.take() {
            return self.added_to(left).map(Some);
        }
        loop {
            let (origin, mut reader) = match self.current.take() {
                Some(current) => current,
                None => match self.files.next() {
                    Some(file) => self.open(file, readers)?,
                    None => return Ok(None),
                },
            };
            if let Some(piece) = reader.next_piece()? {
                let bytes = readers.count.take();
                let batch = piece.into_batch(&self.stream, self.generation, &origin, bytes);
                self.current = Some((origin, reader));
                return self.added_to(batch).map(Some);
            }
        }
    }

    fn added_to(&mut self, batch: Batch) -> Result<Batch, SourceError> {
        let Some(further) = &self.further else {
            return Ok(batch);
        };
        let (first, left) = cut(batch, FURTHER_ROWS);
        self.left = left;
        let records = further(&first.records).map_err(|error| SourceError::Format {
            origin: Arc::clone(&first.position.origin),
            format: self.format.name(),
            cause: error.to_string(),
        })?;
        Ok(Batch { records, ..first })
    }

    fn open(
        &self,
        file: BatchFile,
        readers: &Readers,
    ) -> Result<(Arc<str>, Box<dyn Reader>), SourceError> {
        let origin = file.origin();
        let seen = match file {
            BatchFile::Local(path) => look_at_file(path),
            BatchFile::Object(url) => look_at_object(&url, readers),
        };
        let seen = seen.map_err(|source| SourceError::Read {
            origin: Arc::clone(&origin),
            source,
        })?;
        let input = Input {
            origin: Arc::clone(&origin),
            stream: None,
            format: self.format,
            compression: seen.compression,
            is_arrow_file: seen.is_arrow_file,
            place: seen.place,
        };
        let reader = readers.reader(input, &self.stream)?;
        Ok((origin, reader))
    }
}

/// The first records of a batch, and the rest.
fn cut(batch: Batch, rows: usize) -> (Batch, Option<Batch>) {
    if batch.records.len() <= rows {
        return (batch, None);
    }
    let mut rejected = batch.rejected.clone();
    rejected.retain(|bad| bad.before < rows);
    let first = Batch {
        records: batch.records.slice(0..rows),
        ..batch.clone()
    };
    let rest = Batch {
        input_bytes: 0,
        ..batch
    };
    let rest = rest.after(rows + rejected.len());
    (Batch { rejected, ..first }, rest)
}

const KNOWN: &str = "files of this machine (file://) and objects (s3://) are known";

impl BatchFile {
    /// The file of a URL, or of a path.
    ///
    /// # Errors
    /// What is wrong with it, without what may be secret in it.
    pub(crate) fn of(url: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Ok(Self::Local(url.into()));
        };
        let host = rest.split('/').next().unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "file" => Ok(Self::Local(rest.into())),
            "s3" if !host.contains('@') => Ok(Self::Object(format!("s3://{rest}").into())),
            "s3" => Err(
                "an object by a URL with credentials in it: those of the destination are \
                         used, and none may stand there"
                    .to_owned(),
            ),
            _ => {
                // What comes behind may be a signature.
                let plain = rest.split('?').next().unwrap_or_default();
                let plain = match host.rsplit_once('@') {
                    Some((own, _)) => plain.get(own.len() + 1..).unwrap_or_default(),
                    None => plain,
                };
                Err(format!("{scheme}://{plain}: {KNOWN}"))
            }
        }
    }

    fn origin(&self) -> Arc<str> {
        match self {
            Self::Local(path) => path.to_string_lossy().into(),
            Self::Object(url) => Arc::clone(url),
        }
    }
}

/// What the first bytes of a file say.
struct Seen {
    compression: Compression,
    is_arrow_file: bool,
    place: Place,
}

/// So many bytes tell it.
const HEAD_BYTES: usize = 8;

fn look_at_file(path: PathBuf) -> io::Result<Seen> {
    let bytes = std::fs::metadata(&path)?.len();
    let mut head = Vec::new();
    File::open(&path)?
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    Ok(Seen {
        compression: Compression::detect(&head, None),
        is_arrow_file: is_arrow_file(&head),
        place: Place::File { path, bytes },
    })
}

fn look_at_object(url: &str, readers: &Readers) -> io::Result<Seen> {
    let Some(objects) = &readers.config.objects else {
        let cause = "nothing is at hand that reads objects";
        return Err(io::Error::new(io::ErrorKind::Unsupported, cause));
    };
    let Content { compression, read } =
        Content::new(objects.open(url)?, readers.count.clone(), None);
    // A fault that it is met by comes again when it is read.
    let content = Replay::peek(read, |head| head.len() >= HEAD_BYTES);
    Ok(Seen {
        compression,
        is_arrow_file: is_arrow_file(content.head()),
        place: Place::Object(Box::new(content)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_files_and_objects() {
        let check = |url: &str, expect: Result<BatchFile, &str>| {
            let found = BatchFile::of(url);
            assert_eq!(found, expect.map_err(str::to_owned), "{url}");
        };
        let local = |path: &str| Ok(BatchFile::Local(path.into()));
        check("a b/1.jsonl", local("a b/1.jsonl"));
        check("file:///a b/1.jsonl?x", local("/a b/1.jsonl?x"));
        let url = "s3://acme/a b/?%20#1";
        check(url, Ok(BatchFile::Object(url.into())));
        check("S3://acme/x", Ok(BatchFile::Object("s3://acme/x".into())));
        let https = format!("https://host/x: {KNOWN}");
        check("https://me:hush@host/x?sig=hush", Err(&https));
        let own = "an object by a URL with credentials in it: those of the destination are used, and \
                   none may stand there";
        check("s3://AKIA:hush@acme/x", Err(own));
    }
}
