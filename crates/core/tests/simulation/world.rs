//! A bucket whose requests take their time, fail and kill, and the processes that work on it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use spile_core::ledger::Surroundings;
use spile_core::testing::MemoryBucket;
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, ObjectKey, Part,
    PartLimits, Published, Staged, Upload,
};
use tokio::sync::Notify;

/// A bucket in memory behind a network that isn't to be relied on.
#[derive(Debug)]
pub(crate) struct Unreliable {
    pub(crate) bucket: Arc<MemoryBucket>,
    random: Mutex<fastrand::Rng>,
    /// Of a thousand requests, how many fail.
    fault_rate: u32,
    denies_discard: bool,
    /// At which request the process dies, and whether that one is done before.
    crash: Option<(u32, bool)>,
    requests: Mutex<u32>,
    pub(crate) crashed: Notify,
}

impl Unreliable {
    pub(crate) fn new(
        bucket: &Arc<MemoryBucket>,
        seed: u64,
        fault_rate: u32,
        denies_discard: bool,
        crash: Option<(u32, bool)>,
    ) -> Self {
        Self {
            bucket: Arc::clone(bucket),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            fault_rate,
            denies_discard,
            crash,
            requests: Mutex::new(0),
            crashed: Notify::new(),
        }
    }

    fn random(&self, below: u32) -> u32 {
        self.random.lock().expect("no panic").u32(..below)
    }

    async fn takes_time(&self) {
        let millis = u64::from(self.random(20));
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    /// Makes a request, or something that isn't quite one.
    async fn ask<T>(
        &self,
        request: impl Future<Output = Result<T, BucketError>>,
    ) -> Result<T, BucketError> {
        let number = {
            let mut requests = self.requests.lock().expect("no panic");
            *requests += 1;
            *requests
        };
        self.takes_time().await;
        if let Some((at, is_done)) = self.crash
            && number >= at
        {
            if number == at && is_done {
                request.await.ok();
            }
            self.crashed.notify_one();
            return std::future::pending().await;
        }
        let fails = self.random(1000) < self.fault_rate;
        if !fails {
            let answer = request.await;
            self.takes_time().await;
            return answer;
        }
        if self.random(2) == 0 {
            request.await.ok();
            self.takes_time().await;
        }
        use BucketErrorKind::{Interrupted, ServerFault, Throttled, Unreachable};
        let kinds = [Interrupted, ServerFault, Throttled, Unreachable];
        Err(error(kinds[self.random(4) as usize]))
    }
}

fn error(kind: BucketErrorKind) -> BucketError {
    BucketError {
        kind,
        action: "ask".to_owned(),
        location: "memory".to_owned(),
        message: format!("{kind:?}"),
        retry_after_s: None,
        tried: None,
        source: None,
    }
}

#[async_trait]
impl Bucket for Unreliable {
    fn location(&self) -> String {
        self.bucket.location()
    }

    fn part_limits(&self) -> PartLimits {
        self.bucket.part_limits()
    }

    async fn honours_if_absent(&self) -> Result<bool, BucketError> {
        self.ask(self.bucket.honours_if_absent()).await
    }

    async fn begin(&self, key: &ObjectKey, attributes: &Attributes) -> Result<Upload, BucketError> {
        self.ask(self.bucket.begin(key, attributes)).await
    }

    async fn part(&self, upload: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError> {
        self.ask(self.bucket.part(upload, number, body)).await
    }

    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError> {
        self.ask(self.bucket.finish(upload, parts)).await
    }

    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        self.ask(self.bucket.publish(staged, condition)).await
    }

    async fn discard(&self, upload: &Upload) -> Result<(), BucketError> {
        if self.denies_discard {
            return self
                .ask(std::future::ready(Err(error(BucketErrorKind::Denied))))
                .await;
        }
        self.ask(self.bucket.discard(upload)).await
    }

    async fn uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, BucketError> {
        self.ask(self.bucket.uploads_at(key)).await
    }

    async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        attributes: &Attributes,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        self.ask(self.bucket.put(key, body, attributes, condition))
            .await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError> {
        self.ask(self.bucket.head(key)).await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError> {
        self.ask(self.bucket.get(key)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, BucketError> {
        self.ask(self.bucket.list(prefix)).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        self.ask(self.bucket.delete(key)).await
    }
}

/// A process, and those that are known to be gone.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) gone: HashSet<String>,
}

impl Surroundings for Process {
    fn process(&self) -> String {
        self.name.clone()
    }

    fn is_gone(&self, process: &str) -> bool {
        self.gone.contains(process)
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).expect("in range")
    }
}
