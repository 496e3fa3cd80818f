//! What is kept of runs, beside their objects: so that a run is a thing that can be verified,
//! repeated, finished or undone by whoever comes after it.
//!
//! In reading order: a [`Shelf`] is where documents lie, in the place of their [`Home`];
//! [`RunRecord`] is the record of a run that is under way; its journal is read back as a history,
//! from which [`Recovery`] follows; a [`Manifest`] is what a whole run leaves, a [`StreamIndex`] what
//! all runs of a connection have left of a stream.

mod conclusion;
mod covers;
mod entry;
mod history;
mod holder;
mod index;
mod journal;
mod lease;
mod manifest;
mod place;
mod record;
mod recover;
mod run_record;
mod shelf;
mod watermark;

pub use covers::{CoverFault, Covers};
pub use entry::AttemptStatus;
#[cfg(feature = "testing")]
pub(crate) use history::read_segments;
pub use holder::{SharedSurroundings, Surroundings};
pub use index::{IndexEntry, StreamIndex};
pub use manifest::{Manifest, StreamManifest};
pub use place::Home;
pub use record::{ColumnRecord, ObjectRecord, SchemaRecord};
pub use recover::{Leftover, Recovery};
pub(crate) use run_record::RunJournal;
pub use run_record::{Again, RunRecord, RunStart};
pub use shelf::{LedgerError, Shelf};
pub(crate) use watermark::Watermark;
