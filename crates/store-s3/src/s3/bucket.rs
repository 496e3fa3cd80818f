//! The port, on S3.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore, PartId};
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutPayload};
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, ObjectKey, Part,
    PartLimits, Published, Retry, Staged, Upload,
};
use tokio::sync::OnceCell;

use super::config::{Encryption, S3Credentials};
use super::error::fault;
use super::exchange::Exchange;
use super::request::{Template, path};
use super::upload::{abort_date, mark_of};
use super::wire::Wire;
use super::witness;
use crate::credentials::CredentialsError;
use crate::fault::Fault;

/// A bucket on S3 or on a store that speaks as it does.
///
/// A staged object is a multipart upload that isn't completed; publishing completes it. Requests
/// run on the runtime of whoever asks.
#[derive(Debug)]
pub struct S3Bucket {
    pub(super) to: Connection,
    /// Whether the bucket is known to be there, since a HEAD doesn't tell what is missing.
    pub(super) is_there: AtomicBool,
    pub(super) honours_if_absent: OnceCell<bool>,
}

/// What a bucket is asked by and with.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) store: AmazonS3,
    pub(super) wire: Wire,
    /// The bucket's, without a `/` at its end.
    pub(super) url: String,
    pub(super) region: String,
    pub(super) template: Template,
    pub(super) encryption: Option<Encryption>,
    pub(super) retry: Retry,
    pub(super) bucket: String,
    pub(super) probe_prefix: String,
    pub(super) is_aws: bool,
}

impl S3Bucket {
    /// The sizes of parts in S3.
    pub const PART_LIMITS: PartLimits = PartLimits {
        bytes_min: 5 * 1024 * 1024,
        bytes_usual: 8 * 1024 * 1024,
        count_max: 10_000,
    };

    pub(super) fn new(to: Connection) -> S3Bucket {
        S3Bucket {
            to,
            is_there: AtomicBool::new(false),
            honours_if_absent: OnceCell::new(),
        }
    }

    /// The region that requests are signed for.
    pub fn region(&self) -> &str {
        &self.to.region
    }

    /// Its credentials, to connect to another bucket: whoever issues them isn't asked again.
    pub fn credentials(&self) -> S3Credentials {
        self.to.wire.keys().credentials()
    }

