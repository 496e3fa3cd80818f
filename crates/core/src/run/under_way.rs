//! A run that is under way: batches in, steps out.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::outcome::{Ending, RunError};
use super::work_thread::WorkThread;
use super::{Job, PublishMode};
use crate::buckets::Buckets;
use crate::checkpoint_sink::CheckpointSink;
use crate::clock::Clock;
use crate::ledger::{Covers, Recovery, RunRecord, Watermark};
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::loader::{Intake, Loader};
use crate::object::UploadStep;
use crate::object_upload::StagedObject;
use crate::progress::Progress;
use crate::read_ahead::ReadAhead;
use crate::receipt::{Receipt, Unpublished};
use crate::schema_memory::SchemaMemory;
use crate::selection::Selecting;
use crate::source::{Batch, Checkpoint, Generations, Message, StreamDeclaration, StreamName};
use crate::stream_plan::{StreamPlan, StreamPlans, WriteMode};
use crate::upload::{UploadLimits, Uploader};

/// The parts of a run that is under way.
pub(super) struct Run {
    /// Away while it works on a thread of its own.
    pub(super) loader: Option<Loader>,
    pub(super) selection: Selecting,
    plans: StreamPlans,
    pub(super) schema_memory: Option<SchemaMemory>,
    /// The streams that have plans.
    met: HashSet<StreamName>,
    /// Whether bad records are set aside.
    sets_aside: bool,
    pub(super) uploader: Uploader,
    pub(super) receipts: Vec<Receipt>,
    pub(super) unpublished: Vec<Unpublished>,
    /// Objects that wait for the run's end.
    pub(super) staged: Vec<StagedObject>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) progress: Arc<Progress>,
    /// The streams whose periods are replaced, and which those are.
    pub(super) replaces: Vec<(StreamName, Covers)>,
    /// The streams of which only some generations count once the run is whole.
    pub(super) activated: Vec<(StreamName, Generations)>,
    pub(super) record: Option<RunRecord>,
    pub(super) recovered: Option<Recovery>,
    pub(super) watermark: Watermark,
    /// No more bytes of checkpoints wait for their objects.
    pub(super) unreleased_bytes_max: usize,
    /// The last checkpoint that was released.
    pub(super) checkpoint: Option<String>,
    pub(super) sink: Option<Box<dyn CheckpointSink>>,
    pub(super) publish: PublishMode,
    /// Where the loader works, unless on the runtime's own threads.
    thread: Option<WorkThread>,
    began: Instant,
    tick_every: Option<Duration>,
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
            cuts: job.cuts,
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
        let mut loader = Loader::new(job.zone, limits, job.publish).after(first);
        if job
            .record
            .as_ref()
            .and_then(RunRecord::checkpoint)
            .is_some()
        {
            loader = loader.resumed();
        }
        if let Some(quarantine) = job.quarantine {
            loader = loader.with_quarantine(quarantine, rejected.unwrap_or_default());
        }
        Self {
            loader: Some(loader),
            selection: Selecting::new(job.selection),
            plans: job.plans,
            schema_memory: job.schema_memory,
            met: HashSet::new(),
            sets_aside,
            uploader: Uploader::new(buckets, job.metadata, upload, journal),
            replaces: Vec::new(),
            activated: Vec::new(),
            record: job.record,
            recovered,
            watermark: Watermark::after(first),
            unreleased_bytes_max: job.cuts.unreleased_bytes_max(),
            checkpoint: None,
            sink: job.sink,
            publish: job.publish,
            receipts: Vec::new(),
            unpublished: Vec::new(),
            staged: Vec::new(),
            stop,
            progress,
            thread: (!job.in_place).then(WorkThread::start),
            began: Instant::now(),
            tick_every: [job.roll.age_max_ms, job.cuts.age_ms]
                .into_iter()
                .flatten()
                .min()
                .map(|age| Duration::from_millis((age / 4).max(10))),
        }
    }

    /// Takes in what is read until that ends, the run is stopped or something fails.
    pub(super) async fn load(&mut self, mut ahead: ReadAhead) -> Result<Ending, RunError> {
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
                _ = ticks.tick() => self.tick().await?,
                messages = ahead.recv() => match messages {
                    Some(Ok(Some(messages))) => self.take_in(messages).await?,
                    Some(Ok(None)) => return Ok(Ending::Done),
                    Some(Err(error)) => return Err(error.into()),
                    None => return Err(RunError::SourceLost),
                },
            }
        }
    }

    async fn tick(&mut self) -> Result<(), RunError> {
        if self.work(Loader::tick).await? {
            self.drain().await?;
            self.release().await?;
        }
        Ok(())
    }

    /// Takes in what was read at once. What stands before an error is taken in all the same.
    async fn take_in(&mut self, messages: Vec<Message>) -> Result<(), RunError> {
        let mut intake = VecDeque::with_capacity(messages.len());
        let mut prepared = Ok(());
        for message in messages {
            prepared = self.prepare(message, &mut intake).await;
            if prepared.is_err() {
                break;
            }
        }
        while !intake.is_empty() {
            let take_in = |loader: &mut Loader, now_ms| {
                let mut intake = intake;
                let is_cut = loader.take_in(&mut intake, now_ms)?;
                Ok((intake, is_cut))
            };
            let is_cut;
            (intake, is_cut) = self.work(take_in).await?;
            if is_cut {
                self.drain().await?;
                self.release().await?;
                self.hold_back().await?;
            }
        }
        prepared
    }

    /// Makes of a message what the loader can take in. A stream that is met is planned.
    async fn prepare(
        &mut self,
        message: Message,
        intake: &mut VecDeque<Intake>,
    ) -> Result<(), RunError> {
        match message {
            Message::Checkpoint(Checkpoint {
                stream: Some(name), ..
            })
            | Message::Stream(StreamDeclaration { name, .. })
            | Message::Batch(Batch { stream: name, .. })
            | Message::Activate { stream: name, .. }
                if !self.selection.takes(&name) =>
            {
                Ok(())
            }
            Message::Stream(declaration) => self.meet(&declaration, intake).await,
            Message::Batch(batch) => {
                if !self.met.contains(&batch.stream) {
                    let declaration = StreamDeclaration::named(batch.stream.clone());
                    self.meet(&declaration, intake).await?;
                }
                self.prepare_batch(batch, intake)
            }
            Message::Checkpoint(checkpoint) => {
                intake.push_back(Intake::Checkpoint(checkpoint));
                Ok(())
            }
            Message::Activate {
                stream,
                generations,
            } => {
                self.activated.retain(|(known, _)| *known != stream);
                self.activated.push((stream, generations));
                Ok(())
            }
        }
    }

    fn prepare_batch(
        &mut self,
        batch: Batch,
        intake: &mut VecDeque<Intake>,
    ) -> Result<(), RunError> {
        let (batch, bad) = match self.sets_aside {
            true => (batch, None),
            false => batch.up_to_rejected(),
        };
        self.progress
            .read(batch.records_read() as u64, batch.input_bytes);
        intake.push_back(Intake::Batch(batch));
        bad.map_or(Ok(()), |bad| Err(bad.into()))
    }

    /// Plans a stream when it is met, and whenever its source declares it anew.
    async fn meet(
        &mut self,
        declaration: &StreamDeclaration,
        intake: &mut VecDeque<Intake>,
    ) -> Result<(), RunError> {
        let name = declaration.name.clone();
        let plan = (self.plans)(declaration);
        let plan = plan.map_err(|source| LoadError::Plan {
            stream: name.clone(),
            source,
        })?;
        let mut plan: StreamPlan = plan;
        if let Some(memory) = &mut self.schema_memory {
            memory.recall(&name, &mut plan).await?;
        }
        if let Some(record) = &mut self.record {
            record.meet(&name, plan.keys.template());
        }
        let is_new = self.met.insert(name.clone());
        if let WriteMode::Replace(covers) = plan.write
            && is_new
        {
            self.replaces.push((name.clone(), covers));
        }
        intake.push_back(Intake::Plan(name, Box::new(plan)));
        Ok(())
    }

    /// Seals what is open, one object after the other. What was read up to here is a cut then.
    pub(super) async fn drain(&mut self) -> Result<(), RunError> {
        while self.work(|loader, _| loader.seal_first()).await? {}
        let cut = self.loader.as_mut().and_then(Loader::cut);
        if let Some(cut) = cut {
            self.watermark.cut(cut);
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
        let (mut loader, result) = match &self.thread {
            None => tokio::spawn(async { work() }).await?,
            Some(thread) => thread.run(work).await.ok_or(RunError::Lost)?,
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

/// Ends when a run is asked to stop: never, where nobody is left who could.
pub(super) async fn asked_to(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
