//! A run, from the first record to the last object.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::bucket::Bucket;
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::loader::Loader;
use crate::memory::MemoryPlan;
use crate::moment::Zone;
use crate::object::UploadStep;
use crate::object_upload::{StagedObject, Uploaded};
use crate::progress::Progress;
use crate::read_ahead::{ReadAhead, read_ahead};
use crate::receipt::{Receipt, Unpublished, UploadError};
use crate::retry::RetryPolicy;
use crate::roll::RollPolicy;
use crate::source::{Batch, Source, SourceError};
use crate::stream_plan::StreamPlans;
use crate::upload::{UploadLimits, Uploader};

/// What is to be loaded, and how.
pub struct Job {
    /// How the objects of each stream are made.
    pub plans: StreamPlans,
    /// The zone that cursors are told in.
    pub zone: Zone,
    /// When objects are sealed.
    pub roll: RollPolicy,
    /// How memory is divided.
    pub memory: MemoryPlan,
    /// Requests to the bucket that may be under way at once.
    pub upload_concurrency: usize,
    /// How often a request is repeated.
    pub retry: RetryPolicy,
    /// What every object of the run carries, by name.
    pub metadata: Vec<(String, String)>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// The objects that have appeared, in the order in which they began.
    pub receipts: Vec<Receipt>,
    /// The objects that are whole in the bucket but couldn't be published, in that order too.
    pub unpublished: Vec<Unpublished>,
    /// Records that were read.
    pub rows_read: u64,
    /// Requests that were repeated.
    pub retries: u64,
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

/// Loads all records of `source` into `bucket`. Ends early, tidily, when `stop` becomes true.
///
/// An object appears only when it is whole. When the run fails, what was sealed before still
/// appears, and what was open is given up; when it is stopped, what was read is sealed. An object
/// that may replace another one appears only when the run has ended well, and wasn't asked to stop
/// before the first such object was published.
pub async fn run(
    job: Job,
    source: Box<dyn Source>,
    bucket: Arc<dyn Bucket>,
    stop: watch::Receiver<bool>,
    progress: Arc<Progress>,
) -> Outcome {
    let mut run = Run::new(job, bucket, stop, progress);
    let ending = match run.load(read_ahead(source)).await {
        Ok(ending) => run.drain().await.map(|()| ending),
        Err(error) => Err(error),
    };
    let ending = run.settle(ending.unwrap_or_else(Ending::Failed)).await;
    run.outcome(ending)
}

/// The parts of a run that is under way.
struct Run {
    /// Away while it works on a thread of its own.
    loader: Option<Loader>,
    uploader: Uploader,
    receipts: Vec<Receipt>,
    unpublished: Vec<Unpublished>,
    /// Objects that wait for the run's end.
    staged: Vec<StagedObject>,
    stop: watch::Receiver<bool>,
    progress: Arc<Progress>,
    began: Instant,
    tick_every: Option<Duration>,
}

impl Run {
    fn new(
        job: Job,
        bucket: Arc<dyn Bucket>,
        stop: watch::Receiver<bool>,
        progress: Arc<Progress>,
    ) -> Self {
        let limits = LoaderLimits {
            roll: job.roll,
            memory_bytes_max: job.memory.open_bytes,
            part_bytes: job.memory.part_bytes,
            parts_max: bucket.part_limits().count_max,
        };
        let upload = UploadLimits {
            bytes_max: job.memory.upload_bytes,
            concurrency: job.upload_concurrency,
            retry: job.retry,
        };
        Self {
            loader: Some(Loader::new(job.plans, job.zone, limits)),
            uploader: Uploader::new(bucket, job.metadata, &upload),
            receipts: Vec::new(),
            unpublished: Vec::new(),
            staged: Vec::new(),
            stop,
            progress,
            began: Instant::now(),
            tick_every: job
                .roll
                .age_max_ms
                .map(|age| Duration::from_millis((age / 4).max(10))),
        }
    }

    /// Takes batches in until they end, the run is stopped or something fails.
    async fn load(&mut self, mut batches: ReadAhead) -> Result<Ending, RunError> {
        let mut ticks = interval(self.tick_every.unwrap_or(Duration::from_secs(3_600)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = asked_to(&mut self.stop) => return Ok(Ending::Interrupted),
                Some(done) = self.uploader.next_done() => self.uploaded(done)?,
                _ = ticks.tick() => self.work(Loader::tick).await?,
                batch = batches.recv() => match batch {
                    Some(Ok(Some(batch))) => self.ingest(batch).await?,
                    Some(Ok(None)) => return Ok(Ending::Done),
                    Some(Err(error)) => return Err(error.into()),
                    None => return Err(RunError::SourceLost),
                },
            }
        }
    }

