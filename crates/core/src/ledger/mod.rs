//! What is kept of runs, beside their objects: so that a run is a thing that can be verified,
//! repeated, finished or undone by whoever comes after it.
//!
//! In reading order: a [`Shelf`] is where documents lie, in the place of their [`Home`];
//! [`RunRecord`] is the record of a run that is under way; its journal is read back as a history,
//! from which [`Recovery`] follows; a [`Manifest`] is what a whole run leaves, a [`StreamIndex`] what
//! all runs of a connection have left of a stream. A [`Catalogue`] reads them for whoever asks, and an
//! [`Outbox`] has those that somebody is to be told of.

mod catalogue;
mod conclusion;
mod covers;
mod dead;
mod earlier;
mod entry;
mod history;
mod holder;
mod index;
mod journal;
mod kept_run;
mod lease;
mod listing;
mod manifest;
mod outbox;
mod place;
mod record;
mod recover;
mod recover_all;
mod run_ending;
mod run_journal;
mod run_record;
mod run_start;
mod shelf;
mod watermark;

pub use catalogue::{Catalogue, Runs};
pub use covers::{CoverFault, Covers};
pub use entry::AttemptStatus;
#[cfg(feature = "testing")]
pub(crate) use history::read_segments;
pub use holder::{SharedSurroundings, Surroundings};
pub use index::{IndexEntry, StreamIndex};
pub use kept_run::{KeptRun, OpenUpload, RunStatus, RunSummary};
pub use manifest::{Manifest, StreamManifest};
pub use outbox::Outbox;
pub use place::Home;
pub use record::{ColumnRecord, ObjectRecord, SchemaRecord};
pub use recover::{Leftover, Recovery};
pub use recover_all::{Left, LeftAlone, RecoverAll, Recovered, Unrecovered};
pub(crate) use run_journal::RunJournal;
pub use run_record::RunRecord;
pub use run_start::{Again, RunStart};
pub use shelf::{LedgerError, Shelf};
pub(crate) use watermark::{Cut, Watermark};
