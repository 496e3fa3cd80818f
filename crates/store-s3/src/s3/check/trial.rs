//! What the probes share: the object they try things out with, and what the store said of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use spile_core::{BucketErrorKind as Kind, ObjectKey, Staged};
use tokio::time::sleep;

use super::super::bucket::{Connection, S3Bucket};
use super::super::give_up::GivenUp;
use super::super::witness;
use crate::check::Verdict;
use crate::fault::Fault;

/// How often it is tried to remove what was written.
const ATTEMPTS: u32 = 3;

/// The probes of one check.
pub(super) struct Trial<'a> {
    pub(super) bucket: &'a S3Bucket,
    /// The bucket without its tags, which need an action of their own.
    pub(super) untagged: S3Bucket,
    pub(super) key: ObjectKey,
    /// A key where nothing ever stands.
    pub(super) absent: ObjectKey,
    /// Whether an object may stand at the key.
    pub(super) is_written: bool,
    /// An upload that has begun and not ended.
    pub(super) open: Option<Staged>,
    /// What was answered to the put, and to the beginning of an upload.
    pub(super) of_put: HeaderMap,
    pub(super) of_upload: HeaderMap,
    /// How much this machine's clock is ahead of the store's.
    pub(super) ahead: Option<TimeDelta>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(bucket: &'a S3Bucket) -> Result<Self, Fault> {
        let template = &bucket.to.template;
        let untagged = Connection {
            template: template.without_tags().unwrap_or_else(|| template.clone()),
            ..bucket.to.clone()
        };
        Ok(Trial {
            bucket,
            untagged: S3Bucket::new(untagged),
            key: bucket.probe_key("")?,
            absent: bucket.probe_key("-absent")?,
            is_written: false,
            open: None,
            of_put: HeaderMap::new(),
            of_upload: HeaderMap::new(),
            ahead: None,
        })
    }

    /// Makes a request and looks at the clock of whoever answers.
    pub(super) async fn watch<T>(
        ahead: &mut Option<TimeDelta>,
        request: impl Future<Output = T>,
    ) -> (T, HeaderMap) {
        let (result, headers) = witness::watch(request).await;
        let date = headers.get(http::header::DATE).and_then(|date| {
            DateTime::parse_from_rfc2822(date.to_str().ok()?)
                .map(|date| date.to_utc())
                .ok()
        });
        *ahead = ahead.or(date.map(|date| Utc::now() - date));
        (result, headers)
    }

    /// Ends the upload that is open.
    pub(super) async fn close(&mut self) -> Result<Option<GivenUp>, Fault> {
        let Some(staged) = &self.open else {
            return Ok(None);
        };
        let given_up = self.untagged.give_up(staged).await?;
        self.is_written |= matches!(given_up, GivenUp::Completed { .. });
        self.open = None;
        Ok(Some(given_up))
    }

    /// Removes all that was written.
    pub(super) async fn clean_up(&mut self) -> Verdict {
        if !self.is_written && self.open.is_none() {
            return Verdict::passed("nothing was written");
        }
        let mut attempts = 1..ATTEMPTS;
        loop {
            match (self.remove().await, attempts.next()) {
                (Ok(()), _) => return Verdict::passed(self.rest()),
                (Err(_), Some(attempt)) => sleep(Duration::from_millis(200) * attempt).await,
                (Err(fault), None) => return self.left_behind(&fault),
            }
        }
    }

    /// What is left once all that was written is deleted.
    fn rest(&self) -> &'static str {
        match self.is_versioned() {
            true => "nothing but older versions is left behind",
            false => "nothing is left behind",
        }
    }

    /// Whether the bucket keeps what is replaced or deleted: the answer to the put tells.
    pub(super) fn is_versioned(&self) -> bool {
        let id = self.of_put.get("x-amz-version-id");
        id.is_some_and(|id| id != "null")
    }

    async fn remove(&mut self) -> Result<(), Fault> {
        self.close().await?;
        self.untagged.remove(&self.key).await
    }

    fn left_behind(&self, fault: &Fault) -> Verdict {
        let (what, key, message) = (self.remainder(), &self.key, &fault.message);
        let kind = match fault.kind {
            Kind::NotFound => Kind::Refused,
            kind => kind,
        };
        Verdict::failed(kind, format!("{what} {key} is left behind: {message}"))
    }

    fn remainder(&self) -> &'static str {
        match self.open {
            Some(_) => "an upload to",
            None => "the object",
        }
    }
}
