//! The uploader: sends the bytes of objects to the bucket and publishes them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use spile_macros_template::{KeyError, ObjectKey};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};

use crate::bucket::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, Part, Published, Upload,
};
use crate::key_register::KeyRegister;
use crate::object::{ObjectId, ObjectPlan, Sealed, UploadStep};
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
    objects: HashMap<ObjectId, mpsc::UnboundedSender<Step>>,
    tasks: JoinSet<Result<Option<Receipt>, UploadError>>,
}

/// What all uploads share.
struct Context {
    bucket: Arc<dyn Bucket>,
    metadata: Vec<(String, String)>,
    keys: Mutex<KeyRegister>,
    slots: Arc<Semaphore>,
    retry: Retry,
}

/// Bytes that may wait to be sent, in KiB. What waits for room holds the whole run back.
struct Room {
    free: Arc<Semaphore>,
    kib: u32,
}

/// What the task of an object has to do. The permits are its room.
enum Step {
    Part(Bytes, OwnedSemaphorePermit),
    Finish(Bytes, OwnedSemaphorePermit, Sealed),
    Discard,
}

/// An object on its way.
struct ObjectUpload {
    context: Arc<Context>,
    id: ObjectId,
    plan: ObjectPlan,
    key: ObjectKey,
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
            slots: Arc::new(Semaphore::new(limits.concurrency.max(1))),
            retry: Retry::new(limits.retry),
        };
        Self {
            context: Arc::new(context),
            room: Room::new(limits.bytes_max),
            objects: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// How many requests were repeated.
    pub(crate) fn retries(&self) -> u64 {
        self.context.retry.count()
    }

    /// Takes a step on, once there is room for its bytes.
    pub(crate) async fn take(&mut self, step: UploadStep) -> Result<(), UploadError> {
        match step {
            UploadStep::Begin(id, plan) => self.begin(id, *plan)?,
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
                self.send(id, Step::Discard);
                self.objects.remove(&id);
            }
        }
        Ok(())
    }

    /// Gives up the objects that weren't sealed.
    pub(crate) fn give_up_open(&mut self) {
        self.objects.clear();
    }

    /// The next object that has appeared or failed; `None` when none is on its way.
    pub(crate) async fn next_done(&mut self) -> Option<Result<Receipt, UploadError>> {
        loop {
            match self
                .tasks
                .join_next()
                .await?
                .map_err(UploadError::from)
                .flatten()
            {
                Ok(None) => {}
                Ok(Some(receipt)) => return Some(Ok(receipt)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Keys are claimed here, one after the other, so that a repeated run claims them alike.
    fn begin(&mut self, id: ObjectId, plan: ObjectPlan) -> Result<(), UploadError> {
        let key = self.context.claim(&plan)?;
        let upload = ObjectUpload {
            context: Arc::clone(&self.context),
            id,
            plan,
            key,
        };
        let (sender, steps) = mpsc::unbounded_channel();
        self.objects.insert(id, sender);
        self.tasks.spawn(upload.run(steps));
        Ok(())
    }

    /// A task that has failed takes no further steps; its error is on its way.
    fn send(&self, id: ObjectId, step: Step) {
        if let Some(object) = self.objects.get(&id) {
            let _failed_already = object.send(step);
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

impl Context {
    fn claim(&self, plan: &ObjectPlan) -> Result<ObjectKey, UploadError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys.claim(&plan.keys, &plan.route);
        key.map_err(|source| UploadError::Key {
            stream: plan.stream.clone(),
            source,
        })
    }

    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }
}

impl ObjectUpload {
    async fn run(
        mut self,
        mut steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<Receipt>, UploadError> {
        match steps.recv().await {
            Some(Step::Finish(body, _room, sealed)) => self.put(body, sealed).await.map(Some),
            Some(Step::Part(body, room)) => self.send_parts(body, room, steps).await,
            Some(Step::Discard) | None => Ok(None),
        }
    }

    /// Writes an object that is no longer than a part. As long as its bytes are here, a key that
    /// was taken in the meantime is no reason to fail.
    async fn put(&mut self, body: Bytes, sealed: Sealed) -> Result<Receipt, UploadError> {
        let context = Arc::clone(&self.context);
        let attributes = self.attributes();
        let condition = self.plan.condition;
        let bytes = body.len() as u64;
        let _slot = context.slot().await;
        self.claim_free_key().await?;
        loop {
            let put = || {
                context
                    .bucket
                    .put(&self.key, body.clone(), &attributes, condition)
            };
            match context.retry.run(put).await {
                Ok(published) => return Ok(self.receipt(published, bytes, 1, sealed)),
                Err(error) if error.kind == BucketErrorKind::AlreadyExists => {
                    self.key = context.claim(&self.plan)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn send_parts(
        &mut self,
        body: Bytes,
        room: OwnedSemaphorePermit,
        steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<Receipt>, UploadError> {
        let context = Arc::clone(&self.context);
        let attributes = self.attributes();
        self.claim_free_key().await?;
        let begin = || context.bucket.begin(&self.key, &attributes);
        let upload = context.retry.run(begin).await?;
        let result = self
            .stage_and_publish(&upload, Step::Part(body, room), steps)
            .await;
        if !matches!(result, Ok(Some(_))) {
            self.discard(&upload).await;
        }
        result
    }

    async fn stage_and_publish(
        &self,
        upload: &Upload,
        first: Step,
        mut steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<Receipt>, UploadError> {
        let mut sending = JoinSet::new();
        let mut parts = Vec::new();
        let mut number = 0;
        let mut next = Some(first);
        loop {
            match next {
                Some(Step::Part(body, room)) => {
                    number += 1;
                    sending.spawn(self.part(upload, number, body, room));
                }
                Some(Step::Finish(rest, room, sealed)) => {
                    if !rest.is_empty() {
                        sending.spawn(self.part(upload, number + 1, rest, room));
                    }
                    while let Some(part) = sending.join_next().await {
                        parts.push(part??);
                    }
                    parts.sort_by_key(|part: &Part| part.number);
                    return self.publish(upload.clone(), parts, sealed).await.map(Some);
                }
                Some(Step::Discard) | None => return Ok(None),
            }
            while let Some(part) = sending.try_join_next() {
                parts.push(part??);
            }
            next = steps.recv().await;
        }
    }

    fn part(
        &self,
        upload: &Upload,
        number: u32,
        body: Bytes,
        room: OwnedSemaphorePermit,
    ) -> impl Future<Output = Result<Part, BucketError>> + use<> {
        let context = Arc::clone(&self.context);
        let upload = upload.clone();
        async move {
            let _slot = context.slot().await;
            let send = || context.bucket.part(&upload, number, body.clone());
            let part = context.retry.run(send).await;
            drop(room);
            part
        }
    }

    async fn publish(
        &self,
        upload: Upload,
        parts: Vec<Part>,
        sealed: Sealed,
    ) -> Result<Receipt, UploadError> {
        let Context { bucket, retry, .. } = &*self.context;
        let finish = || bucket.finish(upload.clone(), parts.clone());
        let staged = retry.run(finish).await?;
        let publish = || bucket.publish(&staged, self.plan.condition);
        match retry.run(publish).await {
            Ok(published) => {
                let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
                Ok(self.receipt(published, staged.bytes(), count, sealed))
            }
            Err(error) if error.kind == BucketErrorKind::AlreadyExists => Err(UploadError::Taken {
                key: self.key.clone(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Goes on to the first key at which no object stands, where none may be replaced.
    async fn claim_free_key(&mut self) -> Result<(), UploadError> {
        if self.plan.condition == Condition::Replace {
            return Ok(());
        }
        let context = Arc::clone(&self.context);
        while context
            .retry
            .run(|| context.bucket.head(&self.key))
            .await?
            .is_some()
        {
            self.key = context.claim(&self.plan)?;
        }
        Ok(())
    }

    /// What remains of an upload that failed costs money, but the failure is what matters.
    async fn discard(&self, upload: &Upload) {
        if let Err(error) = self.context.bucket.discard(upload).await {
            tracing::warn!(%error, key = %upload.key, "an unfinished upload can't be removed");
        }
    }

    fn attributes(&self) -> Attributes {
        Attributes {
            content_type: self.plan.content_type.clone(),
            metadata: self.context.metadata.clone(),
        }
    }

    fn receipt(&self, published: Published, bytes: u64, parts: u32, sealed: Sealed) -> Receipt {
        Receipt {
            object: self.id,
            stream: self.plan.stream.clone(),
            key: self.key.clone(),
            rows: sealed.rows,
            bytes,
            parts,
            cursors: sealed.cursors,
            etag: published.etag,
        }
    }
}
