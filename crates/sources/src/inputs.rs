//! Looks at every input before the first record is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use spile_core::StreamName;

use crate::bytes_in::{BoxRead, Content, Count, Replay, source_error};
use crate::checkpoint::{Checkpoint, Passed, ResumeError};
use crate::config::InputConfig;
use crate::detect::{self, Compression, Name, Unclear};
use crate::error::{InputError, InputErrors};
use crate::files::Files;
use crate::format::InputFormat;
use crate::objects::Objects;
use crate::paths::{Origin, expand};
use crate::program::ProgramOutput;
use crate::quarantined;

/// Inputs that are there, can be read and have a known format.
#[derive(Debug, Default)]
pub struct Inputs {
    config: InputConfig,
    inputs: Vec<Input>,
    count: Count,
    /// Records of the first input that were read before.
    skip: u64,
    /// Inputs before it, which were read before too.
    passed: Passed,
}

/// One input.
#[derive(Debug)]
pub struct Input {
    /// The file's path as it was given, `stdin`, or the program whose output it is.
    pub origin: Arc<str>,
    /// The stream that its records belong to, unless they say that themselves.
    pub stream: Option<StreamName>,
    /// Its format, without regard to compression.
    pub format: InputFormat,
    pub(crate) compression: Compression,
    /// Whether Arrow IPC is in its file format and not in its stream format.
    pub(crate) is_arrow_file: bool,
    pub(crate) place: Place,
}

/// Where the bytes are.
pub(crate) enum Place {
    /// A file that can be opened again.
    File { path: PathBuf, bytes: u64 },
    /// A pipe: what was looked at is kept.
    Pipe(BoxRead),
    /// An object of a store: what was looked at is kept.
    Object(BoxRead),
}

/// Finds and looks at every input of a configuration. On a pipe this waits for the first line.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn open(config: &InputConfig) -> Result<Inputs, InputErrors> {
    open_with(config, io::stdin())
}

/// Like [`open`], with something else in place of stdin.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn open_with(
    config: &InputConfig,
    stdin: impl Read + Send + 'static,
) -> Result<Inputs, InputErrors> {
    let (origins, errors) = expand(&config.paths);
    let mut stdin = Some(Opened::pipe("stdin".into(), stdin));
    let opened = origins.into_iter().filter_map(|origin| match origin {
        Origin::Stdin => stdin.take().map(Ok),
        Origin::Path(path) => Some(Opened::file(path)),
    });
    look_at_all(config, opened, errors)
}

/// Looks at the output of a program, which is the only input: the paths have no meaning. This waits
/// for the first line.
///
/// # Errors
/// Everything that is wrong with it.
pub fn open_program(config: &InputConfig, output: ProgramOutput) -> Result<Inputs, InputErrors> {
    look_at_all(config, [Ok(Opened::program(output))], Vec::new())
}

fn look_at_all(
    config: &InputConfig,
    opened: impl IntoIterator<Item = Result<Opened, InputError>>,
    mut errors: Vec<InputError>,
) -> Result<Inputs, InputErrors> {
    errors.extend(config.csv.fault().map(|cause| InputError::Csv { cause }));
    let (mut inputs, count) = (Vec::new(), Count::default());
    for opened in opened {
        match opened.and_then(|opened| look_at(config, opened, &count)) {
            Ok(input) => inputs.push(input),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(Inputs {
            config: config.clone(),
            inputs,
            count,
            skip: 0,
            passed: Passed::default(),
        })
    } else {
        Err(InputErrors(errors))
    }
}

impl Inputs {
    /// Each input, in the order of reading.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Input> {
        self.inputs.iter()
    }

    /// Each stream once, in the order of reading.
    pub fn streams(&self) -> Vec<StreamName> {
        let mut streams: Vec<StreamName> = Vec::new();
        for stream in self.inputs.iter().filter_map(|input| input.stream.as_ref()) {
            if !streams.contains(stream) {
                streams.push(stream.clone());
            }
        }
        streams
    }

    /// Whether there may be streams that are told of only while they are read.
    pub fn has_others(&self) -> bool {
        self.inputs.iter().any(|input| input.stream.is_none())
    }

    /// Bytes of all inputs as they lie on disk, or `None` if one of them is a pipe.
    pub fn input_bytes(&self) -> Option<u64> {
        let bytes = |input: &Input| match input.place {
            Place::File { bytes, .. } => Some(bytes),
            Place::Pipe(_) | Place::Object(_) => None,
        };
        self.inputs.iter().map(bytes).sum()
    }

    /// These inputs without what was read before a [`spile_core::Checkpoint`]. A
    /// pipe has to begin at its start again.
    ///
    /// # Errors
    /// A text that is no checkpoint of inputs, or one of an input that isn't among these.
    pub fn resume(mut self, checkpoint: &str) -> Result<Self, ResumeError> {
        let Checkpoint {
            input,
            records,
            before,
        } = Checkpoint::parse(checkpoint)?;
        let Some(at) = self.inputs.iter().position(|it| *it.origin == *input) else {
            return Err(ResumeError::NoSuchInput { input, records });
        };
        for passed in self.inputs.drain(..at) {
            self.passed.add(&passed.origin);
        }
        if self.passed.checksum() != before {
            return Err(ResumeError::OtherInputs { input, records });
        }
        self.skip = records;
        Ok(self)
    }

    /// These inputs with something that reads the objects that their messages name.
    pub fn with_objects(mut self, objects: Arc<dyn Objects>) -> Self {
        self.config.objects = Some(objects);
        self
    }

    /// The source of all records, input after input.
    pub fn into_source(self) -> Files {
        Files::new(self.config, self.inputs, self.count, self.skip, self.passed)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File { path, bytes } => f
                .debug_struct("File")
                .field("path", path)
                .field("bytes", bytes)
                .finish(),
            Place::Pipe(_) => f.write_str("Pipe"),
            Place::Object(_) => f.write_str("Object"),
        }
    }
}

