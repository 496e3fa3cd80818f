//! What all uploads of a run share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spile_macros_template::ObjectKey;
use tokio::sync::{OnceCell, Semaphore};

use crate::bucket::{Bucket, BucketError, Condition};
use crate::key_register::KeyRegister;
use crate::ledger::RunJournal;
use crate::object::{ObjectId, ObjectPlan};
use crate::receipt::{Receipt, UploadError};
use crate::retry::Retry;

/// What all uploads share.
pub(crate) struct Context {
    pub(crate) bucket: Arc<dyn Bucket>,
    /// What every object carries.
    pub(crate) metadata: Vec<(String, String)>,
    /// Where it is written down what is sent, before it is.
    pub(crate) journal: Option<RunJournal>,
    keys: Mutex<KeyRegister>,
    if_absent: OnceCell<Condition>,
    slots: Semaphore,
    retry: Retry,
}

impl Context {
    pub(crate) fn new(
        bucket: Arc<dyn Bucket>,
        metadata: Vec<(String, String)>,
        concurrency: usize,
        retry: Retry,
        journal: Option<RunJournal>,
    ) -> Self {
        Self {
            bucket,
            metadata,
            journal,
            keys: Mutex::default(),
            if_absent: OnceCell::new(),
            slots: Semaphore::new(concurrency.max(1)),
            retry,
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

    /// Writes down that an object has appeared.
    pub(crate) fn note_published(&self, receipt: &Receipt) {
        if let Some(journal) = &self.journal {
            journal.published(receipt);
        }
    }

    /// Writes down that nothing of an object is left.
    pub(crate) fn note_gone(&self, object: ObjectId) {
        if let Some(journal) = &self.journal {
            journal.gone(object);
        }
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
