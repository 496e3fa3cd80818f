//! One object on its way into the bucket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use spile_macros_template::ObjectKey;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bucket::{Attributes, BucketError, BucketErrorKind, Condition, Part, Staged, Upload};
use crate::object::{ObjectId, ObjectPlan, PublishWhen, Sealed};
use crate::receipt::{Receipt, Unpublished, UploadError};
use crate::upload_context::Context;

/// What the task of an object has to do. The permits are its room.
pub(crate) enum Step {
    Part(Bytes, OwnedSemaphorePermit),
    Finish(Bytes, OwnedSemaphorePermit, Sealed),
}

/// An object's turn to find its key: it comes when the one before is over, however that ended.
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

/// An object that is being sent.
pub(crate) struct ObjectUpload {
    context: Arc<Context>,
    id: ObjectId,
    plan: ObjectPlan,
    attributes: Attributes,
}

/// What has become of an object that was sealed.
pub(crate) enum Uploaded {
    /// It has appeared.
    Published(Receipt),
    /// It is whole in the bucket, seen by nobody.
    Staged(StagedObject),
}

/// An object that waits to be published: plain data, so that a journal can hold it.
pub(crate) struct StagedObject {
    /// What is to be said of it then.
    pub(crate) receipt: Receipt,
    pub(crate) staged: Staged,
    pub(crate) condition: Condition,
}

impl ObjectUpload {
    pub(crate) fn new(context: Arc<Context>, id: ObjectId, plan: ObjectPlan) -> Self {
        let attributes = Attributes {
            content_type: plan.content_type.clone(),
            metadata: context.shared.metadata.clone(),
            write_id: Uuid::new_v4().to_string(),
        };
        Self {
            context,
            id,
            plan,
            attributes,
        }
    }

