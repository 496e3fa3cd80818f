//! What all uploads of a run share.

use std::sync::{Arc, Mutex, PoisonError};

use spile_macros_template::ObjectKey;
use tokio::sync::{OnceCell, Semaphore};

use crate::bucket::{Bucket, BucketError, Condition};
use crate::key_register::KeyRegister;
use crate::object::ObjectPlan;
use crate::receipt::UploadError;
use crate::retry::{Retry, RetryPolicy};

/// What all uploads share.
pub(crate) struct Context {
    pub(crate) bucket: Arc<dyn Bucket>,
    /// What every object carries.
    pub(crate) metadata: Vec<(String, String)>,
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
        retry: RetryPolicy,
    ) -> Self {
        Self {
            bucket,
            metadata,
            keys: Mutex::default(),
            if_absent: OnceCell::new(),
            slots: Semaphore::new(concurrency.max(1)),
            retry: Retry::new(retry),
        }
    }

    /// How many requests were repeated.
    pub(crate) fn retries(&self) -> u64 {
        self.retry.count()
    }

    /// The next key of a route that no other object of this run has.
    pub(crate) fn claim(&self, plan: &ObjectPlan) -> Result<ObjectKey, UploadError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys.claim(&plan.keys, &plan.route);
        key.map_err(|source| UploadError::Key {
            stream: plan.stream.clone(),
            source,
        })
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

    /// Sends a request when a slot is free, again if it fails in passing.
    pub(crate) async fn ask<T, F>(&self, request: impl Fn() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let _slot = self.slots.acquire().await;
        self.retry.run(request).await
    }
}
