//! What keeps an input from being read at all.

use std::fmt;
use std::io;
use std::sync::Arc;

use spile_core::SourceError;

/// Every fault that was found in the inputs before their first record was read; at least one.
#[derive(Debug)]
pub struct InputErrors(pub(crate) Vec<InputError>);

/// Why an input can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// No path was given.
    #[error("find any input: name files, globs, `-` for stdin, or a program by `-- PROGRAM`")]
    NoPaths,
    /// A glob without a match.
    #[error("find a file that matches `{pattern}`")]
    NoMatch {
        /// The glob.
        pattern: String,
    },
    /// Text with glob characters that is no glob.
    #[error("read `{pattern}` as a glob")]
    Pattern {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// A folder where a file is needed.
    #[error("read the folder `{path}` as a file: name its files, as in `{path}/*.csv`")]
    Folder {
        /// The folder.
        path: String,
    },
    /// A file that isn't there or may not be read.
    #[error("read {origin}")]
    Read {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
        /// Why.
        source: io::Error,
    },
    /// Neither content nor name tells the format.
    #[error("tell the format of {origin}: {seen}; name it by `--input-format`")]
    UnknownFormat {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
        /// What its content looks like.
        seen: String,
    },
    /// JSON that isn't one object a line.
    #[error(
        "read {origin} as JSON lines: {seen}, and one object a line is expected (`jq -c` writes that)"
    )]
    NotJsonLines {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
        /// What it is instead.
        seen: &'static str,
    },
    /// Neither a file's name nor the configuration names the stream.
    #[error("name the stream of {origin}: give it by `--stream NAME`")]
    NoStream {
        /// The file's path as it was given, or `stdin`.
        origin: Arc<str>,
    },
    /// `-` more than once.
    #[error("read stdin more than once")]
    StdinTwice,
    /// A program that can't be run.
    #[error("start the source `{program}`")]
    Start {
        /// The program, without its arguments, since secrets may stand there.
        program: Arc<str>,
        /// Why not.
        source: io::Error,
    },
    /// Settings for CSV that contradict each other.
    #[error("read csv by these settings: {cause}")]
    Csv {
        /// What is wrong with them.
        cause: String,
    },
    /// The beginning of the input is damaged.
    #[error(transparent)]
    Damaged(#[from] SourceError),
}

impl InputErrors {
    /// Each fault, in the order of the inputs.
    pub fn iter(&self) -> impl Iterator<Item = &InputError> {
        self.0.iter()
    }
}

impl IntoIterator for InputErrors {
    type Item = InputError;
    type IntoIter = std::vec::IntoIter<InputError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for InputErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputErrors {}
