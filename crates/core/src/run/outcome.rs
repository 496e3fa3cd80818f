//! What comes of a run.

use tokio::task::JoinError;

use crate::ledger::{CoverFault, LedgerError, Manifest, Recovery};
use crate::load_error::LoadError;
use crate::receipt::{Receipt, Unpublished, UploadError};
use crate::schema_memory::SchemaMemoryError;
use crate::source::{SourceError, StreamName};

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// The objects that have appeared, in the order in which they began.
    pub receipts: Vec<Receipt>,
    /// The objects of bad records that have appeared, in that order too.
    pub quarantine: Vec<Receipt>,
    /// The objects that are whole in the bucket but couldn't be published, in that order too.
    pub unpublished: Vec<Unpublished>,
    /// Its manifest, where it is whole and a record is kept of it.
    pub manifest: Option<Manifest>,
    /// What was found dead and recovered before it began.
    pub recovered: Option<Recovery>,
    /// The last checkpoint that was released: all records before it are in objects that have
    /// appeared.
    pub checkpoint: Option<String>,
    /// Records that were read, bad ones among them.
    pub rows_read: u64,
    /// The globs of the selection that no stream has matched.
    pub unmatched: Vec<String>,
    /// Cursor periods of all streams together.
    pub routes: usize,
    /// How many of them have keys that read differently.
    pub distinct_routes: usize,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ending {
    /// All records were loaded.
    Done,
    /// It was asked to stop.
    Interrupted,
    /// It couldn't go on.
    Failed(RunError),
}

impl RunError {
    /// Whether all that was read before it is whole: the input has merely ended too early.
    pub(crate) fn is_early_end(&self) -> bool {
        matches!(self, Self::Source(error) if error.is_early_end())
    }
}

/// Why a run couldn't go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The input is at fault.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The records can't be loaded as they are.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The destination is at fault.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// What is kept of the run can't be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What earlier runs have found of a stream's columns can't be read.
    #[error(transparent)]
    Memory(#[from] SchemaMemoryError),
    /// Nobody listens any more to what the source can go on from.
    #[error("tell what the source can go on from")]
    Sink(#[source] std::io::Error),
    /// What earlier runs have written of a stream can't be replaced.
    #[error("replace what earlier runs have written of stream {stream}: {fault}")]
    Cover {
        /// The stream.
        stream: StreamName,
        /// Why not.
        fault: CoverFault,
    },
    /// A thread ended by a fault of the program.
    #[error("run a step of the load to its end")]
    Thread(#[from] JoinError),
    /// The source's thread ended by a fault of the program, in the middle of the input.
    #[error("read the input to its end: its thread has died")]
    SourceLost,
    /// The loader is gone, after a thread of its ended by a fault of the program.
    #[error("go on after a fault of the program")]
    Lost,
}