    async fn ingest(&mut self, batch: Batch) -> Result<(), RunError> {
        self.progress
            .read(batch.records.len() as u64, batch.input_bytes);
        self.work(move |loader, now_ms| loader.ingest(&batch, now_ms))
            .await
    }

    /// Seals what is open, one object after the other.
    async fn drain(&mut self) -> Result<(), RunError> {
        while self.work(|loader, _| loader.seal_first()).await? {}
        Ok(())
    }

    /// Lets the loader work on a thread for work, and sends what comes of it: also after an error,
    /// since objects that were sealed before it are whole.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Loader, u64) -> Result<T, LoadError> + Send + 'static,
    ) -> Result<T, RunError> {
        let now_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Some(mut loader) = self.loader.take() else {
            return Err(RunError::Lost);
        };
        let working = spawn_blocking(move || {
            let result = work(&mut loader, now_ms);
            (loader, result)
        });
        let (mut loader, result) = working.await?;
        let steps = loader.take_steps();
        self.loader = Some(loader);
        for step in steps {
            self.hand_on(step).await;
        }
        Ok(result?)
    }

    /// Hands a step on once there is room for it. A run that is asked to stop gives up what it will
    /// never publish, instead of waiting until that is sent.
    async fn hand_on(&mut self, step: UploadStep) {
        let room = tokio::select! {
            biased;
            () = asked_to(&mut self.stop) => None,
            room = self.uploader.room_for(&step) => Some(room),
        };
        let room = match room {
            Some(room) => room,
            None => {
                self.uploader.give_up_unpublished();
                self.uploader.room_for(&step).await
            }
        };
        self.uploader.take(step, room);
    }

    /// Waits for all objects that were sealed; those that are still open are given up. Then those
    /// that waited for the run's end are published, if it has ended well. Nobody can stop it after
    /// the first of them: some objects replaced and others not is worse than all.
    async fn settle(&mut self, ending: Ending) -> Ending {
        self.uploader.give_up_open();
        let ending = match self.wait(ending).await {
            Ending::Done if *self.stop.borrow() => Ending::Interrupted,
            ending => ending,
        };
        for staged in std::mem::take(&mut self.staged) {
            match ending {
                Ending::Done => self.uploader.publish(staged),
                Ending::Interrupted | Ending::Failed(_) => self.uploader.discard(staged),
            }
        }
        self.wait(ending).await
    }

    /// Waits for all objects on their way. The first failure decides how the run ended.
    async fn wait(&mut self, mut ending: Ending) -> Ending {
        while let Some(done) = self.uploader.next_done().await {
            match (self.uploaded(done), &ending) {
                (Ok(()), _) => {}
                (Err(error), Ending::Failed(first)) => {
                    tracing::debug!(%error, %first, "a further object failed");
                }
                (Err(error), _) => ending = Ending::Failed(error.into()),
            }
        }
        ending
    }

    /// Notes what has become of an object, also where that is less than was meant.
    fn uploaded(&mut self, done: Result<Uploaded, UploadError>) -> Result<(), UploadError> {
        match done {
            Ok(Uploaded::Staged(staged)) => self.staged.push(staged),
            Ok(Uploaded::Published(receipt)) => {
                self.progress.published(receipt.bytes);
                self.receipts.push(receipt);
            }
            Err(UploadError::Publish { left, source }) => {
                self.unpublished.push(Unpublished::clone(&left));
                return Err(UploadError::Publish { left, source });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn outcome(mut self, ending: Ending) -> Outcome {
        self.receipts.sort_by_key(|receipt| receipt.object);
        self.unpublished.sort_by_key(|left| left.object);
        let routes = self.loader.as_ref().map(Loader::routes).unwrap_or_default();
        Outcome {
            ending,
            receipts: self.receipts,
            unpublished: self.unpublished,
            rows_read: self.progress.rows_read(),
            retries: self.uploader.retries(),
            routes: routes.len(),
            distinct_routes: routes.iter().collect::<HashSet<_>>().len(),
        }
    }
}

/// Ends when a run is asked to stop: never, where nobody is left who could.
async fn asked_to(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
