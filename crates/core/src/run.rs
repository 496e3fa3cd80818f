//! A run, from the first record to the last object.

mod outcome;
mod publishing;
mod under_way;
mod work_thread;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::buckets::Buckets;
use crate::checkpoint_sink::CheckpointSink;
use crate::ledger::RunRecord;
use crate::memory::MemoryPlan;
use crate::moment::Zone;
use crate::pending::CutPolicy;
use crate::progress::Progress;
use crate::quarantine::Quarantine;
use crate::read_ahead::read_ahead;
use crate::retry::Retry;
use crate::roll::RollPolicy;
use crate::schema_memory::SchemaMemory;
use crate::selection::Selection;
use crate::source::Source;
use crate::stream_plan::StreamPlans;
pub use outcome::{Ending, Outcome, RunError};
use under_way::Run;

/// What is to be loaded, and how.
pub struct Job {
    /// The streams that are loaded; others are passed over.
    pub selection: Selection,
    /// How the objects of each stream are made.
    pub plans: StreamPlans,
    /// What earlier runs have found of their columns, where anything is remembered.
    pub schema_memory: Option<SchemaMemory>,
    /// What is done with bad records; where nothing is, the first one ends the run.
    pub quarantine: Option<Quarantine>,
    /// The zone that cursors are told in.
    pub zone: Zone,
    /// When objects are sealed.
    pub roll: RollPolicy,
    /// How memory is divided.
    pub memory: MemoryPlan,
    /// Requests to the bucket that may be under way at once.
    pub upload_concurrency: usize,
    /// Repeats requests.
    pub retry: Retry,
    /// The time when it begins.
    pub now: DateTime<Utc>,
    /// When objects appear.
    pub publish: PublishMode,
    /// When all open objects are sealed for the sake of a checkpoint, so that it can be released.
    pub cuts: CutPolicy,
    /// Who is told of checkpoints, if anybody is.
    pub sink: Option<Box<dyn CheckpointSink>>,
    /// Whether the runtime's own threads read and encode, in an order that doesn't depend on the
    /// machine: for simulations. A source that waits would stop everything then.
    pub in_place: bool,
    /// The record that is kept of the run, unless it leaves nothing.
    pub record: Option<RunRecord>,
    /// What every object of the run carries, by name.
    pub metadata: Vec<(String, String)>,
}

/// When the objects of a run appear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublishMode {
    /// Each as soon as it is sealed, but for those that replace others.
    #[default]
    Object,
    /// All when the run has ended well.
    Run,
}

/// Loads all records of `source` into `buckets`. Ends early, tidily, when `stop` becomes true.
///
/// An object appears only when it is whole. When the run fails, what was sealed before still
/// appears, and what was open is given up; when it is stopped, or its source ends too early, what was
/// read is sealed. Bad records
/// that are set aside have objects, too, which replace nothing and keep to the same rules. An object
/// that may replace another one appears only when the run has ended well, and wasn't asked to stop
/// before the first such object was published.
pub async fn run(
    job: Job,
    source: Box<dyn Source>,
    buckets: Buckets,
    stop: watch::Receiver<bool>,
    progress: Arc<Progress>,
) -> Outcome {
    let in_place = job.in_place;
    let mut run = Run::new(job, buckets, stop, progress);
    let ending = match run.load(read_ahead(source, in_place)).await {
        Ok(ending) => run.drain().await.map(|()| ending),
        Err(error) if error.is_early_end() => run.drain().await.and(Err(error)),
        Err(error) => Err(error),
    };
    let ending = run.settle(ending.unwrap_or_else(Ending::Failed)).await;
    run.close(ending).await
}
