//! The uploader: sends the bytes of objects to the bucket.
//!
//! An object is staged, or put in one step where it is no longer than a part. Whether it is
//! published as soon as it is sealed or when the run has ended well is its plan's to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use spile_macros_template::{KeyError, ObjectKey, RouteKey};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};

use crate::bucket::{Bucket, BucketError, BucketErrorKind, Published};
use crate::key_register::KeyRegister;
use crate::object::{ObjectId, ObjectPlan, Sealed, UploadStep};
use crate::object_upload::{ObjectUpload, StagedObject, Uploaded};
use crate::retry::{Retry, RetryPolicy};
use crate::router::CursorRange;
use crate::source::StreamName;

/// An object that has appeared in the bucket.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its name within the run.
    pub object: ObjectId,
    /// The stream that its records belong to.
    pub stream: StreamName,
    /// Its key in the bucket.
    pub key: ObjectKey,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// In how many parts it was sent.
    pub parts: u32,
    /// The first and the last of its records' cursors.
    pub cursors: Option<CursorRange>,
    /// What the store calls its content.
    pub etag: Option<String>,
}

/// Why an object didn't appear.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// No key can be made for it.
    #[error("make a key for an object of stream {stream}")]
    Key {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: KeyError,
    },
    /// Another writer's object appeared at its key while it was being sent.
    #[error("publish {key}: another object appeared at that key in the meantime")]
    Taken {
        /// The key.
        key: ObjectKey,
    },
    /// The bucket refused it or can't be reached.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The upload's task ended by a fault of the program.
    #[error("run an upload to its end")]
    Task(#[from] JoinError),
}

/// What bounds the uploader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadLimits {
    /// Bytes that may wait to be sent or be on their way.
    pub(crate) bytes_max: usize,
    /// Requests that may be under way at once.
    pub(crate) concurrency: usize,
    /// How often they are repeated.
    pub(crate) retry: RetryPolicy,
}

/// Sends objects, many at once.
pub(crate) struct Uploader {
    context: Arc<Context>,
    room: Room,
    objects: HashMap<ObjectId, Sending>,
    turns: Turns,
    tasks: JoinSet<Result<Option<Uploaded>, UploadError>>,
}

/// An object that wasn't sealed.
enum Sending {
    /// Nothing of it has come yet.
    Planned(Box<ObjectPlan>),
    /// Its task waits for steps.
    Begun(mpsc::UnboundedSender<Step>),
}

/// What all uploads share.
pub(crate) struct Context {
    pub(crate) bucket: Arc<dyn Bucket>,
    /// What every object carries.
    pub(crate) metadata: Vec<(String, String)>,
    keys: Mutex<KeyRegister>,
    slots: Semaphore,
    retry: Retry,
}

/// Bytes that may wait to be sent, in KiB. What waits for room holds the whole run back.
struct Room {
    free: Arc<Semaphore>,
    kib: u32,
}

/// What an object on its way takes up besides its bytes.
const OBJECT_KIB: usize = 8;

/// What the task of an object has to do. The permits are its room.
pub(crate) enum Step {
    Part(Bytes, OwnedSemaphorePermit),
    Finish(Bytes, OwnedSemaphorePermit, Sealed),
}

/// The objects of a route find their keys one after the other, so that their numbers follow the
/// order of their records.
#[derive(Default)]
struct Turns(HashMap<RouteKey, oneshot::Receiver<()>>);

/// An object's turn to find its key: it comes when the one before is over, however that ended.
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

impl Uploader {
    /// An uploader to `bucket`, whose objects all carry `metadata`.
    pub(crate) fn new(
        bucket: Arc<dyn Bucket>,
        metadata: Vec<(String, String)>,
        limits: &UploadLimits,
    ) -> Self {
        let context = Context {
            bucket,
            metadata,
            keys: Mutex::default(),
            slots: Semaphore::new(limits.concurrency.max(1)),
            retry: Retry::new(limits.retry),
        };
        Self {
            context: Arc::new(context),
            room: Room::new(limits.bytes_max),
            objects: HashMap::new(),
            turns: Turns::default(),
            tasks: JoinSet::new(),
        }
    }

    /// How many requests were repeated.
    pub(crate) fn retries(&self) -> u64 {
        self.context.retry.count()
    }

    /// Takes a step on, once there is room for its bytes.
    pub(crate) async fn take(&mut self, step: UploadStep) {
        match step {
            UploadStep::Begin(id, plan) => {
                self.objects.insert(id, Sending::Planned(plan));
            }
            UploadStep::Part(id, body) => {
                let room = self.room.take(body.len()).await;
                self.send(id, Step::Part(body, room));
            }
            UploadStep::Finish(id, rest, sealed) => {
                let room = self.room.take(rest.len()).await;
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

    /// Publishes a staged object.
    pub(crate) fn publish(&mut self, staged: StagedObject) {
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let receipt = staged.publish(&context).await?;
            Ok(Some(Uploaded::Published(receipt)))
        });
    }

    /// Gives a staged object up.
    pub(crate) fn discard(&mut self, staged: StagedObject) {
        let context = Arc::clone(&self.context);
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
        let steps = match self.objects.remove(&id) {
            Some(Sending::Begun(steps)) => steps,
            Some(Sending::Planned(plan)) => self.start(id, *plan),
            None => return,
        };
        // A task that has failed takes no further steps; its error is on its way.
        let _failed_already = steps.send(step);
        self.objects.insert(id, Sending::Begun(steps));
    }

    fn start(&mut self, id: ObjectId, plan: ObjectPlan) -> mpsc::UnboundedSender<Step> {
        let (sender, steps) = mpsc::unbounded_channel();
        let turn = self.turns.next(&plan.route);
        let upload = ObjectUpload::new(Arc::clone(&self.context), id, plan);
        self.tasks.spawn(upload.run(turn, steps));
        sender
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
        let kib = u32::try_from((bytes >> 10) + OBJECT_KIB)
            .unwrap_or(u32::MAX)
            .min(self.kib);
        let permit = Arc::clone(&self.free).acquire_many_owned(kib).await;
        #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
        permit.expect("room is never closed")
    }
}

impl Context {
    /// The next key of a route that no other object of this run has.
    pub(crate) fn claim(&self, plan: &ObjectPlan) -> Result<ObjectKey, UploadError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys.claim(&plan.keys, &plan.route);
        key.map_err(|source| UploadError::Key {
            stream: plan.stream.clone(),
            source,
        })
    }

    /// Sends a request when a slot is free, again if it fails in passing.
    pub(crate) async fn ask<T, F>(&self, request: impl Fn() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let _slot = self.slots.acquire().await;
        self.retry.run(request).await
    }
}

impl Turns {
    fn next(&mut self, route: &RouteKey) -> Turn {
        let (over, after) = oneshot::channel();
        let before = self.0.insert(route.clone(), after);
        Turn {
            before,
            _over: over,
        }
    }
}

impl Turn {
    pub(crate) async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // An object that failed before it found its key has had its turn too.
            let _over = before.await;
        }
    }
}

impl Receipt {
    pub(crate) fn new(
        object: ObjectId,
        plan: &ObjectPlan,
        key: ObjectKey,
        sealed: Sealed,
        published: Published,
    ) -> Self {
        Self {
            object,
            stream: plan.stream.clone(),
            key,
            rows: sealed.rows,
            bytes: 0,
            parts: 1,
            cursors: sealed.cursors,
            etag: published.etag,
        }
    }
}

/// Whether a put was refused because an object stands at its key.
pub(crate) fn is_taken(error: &BucketError) -> bool {
    error.kind == BucketErrorKind::AlreadyExists
}