    /// Makes a request.
    pub(super) async fn ask<T>(
        &self,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Fault> {
        self.ask_on(Condition::Replace, request).await
    }

    /// Makes a request that may be refused where an object stands.
    pub(super) async fn ask_on<T>(
        &self,
        condition: Condition,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Fault> {
        let if_absent = condition == Condition::IfAbsent;
        let (answer, outcome) = Exchange::watch(if_absent, request).await;
        if answer.is_ok() {
            self.is_there.store(true, Ordering::Relaxed);
        }
        answer.map_err(|error| self.lasting(fault(error, &outcome, &self.to.region)))
    }

    /// Credentials that have ended are in the way for good, unless they are renewed.
    pub(super) fn lasting(&self, fault: Fault) -> Fault {
        match fault.kind {
            BucketErrorKind::Expired if !self.to.wire.keys().is_renewed() => {
                let fault = Fault {
                    kind: BucketErrorKind::Unauthenticated,
                    ..fault
                };
                fault.caused_by(CredentialsError::expired("sign requests"))
            }
            _ => fault,
        }
    }

    pub(super) fn failed(&self, fault: Fault, action: &str, on: &str) -> BucketError {
        fault.during(format!("{action} {on}"), self.location())
    }

    /// Asks until that succeeds, fails for good, or has been tried for long enough.
    pub(super) async fn patiently<T, F>(
        &self,
        action: &str,
        on: &str,
        ask: impl Fn() -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let ask = || {
            let asked = ask();
            async { asked.await.map_err(|fault| self.failed(fault, action, on)) }
        };
        self.to.retry.run(ask).await.map_err(Fault::from)
    }

    pub(super) async fn begin_upload(
        &self,
        key: &ObjectKey,
        own: &Attributes,
    ) -> Result<Upload, Fault> {
        let mark = mark_of(own);
        let options = self.to.template.upload(own, &mark)?;
        let path = path(key)?;
        let begun = self.to.store.create_multipart_opts(&path, options);
        let (begun, headers) = witness::watch(self.ask(begun)).await;
        Ok(Upload {
            key: key.clone(),
            id: begun?,
            write_id: Some(mark),
            abort_at: abort_date(&headers),
        })
    }

    pub(super) async fn send_part(
        &self,
        upload: &Upload,
        number: u32,
        body: Bytes,
    ) -> Result<Part, Fault> {
        let path = path(&upload.key)?;
        let bytes = body.len() as u64;
        let from_zero = number
            .checked_sub(1)
            .ok_or_else(|| Fault::new(BucketErrorKind::Refused, "parts are numbered from 1"))?;
        let body = PutPayload::from_bytes(body);
        let sent = self
            .to
            .store
            .put_part(&path, &upload.id, from_zero as usize, body);
        let PartId { content_id } = self.ask(sent).await?;
        Ok(Part {
            number,
            bytes,
            etag: content_id,
        })
    }

    pub(super) async fn abort(&self, upload: &Upload) -> Result<(), Fault> {
        let path = path(&upload.key)?;
        match self
            .ask(self.to.store.abort_multipart(&path, &upload.id))
            .await
        {
            Err(fault) if fault.kind == BucketErrorKind::NotFound => Ok(()),
            aborted => aborted,
        }
    }

    pub(super) async fn read(&self, key: &ObjectKey) -> Result<Bytes, Fault> {
        let path = path(key)?;
        let read = self.ask(async {
            let options = GetOptions::default();
            self.to.store.get_opts(&path, options).await?.bytes().await
        });
        match read.await {
            Err(fault) if fault.kind == BucketErrorKind::Denied => {
                Err(self.explain(key, fault).await)
            }
            read => read,
        }
    }

    pub(super) async fn remove(&self, key: &ObjectKey) -> Result<(), Fault> {
        let path = path(key)?;
        match self.ask(self.to.store.delete(&path)).await {
            Err(fault) if fault.kind == BucketErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

#[async_trait]
impl Bucket for S3Bucket {
    fn location(&self) -> String {
        format!("s3://{}", self.to.bucket)
    }

    fn part_limits(&self) -> PartLimits {
        Self::PART_LIMITS
    }

    async fn honours_if_absent(&self) -> Result<bool, BucketError> {
        let known = self
            .honours_if_absent
            .get_or_try_init(|| self.probe())
            .await;
        let known = known.copied();
        known.map_err(|fault| self.failed(fault, "try", "out whether objects can be created"))
    }

    async fn begin(&self, key: &ObjectKey, attributes: &Attributes) -> Result<Upload, BucketError> {
        let begun = self.begin_upload(key, attributes).await;
        begun.map_err(|fault| self.failed(fault, "begin", key.as_str()))
    }

    async fn part(&self, upload: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError> {
        let sent = self.send_part(upload, number, body).await;
        let action = || format!("send part {number} of");
        sent.map_err(|fault| self.failed(fault, &action(), upload.key.as_str()))
    }

    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError> {
        let numbers = parts.iter().map(|part| part.number);
        if parts.is_empty() || !numbers.eq((1..).take(parts.len())) {
            let fault = Fault::new(BucketErrorKind::Refused, "parts are missing");
            return Err(self.failed(fault, "finish", upload.key.as_str()));
        }
        Ok(Staged { upload, parts })
    }

    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        let published = self.complete(staged, condition).await;
        published.map_err(|fault| self.failed(fault, "publish", staged.upload.key.as_str()))
    }

    async fn discard(&self, upload: &Upload) -> Result<(), BucketError> {
        let aborted = self.abort(upload).await;
        aborted.map_err(|fault| self.failed(fault, "discard", upload.key.as_str()))
    }

    async fn uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, BucketError> {
        let listed = self.list_uploads_at(key).await;
        listed.map_err(|fault| self.failed(fault, "look for uploads at", key.as_str()))
    }

    async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        attributes: &Attributes,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        let put = self.write(key, body, attributes, condition).await;
        put.map_err(|fault| self.failed(fault, "put", key.as_str()))
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError> {
        let found = self.look(key).await;
        found.map_err(|fault| self.failed(fault, "look for", key.as_str()))
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError> {
        let read = self.read(key).await;
        read.map_err(|fault| self.failed(fault, "get", key.as_str()))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, BucketError> {
        let listed = self.list_all(prefix).await;
        listed.map_err(|fault| self.failed(fault, "list what begins with", &format!("`{prefix}`")))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let removed = self.remove(key).await;
        removed.map_err(|fault| self.failed(fault, "delete", key.as_str()))
    }
}
