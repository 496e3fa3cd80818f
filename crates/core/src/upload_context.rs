//! What the uploads of a run to a bucket share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use spile_macros_template::ObjectKey;
use tokio::sync::{OnceCell, Semaphore};

use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition, Published, Staged, Upload};
use crate::clock::Clock;
use crate::key_register::KeyRegister;
use crate::ledger::RunJournal;
use crate::object::{ObjectId, ObjectPlan};
use crate::publish::publish;
use crate::receipt::{Receipt, UploadError};
use crate::retry::Retry;

/// What all uploads of a run share, wherever they go.
pub(crate) struct Shared {
    /// What every object carries.
    pub(crate) metadata: Vec<(String, String)>,
    /// Where it is written down what is sent, before it is.
    pub(crate) journal: Option<RunJournal>,
    slots: Semaphore,
    retry: Retry,
    clock: Clock,
}

/// What all uploads to a bucket share.
pub(crate) struct Context {
    pub(crate) bucket: Arc<dyn Bucket>,
    pub(crate) shared: Arc<Shared>,
    keys: Mutex<KeyRegister>,
    if_absent: OnceCell<Condition>,
    /// Whether people know that uploads can't be removed.
    is_denial_told: AtomicBool,
    /// Whether people know of a rule that removes uploads.
    is_rule_told: AtomicBool,
}

/// Uploads that are removed sooner than this are refused: a run may take as long.
const KEPT_MIN: TimeDelta = TimeDelta::hours(24);

/// Of those that are removed sooner than this, people are told.
const KEPT_WELL: TimeDelta = TimeDelta::hours(72);

impl Shared {
    pub(crate) fn new(
        metadata: Vec<(String, String)>,
        concurrency: usize,
        retry: Retry,
        clock: Clock,
        journal: Option<RunJournal>,
    ) -> Self {
        Self {
            metadata,
            journal,
            slots: Semaphore::new(concurrency.max(1)),
            retry,
            clock,
        }
    }
}