    /// Sends what the steps bring. Steps that end before the object is sealed give it up.
    pub(crate) async fn run(
        self,
        mut turn: Turn,
        mut steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<Uploaded>, UploadError> {
        let Some(first) = steps.recv().await else {
            return Ok(None);
        };
        turn.come().await;
        let key = self.context.claim(&self.plan).await?;
        drop(turn);
        let staged = match first {
            Step::Finish(body, _room, sealed) if self.plan.publish == PublishWhen::Sealed => {
                return Ok(Some(Uploaded::Published(
                    self.put(key, body, sealed).await?,
                )));
            }
            first => self.stage(key, first, steps).await?,
        };
        Ok(match (staged, self.plan.publish) {
            (None, _) => None,
            (Some(staged), PublishWhen::RunEnds) => Some(Uploaded::Staged(staged)),
            (Some(staged), PublishWhen::Sealed) => {
                Some(Uploaded::Published(staged.publish(&self.context).await?))
            }
        })
    }

    /// Writes an object that is no longer than a part. As long as its bytes are here, a key that
    /// was taken in the meantime is no reason to fail.
    async fn put(
        &self,
        key: ObjectKey,
        body: Bytes,
        sealed: Sealed,
    ) -> Result<Receipt, UploadError> {
        let bucket = &self.context.bucket;
        let condition = self.context.terms(self.plan.condition).await;
        let mut key = key;
        loop {
            let receipt = Receipt::to_be(self.id, &self.plan, key.clone(), sealed);
            if let Some(journal) = &self.context.shared.journal {
                let write_id = &self.attributes.write_id;
                journal.putting(&receipt, write_id).await?;
            }
            let sent = AtomicU32::new(0);
            let put = || {
                sent.fetch_add(1, Ordering::Relaxed);
                bucket.put(&key, body.clone(), &self.attributes, condition)
            };
            match self.context.ask(put).await {
                Ok(published) => {
                    let receipt = receipt.published(published);
                    self.context.note_published(&receipt);
                    return Ok(receipt);
                }
                Err(error) if is_taken(&error) => key = self.context.claim(&self.plan).await?,
                Err(error) => {
                    self.note_refused(&error, sent.into_inner());
                    return Err(error.into());
                }
            }
        }
    }

    /// Writes down that nothing has come of a request that was refused at once. What was sent again
    /// may have been done before.
    fn note_refused(&self, error: &BucketError, sent: u32) {
        if sent == 1 && !error.is_retryable() {
            self.context.note_gone(self.id);
        }
    }

    /// Sends an object in parts; `None` where it is given up.
    async fn stage(
        &self,
        key: ObjectKey,
        first: Step,
        steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<StagedObject>, UploadError> {
        let bucket = &self.context.bucket;
        if let Some(journal) = &self.context.shared.journal {
            journal
                .claimed(self.id, &key, self.plan.is_quarantine)
                .await?;
        }
        let sent = AtomicU32::new(0);
        let begin = || async {
            if sent.fetch_add(1, Ordering::Relaxed) > 0 {
                self.clear(&key).await?;
            }
            bucket.begin(&key, &self.attributes).await
        };
        let begun = self.context.ask(begin).await;
        let upload =
            begun.inspect_err(|error| self.note_refused(error, sent.load(Ordering::Relaxed)))?;
        if let Some(journal) = &self.context.shared.journal {
            journal
                .uploading(self.id, &upload, self.plan.is_quarantine)
                .await?;
        }
        let staged = match self.context.check_kept(&upload) {
            Ok(()) => self.send_parts(&upload, first, steps).await,
            Err(error) => Err(error),
        };
        if !matches!(staged, Ok(Some(_))) {
            self.context.discard(self.id, &upload).await;
        }
        let staged = staged?.map(|(staged, sealed)| self.staged(staged, sealed));
        if let (Some(journal), Some(staged)) = (&self.context.shared.journal, &staged) {
            let waits = self.plan.publish == PublishWhen::RunEnds;
            let StagedObject {
                receipt,
                staged,
                condition,
            } = staged;
            journal.staged(receipt, staged, *condition, waits).await?;
        }
        Ok(staged)
    }

    /// Removes what an upload that nobody has told us of has left at a key. It can't be looked for
    /// under the five actions that are granted.
    async fn clear(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let bucket = &self.context.bucket;
        let cleared = async {
            let uploads = self.context.again(|| bucket.uploads_at(key)).await?;
            for upload in uploads {
                self.context.again(|| bucket.discard(&upload)).await?;
            }
            Ok::<_, BucketError>(())
        };
        match cleared.await {
            Err(error) if error.is_retryable() => Err(error),
            // What can't be done now can't be done later either.
            Err(error) => {
                tracing::debug!(%error, %key, "an upload may have been begun twice");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn staged(&self, staged: Staged, sealed: Sealed) -> StagedObject {
        let key = staged.upload.key.clone();
        let parts = u32::try_from(staged.parts.len()).unwrap_or(u32::MAX);
        StagedObject {
            receipt: Receipt {
                parts,
                ..Receipt::to_be(self.id, &self.plan, key, sealed)
            },
            staged,
            condition: self.plan.condition,
        }
    }

    async fn send_parts(
        &self,
        upload: &Upload,
        first: Step,
        mut steps: mpsc::UnboundedReceiver<Step>,
    ) -> Result<Option<(Staged, Sealed)>, UploadError> {
        let mut sending = JoinSet::new();
        let mut parts = Vec::new();
        let mut number = 0;
        let mut next = Some(first);
        let sealed = loop {
            number += 1;
            match next {
                Some(Step::Part(body, room)) => {
                    sending.spawn(self.part(upload, number, body, room));
                }
                Some(Step::Finish(rest, room, sealed)) => {
                    if !rest.is_empty() || number == 1 {
                        sending.spawn(self.part(upload, number, rest, room));
                    }
                    break sealed;
                }
                None => return Ok(None),
            }
            while let Some(part) = sending.try_join_next() {
                parts.push(part??);
            }
            next = steps.recv().await;
        };
        while let Some(part) = sending.join_next().await {
            parts.push(part??);
        }
        parts.sort_by_key(|part: &Part| part.number);
        let bucket = &self.context.bucket;
        let finish = || bucket.finish(upload.clone(), parts.clone());
        Ok(Some((self.context.ask(finish).await?, sealed)))
    }

    fn part(
        &self,
        upload: &Upload,
        number: u32,
        body: Bytes,
        room: OwnedSemaphorePermit,
    ) -> impl Future<Output = Result<Part, BucketError>> + use<> {
        let (context, upload) = (Arc::clone(&self.context), upload.clone());
        async move {
            let send = || context.bucket.part(&upload, number, body.clone());
            let part = context.ask(send).await;
            drop(room);
            part
        }
    }
}

impl Turn {
    pub(crate) fn new(before: Option<oneshot::Receiver<()>>, over: oneshot::Sender<()>) -> Self {
        Self {
            before,
            _over: over,
        }
    }

    async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // An object that failed before it found its key has had its turn too.
            let _over = before.await;
        }
    }
}

impl StagedObject {
    /// Makes the object appear. Where it can't now, it stays staged: it may be all that is left of
    /// its records. Only one whose key is taken is given up, since no later attempt fares better.
    pub(crate) async fn publish(self, context: &Context) -> Result<Receipt, UploadError> {
        let published = match context.publish(&self.staged, self.condition).await {
            Ok(published) => published,
            Err(error) if is_taken(&error) => {
                context
                    .discard(self.receipt.object, &self.staged.upload)
                    .await;
                let key = self.staged.upload.key;
                return Err(UploadError::Taken { key });
            }
            // The store has lost it: a lifecycle rule may have removed it.
            Err(error) if error.kind == BucketErrorKind::NotFound => {
                context.note_gone(self.receipt.object);
                return Err(error.into());
            }
            Err(source) => {
                let left = Box::new(self.into_unpublished());
                return Err(UploadError::Publish { left, source });
            }
        };
        let receipt = self.receipt.published(published);
        context.note_published(&receipt);
        Ok(receipt)
    }

    /// What is to be said of it where it stays staged.
    pub(crate) fn into_unpublished(self) -> Unpublished {
        Unpublished {
            object: self.receipt.object,
            stream: self.receipt.stream,
            rows: self.receipt.rows,
            staged: self.staged,
        }
    }

    /// Gives the object up.
    pub(crate) async fn discard(self, context: &Context) {
        context
            .discard(self.receipt.object, &self.staged.upload)
            .await;
    }
}

/// Whether a put was refused because an object stands at its key.
fn is_taken(error: &BucketError) -> bool {
    error.kind == BucketErrorKind::AlreadyExists
}