/// The first line is all that the format can be told by; one longer than this tells it, too.
const HEAD_BYTES: usize = 64 << 10;

/// An input that was opened and not looked into.
struct Opened {
    origin: Arc<str>,
    name: Name,
    raw: BoxRead,
    /// Of a regular file: where it is, and its size.
    file: Option<(PathBuf, u64)>,
    is_program: bool,
}

fn look_at(config: &InputConfig, opened: Opened, count: &Count) -> Result<Input, InputError> {
    let Opened {
        origin,
        name,
        raw,
        file,
        is_program,
    } = opened;
    let named = stream(config, &name, file.is_some());
    // Files are opened again to be read, and pipes aren't.
    let count = if file.is_some() {
        Count::default()
    } else {
        count.clone()
    };
    let Content { compression, read } = Content::new(raw, count, name.compression);
    let mut content = Replay::peek(read, has_line);
    if content.head().is_empty()
        && let Some(fault) = content.take_fault()
    {
        return Err(source_error(fault, &origin, compression).into());
    }
    let format = match format(config, &name, content.head()) {
        Ok(format) => format,
        Err(why) => match content.take_fault() {
            Some(fault) => return Err(source_error(fault, &origin, compression).into()),
            // It has ended well, and had nothing to say.
            None if is_program && content.head().trim_ascii_start().is_empty() => {
                InputFormat::Jsonl
            }
            None => return Err(unclear(why, &origin)),
        },
    };
    // What was set aside says itself what it is of.
    let stream = match (&config.stream, quarantined::stream_of(content.head())) {
        (None, Some(stream)) => Some(stream),
        _ => named,
    };
    if stream.is_none() && !format.names_streams() {
        let origin = Arc::clone(&origin);
        return Err(InputError::NoStream { origin });
    }
    let stream = stream.filter(|_| !format.names_streams());
    let is_arrow_file = detect::is_arrow_file(content.head());
    let place = match file {
        Some((path, bytes)) => Place::File { path, bytes },
        None => Place::Pipe(Box::new(content)),
    };
    Ok(Input {
        origin,
        stream,
        format,
        compression,
        is_arrow_file,
        place,
    })
}

impl Opened {
    fn pipe(origin: Arc<str>, read: impl Read + Send + 'static) -> Self {
        Self {
            origin,
            name: Name::default(),
            raw: Box::new(read),
            file: None,
            is_program: false,
        }
    }

    fn program(output: ProgramOutput) -> Self {
        let origin = format!("the output of {}", output.program());
        Self {
            is_program: true,
            ..Self::pipe(origin.into(), output)
        }
    }

    fn file(path: PathBuf) -> Result<Self, InputError> {
        let origin: Arc<str> = path.to_string_lossy().into();
        let read = |source| InputError::Read {
            origin: Arc::clone(&origin),
            source,
        };
        let file = File::open(&path).map_err(read)?;
        let metadata = file.metadata().map_err(read)?;
        if metadata.is_dir() {
            return Err(InputError::Folder {
                path: origin.to_string(),
            });
        }
        let name = Name::of(&path);
        // What isn't a regular file (a FIFO, `/dev/stdin`) can be read only once.
        let file_at = metadata.is_file().then_some((path, metadata.len()));
        Ok(Self {
            origin,
            name,
            raw: Box::new(file),
            file: file_at,
            is_program: false,
        })
    }
}

fn stream(config: &InputConfig, name: &Name, is_file: bool) -> Option<StreamName> {
    let own = || (is_file && !name.stem.is_empty()).then(|| StreamName::new(name.stem.as_str()));
    config.stream.clone().or_else(own)
}

fn has_line(head: &[u8]) -> bool {
    head.trim_ascii_start().contains(&b'\n') || head.len() >= HEAD_BYTES
}

fn format(config: &InputConfig, name: &Name, head: &[u8]) -> Result<InputFormat, Unclear> {
    match config.format {
        Some(format) => detect::expect_lines(head, format).map(|()| format),
        // With a delimiter in hand, text is CSV unless something speaks against it.
        None => match detect::format(head, name.format) {
            Err(Unclear::Seen(_)) if is_delimited(config, head) => Ok(InputFormat::Csv),
            told => told,
        },
    }
}

fn is_delimited(config: &InputConfig, head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    config
        .csv
        .delimiter
        .is_some_and(|delimiter| line.contains(&delimiter))
        && std::str::from_utf8(line).is_ok()
}

fn unclear(why: Unclear, origin: &Arc<str>) -> InputError {
    let origin = Arc::clone(origin);
    match why {
        Unclear::Seen(seen) => InputError::UnknownFormat { origin, seen },
        Unclear::NotJsonLines(seen) => InputError::NotJsonLines { origin, seen },
    }
}