impl Context {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, shared: Arc<Shared>) -> Self {
        Self {
            bucket,
            shared,
            keys: Mutex::default(),
            if_absent: OnceCell::new(),
            is_denial_told: AtomicBool::new(false),
            is_rule_told: AtomicBool::new(false),
        }
    }

    /// A key for an object that no other object of this run has, and at which none stands where
    /// none may be replaced.
    pub(crate) async fn claim(&self, plan: &ObjectPlan) -> Result<ObjectKey, UploadError> {
        if plan.condition == Condition::Replace {
            let key = self.keys().claim_next(&plan.keys, &plan.route);
            return key.map_err(|source| plan.no_key(source));
        }
        loop {
            let (number, key) = self.find_free(plan).await?;
            if self.keys().claim(&plan.route, number, &key) {
                return Ok(key);
            }
        }
    }

    /// A number after the route's last one whose key is free, and the one before is taken: found by
    /// steps that double and then halve, since a key that is appended to every hour has thousands.
    /// Where objects were deleted in between, it may be any of the gaps.
    async fn find_free(&self, plan: &ObjectPlan) -> Result<(u32, ObjectKey), UploadError> {
        let last = self.keys().last_number(&plan.route);
        let (mut taken, mut step) = (last, 1);
        let mut free = loop {
            let number = last.saturating_add(step);
            match self.free(plan, number).await? {
                Some(key) => break (number, key),
                None => (taken, step) = (number, step.saturating_mul(2)),
            }
        };
        while free.0 - taken > 1 {
            let middle = taken + (free.0 - taken) / 2;
            match self.free(plan, middle).await? {
                Some(key) => free = (middle, key),
                None => taken = middle,
            }
        }
        Ok(free)
    }

    /// The key with a number, if nothing has it.
    async fn free(&self, plan: &ObjectPlan, number: u32) -> Result<Option<ObjectKey>, UploadError> {
        let key = plan.keys.object_key(&plan.route, number);
        let key = key.map_err(|source| plan.no_key(source))?;
        let is_taken =
            self.keys().has(&key) || self.ask(|| self.bucket.head(&key)).await?.is_some();
        Ok((!is_taken).then_some(key))
    }

    fn keys(&self) -> MutexGuard<'_, KeyRegister> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The terms that the bucket is asked for: a store that doesn't know the condition may refuse
    /// all that is put on it. It is tried out when the first object has to be new.
    pub(crate) async fn terms(&self, wanted: Condition) -> Condition {
        match wanted {
            Condition::Replace => Condition::Replace,
            Condition::IfAbsent => *self.if_absent.get_or_init(|| self.try_out()).await,
        }
    }

    async fn try_out(&self) -> Condition {
        match self.ask(|| self.bucket.honours_if_absent()).await {
            Ok(true) => Condition::IfAbsent,
            Ok(false) => {
                tracing::warn!(
                    "the store can't refuse to replace an object: each key is looked for before it \
                     is written, and two runs that write to one key at the same instant can meet"
                );
                Condition::Replace
            }
            Err(error) => {
                tracing::warn!(
                    %error,
                    "whether the store can refuse to replace an object can't be tried out: it is \
                     asked to all the same"
                );
                Condition::IfAbsent
            }
        }
    }

    /// Makes a staged object appear, when a slot is free.
    pub(crate) async fn publish(
        &self,
        staged: &Staged,
        wanted: Condition,
    ) -> Result<Published, BucketError> {
        let terms = self.terms(wanted).await;
        let _slot = self.shared.slots.acquire().await;
        publish(&*self.bucket, &self.shared.retry, staged, wanted, terms).await
    }

    /// Writes down that an object has appeared.
    pub(crate) fn note_published(&self, receipt: &Receipt) {
        if let Some(journal) = &self.shared.journal {
            journal.published(receipt);
        }
    }

    /// Writes down that nothing of an object is left.
    pub(crate) fn note_gone(&self, object: ObjectId) {
        if let Some(journal) = &self.shared.journal {
            journal.gone(object);
        }
    }

    /// Refuses an upload that the store would remove before the run has come to its end.
    pub(crate) fn check_kept(&self, upload: &Upload) -> Result<(), UploadError> {
        let Some(abort_at) = upload.abort_at else {
            return Ok(());
        };
        let kept = self.shared.clock.until(abort_at);
        if kept < KEPT_MIN {
            let key = upload.key.clone();
            return Err(UploadError::Removed { key, abort_at });
        }
        if kept < KEPT_WELL && !self.is_rule_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %abort_at,
                "a lifecycle rule of the bucket removes unfinished uploads: a run that lasts longer \
                 than that loses what it has staged"
            );
        }
        Ok(())
    }

    /// Gives an upload up. What remains of it costs money, but whatever made it fail matters more.
    pub(crate) async fn discard(&self, object: ObjectId, upload: &Upload) {
        let Err(error) = self.ask(|| self.bucket.discard(upload)).await else {
            return self.note_gone(object);
        };
        let is_denied = error.kind == BucketErrorKind::Denied;
        let key = &upload.key;
        if is_denied && self.is_denial_told.swap(true, Ordering::Relaxed) {
            tracing::debug!(%error, %key, "a further unfinished upload can't be removed");
        } else if is_denied {
            tracing::warn!(
                %error,
                %key,
                "unfinished uploads can't be removed: grant s3:AbortMultipartUpload, or let a \
                 lifecycle rule of the bucket abort incomplete multipart uploads after longer than \
                 your longest run takes"
            );
        } else {
            tracing::warn!(%error, %key, "an unfinished upload can't be removed");
        }
    }

    /// Sends a request when a slot is free, again if it fails in passing.
    pub(crate) async fn ask<T, F>(&self, request: impl Fn() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let _slot = self.shared.slots.acquire().await;
        self.again(request).await
    }

    /// Sends a request that is part of one that has a slot, again if it fails in passing.
    pub(crate) async fn again<T, F>(&self, request: impl Fn() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        self.shared.retry.run(request).await
    }
}
