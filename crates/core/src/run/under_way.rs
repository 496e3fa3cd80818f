//! A run that is under way: batches in, steps out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::outcome::{Ending, RunError};
use super::{Job, PublishMode};
use crate::buckets::Buckets;
use crate::clock::Clock;
use crate::ledger::{Covers, Recovery, RunRecord, Watermark};
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::loader::Loader;
use crate::object::UploadStep;
use crate::object_upload::StagedObject;
use crate::progress::Progress;
use crate::read_ahead::ReadAhead;
use crate::receipt::{Receipt, Unpublished};
use crate::source::{Batch, StreamName};
use crate::upload::{UploadLimits, Uploader};

/// The parts of a run that is under way.
pub(super) struct Run {
    /// Away while it works on a thread of its own.
    pub(super) loader: Option<Loader>,
    /// Whether bad records are set aside.
    sets_aside: bool,
    pub(super) uploader: Uploader,
    pub(super) receipts: Vec<Receipt>,
    pub(super) unpublished: Vec<Unpublished>,
    /// Objects that wait for the run's end.
    pub(super) staged: Vec<StagedObject>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) progress: Arc<Progress>,
    pub(super) replaces: Vec<(StreamName, Covers)>,
    pub(super) record: Option<RunRecord>,
    pub(super) recovered: Option<Recovery>,
    pub(super) watermark: Watermark,
    /// The last checkpoint that was released.
    pub(super) checkpoint: Option<String>,
    cuts: Cuts,
    in_place: bool,
    began: Instant,
    tick_every: Option<Duration>,
}

/// When all open objects are sealed for the sake of a checkpoint.
struct Cuts {
    publish: PublishMode,
    bytes_between: u64,
    /// Bytes of input since the last one.
    bytes: u64,
    /// What the source may go on from after the last batch.
    checkpoint: Option<Arc<str>>,
}

impl Run {
    pub(super) fn new(
        job: Job,
        buckets: Buckets,
        stop: watch::Receiver<bool>,
        progress: Arc<Progress>,
    ) -> Self {
        let limits = LoaderLimits {
            roll: job.roll,
            memory_bytes_max: job.memory.open_bytes,
            part_bytes: job.memory.part_bytes,
            parts_max: buckets.loaded.part_limits().count_max,
        };
        let upload = UploadLimits {
            bytes_max: job.memory.upload_bytes,
            concurrency: job.upload_concurrency,
            retry: job.retry,
            clock: Clock::told(job.now),
        };
        let first = job.record.as_ref().map(RunRecord::first_object);
        let first = first.unwrap_or_default();
        let journal = job.record.as_ref().map(RunRecord::journal);
        let recovered = job.record.as_ref().and_then(RunRecord::recovered).cloned();
        let rejected = job.record.as_ref().map(RunRecord::rejected);
        let sets_aside = job.quarantine.is_some();
        let mut loader = Loader::new(job.plans, job.zone, limits, job.publish).after(first);
        if let Some(quarantine) = job.quarantine {
            loader = loader.with_quarantine(quarantine, rejected.unwrap_or_default());
        }
        Self {
            loader: Some(loader),
            sets_aside,
            uploader: Uploader::new(buckets, job.metadata, upload, journal),
            replaces: job.replaces,
            record: job.record,
            recovered,
            watermark: Watermark::after(first),
            checkpoint: None,
            cuts: Cuts {
                publish: job.publish,
                bytes_between: job.checkpoint_bytes,
                bytes: 0,
                checkpoint: None,
            },
            receipts: Vec::new(),
            unpublished: Vec::new(),
            staged: Vec::new(),
            stop,
            progress,
            in_place: job.in_place,
            began: Instant::now(),
            tick_every: job
                .roll
                .age_max_ms
                .map(|age| Duration::from_millis((age / 4).max(10))),
        }
    }

    /// Takes batches in until they end, the run is stopped or something fails.
    pub(super) async fn load(&mut self, mut batches: ReadAhead) -> Result<Ending, RunError> {
        let mut ticks = interval(self.tick_every.unwrap_or(Duration::from_secs(3_600)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = asked_to(&mut self.stop) => return Ok(Ending::Interrupted),
                Some(done) = self.uploader.next_done() => {
                    self.uploaded(done)?;
                    self.release().await?;
                }
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
        let (batch, bad) = match self.sets_aside {
            true => (batch, None),
            false => batch.up_to_rejected(),
        };
        self.progress
            .read(batch.records_read() as u64, batch.input_bytes);
        let is_cut = self.cuts.is_due_after(&batch);
        self.work(move |loader, now_ms| loader.ingest(&batch, now_ms))
            .await?;
        if let Some(bad) = bad {
            return Err(bad.into());
        }
        if is_cut {
            self.drain().await?;
            self.release().await?;
        }
        Ok(())
    }

    /// Seals what is open, one object after the other. What was read up to here is a cut then.
    pub(super) async fn drain(&mut self) -> Result<(), RunError> {
        while self.work(|loader, _| loader.seal_first()).await? {}
        if let Some(checkpoint) = self.cuts.take() {
            self.watermark.cut(checkpoint);
        }
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
        let work = move || {
            let result = work(&mut loader, now_ms);
            (loader, result)
        };
        let (mut loader, result) = match self.in_place {
            true => tokio::spawn(async { work() }).await?,
            false => spawn_blocking(work).await?,
        };
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
        match &step {
            UploadStep::Begin(object, _) => self.watermark.begun(*object),
            UploadStep::Discard(object) => self.watermark.finished(*object),
            UploadStep::Part(..) | UploadStep::Finish(..) => {}
        }
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
}

impl Cuts {
    /// Counts a batch, and says whether what is open is to be sealed after it: where nothing appears
    /// before the run's end, no checkpoint is released before it either.
    fn is_due_after(&mut self, batch: &Batch) -> bool {
        self.bytes += batch.input_bytes;
        self.checkpoint.clone_from(&batch.checkpoint);
        self.publish == PublishMode::Object
            && self.checkpoint.is_some()
            && self.bytes >= self.bytes_between
    }

    /// What the source may go on from here, if it can.
    fn take(&mut self) -> Option<String> {
        self.bytes = 0;
        self.checkpoint.take().map(|text| text.to_string())
    }
}

/// Ends when a run is asked to stop: never, where nobody is left who could.
async fn asked_to(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
