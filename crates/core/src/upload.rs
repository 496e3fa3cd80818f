//! The uploader: sends the bytes of objects to the bucket.
//!
//! An object is staged, or put in one step where it is no longer than a part. Whether it is
//! published as soon as it is sealed or when the run has ended well is its plan's to say.

use std::collections::HashMap;
use std::sync::Arc;

use spile_macros_template::RouteKey;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::buckets::Buckets;
use crate::clock::Clock;
use crate::ledger::RunJournal;
use crate::object::{ObjectId, ObjectPlan, PublishWhen, UploadStep};
use crate::object_upload::{ObjectUpload, StagedObject, Step, Turn, Uploaded};
use crate::receipt::UploadError;
use crate::retry::Retry;
use crate::upload_context::{Context, Shared};

/// What bounds the uploader.
#[derive(Clone, Debug)]
pub(crate) struct UploadLimits {
    /// Bytes that may wait to be sent or be on their way.
    pub(crate) bytes_max: usize,
    /// Requests that may be under way at once.
    pub(crate) concurrency: usize,
    /// Repeats them.
    pub(crate) retry: Retry,
    /// By which uploads are kept for long enough.
    pub(crate) clock: Clock,
}

/// Sends objects, many at once.
pub(crate) struct Uploader {
    contexts: Contexts,
    room: Room,
    objects: HashMap<ObjectId, Sending>,
    turns: Turns,
    tasks: JoinSet<Result<Option<Uploaded>, UploadError>>,
}

/// What uploads share that go to the same bucket.
struct Contexts {
    loaded: Arc<Context>,
    quarantine: Arc<Context>,
}

/// An object that wasn't sealed.
enum Sending {
    /// Nothing of it has come yet.
    Planned(Box<ObjectPlan>),
    /// Its task waits for steps.
    Begun(PublishWhen, mpsc::UnboundedSender<Step>),
}

/// Bytes that may wait to be sent, in KiB. What waits for room holds the whole run back.
struct Room {
    free: Arc<Semaphore>,
    kib: u32,
}

/// What a step on its way takes up besides its bytes.
const OBJECT_BYTES: usize = 8 << 10;

/// The objects of a route find their keys one after the other, so that their numbers follow the
/// order of their records.
#[derive(Default)]
struct Turns(HashMap<RouteKey, oneshot::Receiver<()>>);

impl Uploader {
    /// An uploader to buckets, whose objects all carry `metadata`. What it does is written down in
    /// the journal, if there is one.
    pub(crate) fn new(
        buckets: Buckets,
        metadata: Vec<(String, String)>,
        limits: UploadLimits,
        journal: Option<RunJournal>,
    ) -> Self {
        let UploadLimits {
            concurrency,
            retry,
            clock,
            ..
        } = limits;
        let shared = Arc::new(Shared::new(metadata, concurrency, retry, clock, journal));
        let context = |bucket| Arc::new(Context::new(bucket, Arc::clone(&shared)));
        let loaded = context(buckets.loaded);
        let quarantine = buckets.quarantine.map(context);
        Self {
            contexts: Contexts {
                quarantine: quarantine.unwrap_or_else(|| Arc::clone(&loaded)),
                loaded,
            },
            room: Room::new(limits.bytes_max),
            objects: HashMap::new(),
            turns: Turns::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Waits until there is room for the bytes of a step.
    pub(crate) async fn room_for(&self, step: &UploadStep) -> OwnedSemaphorePermit {
        match step {
            UploadStep::Part(_, body) | UploadStep::Finish(_, body, _) => {
                self.room.take(body.len() + OBJECT_BYTES).await
            }
            UploadStep::Begin(..) | UploadStep::Discard(_) => self.room.take(0).await,
        }
    }

    /// Takes a step on, into its room.
    pub(crate) fn take(&mut self, step: UploadStep, room: OwnedSemaphorePermit) {
        match step {
            UploadStep::Begin(id, plan) => {
                self.objects.insert(id, Sending::Planned(plan));
            }
            UploadStep::Part(id, body) => self.send(id, Step::Part(body, room)),
            UploadStep::Finish(id, rest, sealed) => {
                self.send(id, Step::Finish(rest, room, sealed));
                self.objects.remove(&id);
            }
            UploadStep::Discard(id) => {
                self.objects.remove(&id);
            }
        }
    }

    /// Gives up the objects that weren't sealed: a task whose steps end early discards.
    pub(crate) fn give_up_open(&mut self) {
        self.objects.clear();
    }

    /// Gives up those of them that only the end of a run would publish.
    pub(crate) fn give_up_unpublished(&mut self) {
        self.objects
            .retain(|_, object| object.publish() == PublishWhen::Sealed);
    }

    /// Publishes a staged object.
    pub(crate) fn publish(&mut self, staged: StagedObject) {
        let context = self.contexts.of(staged.receipt.is_quarantine);
        self.tasks.spawn(async move {
            let receipt = staged.publish(&context).await?;
            Ok(Some(Uploaded::Published(receipt)))
        });
    }

    /// Gives a staged object up.
    pub(crate) fn discard(&mut self, staged: StagedObject) {
        let context = self.contexts.of(staged.receipt.is_quarantine);
        self.tasks.spawn(async move {
            staged.discard(&context).await;
            Ok(None)
        });
    }

    /// The next object that is published, staged or failed; `None` when none is on its way.
    pub(crate) async fn next_done(&mut self) -> Option<Result<Uploaded, UploadError>> {
        loop {
            let done = self.tasks.join_next().await?;
            if let Some(done) = done.map_err(UploadError::from).flatten().transpose() {
                return Some(done);
            }
        }
    }

    fn send(&mut self, id: ObjectId, step: Step) {
        let (publish, steps) = match self.objects.remove(&id) {
            Some(Sending::Begun(publish, steps)) => (publish, steps),
            Some(Sending::Planned(plan)) => (plan.publish, self.start(id, *plan)),
            None => return,
        };
        // A task that has failed takes no further steps; its error is on its way.
        let _failed_already = steps.send(step);
        self.objects.insert(id, Sending::Begun(publish, steps));
    }

    fn start(&mut self, id: ObjectId, plan: ObjectPlan) -> mpsc::UnboundedSender<Step> {
        let (sender, steps) = mpsc::unbounded_channel();
        let turn = self.turns.next(&plan.route);
        let context = self.contexts.of(plan.is_quarantine);
        let upload = ObjectUpload::new(context, id, plan);
        self.tasks.spawn(upload.run(turn, steps));
        sender
    }
}

impl Contexts {
    fn of(&self, is_quarantine: bool) -> Arc<Context> {
        Arc::clone(match is_quarantine {
            true => &self.quarantine,
            false => &self.loaded,
        })
    }
}

impl Sending {
    fn publish(&self) -> PublishWhen {
        match self {
            Self::Planned(plan) => plan.publish,
            Self::Begun(publish, _) => *publish,
        }
    }
}

impl Room {
    fn new(bytes: usize) -> Self {
        let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).max(1);
        Self {
            free: Arc::new(Semaphore::new(kib as usize)),
            kib,
        }
    }

    /// Waits until so many bytes fit. More than there is room for at all take all of it.
    async fn take(&self, bytes: usize) -> OwnedSemaphorePermit {
        let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).min(self.kib);
        let permit = Arc::clone(&self.free).acquire_many_owned(kib).await;
        #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
        permit.expect("room is never closed")
    }
}

impl Turns {
    fn next(&mut self, route: &RouteKey) -> Turn {
        let (over, after) = oneshot::channel();
        let before = self.0.insert(route.clone(), after);
        Turn::new(before, over)
    }
}
