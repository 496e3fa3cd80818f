//! How an object appears, and how a lost answer is made up for.
//!
//! An object bears the mark of whoever wrote it. When a request to make one appear fails, it may
//! yet have been done: then the object that stands has the mark.

use std::time::Duration;

use bytes::Bytes;
use object_store::multipart::{MultipartStore, PartId};
use object_store::{ObjectStore, PutPayload, PutResult};
use spile_core::{
    Attributes, BucketErrorKind as Kind, Condition, ObjectKey, Published, Staged, Upload,
};
use tokio::time::sleep;

use super::bucket::S3Bucket;
use super::error::StoreAnswer;
use super::head::bare_etag;
use super::request::path;
use super::upload::mark_of;
use crate::fault::Fault;

/// How often rivals that were in each other's way try again.
const ATTEMPTS: u32 = 6;

impl S3Bucket {
    /// Makes a staged object appear.
    pub(super) async fn complete(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, Fault> {
        let Upload { key, write_id, .. } = &staged.upload;
        let mut attempts = 1..ATTEMPTS;
        loop {
            let fault = match self.try_complete(staged, condition).await {
                Ok(result) => return Ok(published(&result)),
                Err(fault) => fault,
            };
            let settled = self.settle(fault, key, write_id.as_deref()).await;
            match (settled, attempts.next()) {
                (Err(fault), Some(attempt)) if is_conflict(&fault) => {
                    self.to.retry.note();
                    sleep(Duration::from_millis(100) * attempt).await;
                }
                (settled, _) => return settled,
            }
        }
    }

    /// Writes an object in one request.
    pub(super) async fn write(
        &self,
        key: &ObjectKey,
        body: Bytes,
        attributes: &Attributes,
        condition: Condition,
    ) -> Result<Published, Fault> {
        let (path, mark) = (path(key)?, mark_of(attributes));
        let options = self.to.template.put(attributes, &mark, condition)?;
        let mut attempts = 1..ATTEMPTS;
        loop {
            let body = PutPayload::from_bytes(body.clone());
            let put = self.to.store.put_opts(&path, body, options.clone());
            let fault = match self.ask_on(condition, put).await {
                Ok(result) => return Ok(published(&result)),
                Err(fault) => fault,
            };
            let settled = self.settle(fault, key, Some(&mark)).await;
            match (settled, attempts.next()) {
                (Err(fault), Some(attempt)) if is_conflict(&fault) => {
                    self.to.retry.note();
                    sleep(Duration::from_millis(100) * attempt).await;
                }
                (settled, _) => return settled,
            }
        }
    }

    async fn try_complete(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<PutResult, Fault> {
        let Upload { key, id, .. } = &staged.upload;
        let path = path(key)?;
        let part = |etag: &String| PartId {
            content_id: etag.clone(),
        };
        let parts = staged.parts.iter().map(|sent| part(&sent.etag)).collect();
        let completed = self.to.store.complete_multipart(&path, id, parts);
        self.ask_on(condition, completed).await
    }

    /// Finds out by the object that stands what a failed request has come to.
    async fn settle(
        &self,
        fault: Fault,
        key: &ObjectKey,
        mark: Option<&str>,
    ) -> Result<Published, Fault> {
        if !may_be_done(&fault) {
            return Err(fault);
        }
        match self.look(key).await {
            Ok(Some(found)) if mark.is_some() && found.write_id.as_deref() == mark => {
                Ok(Published { etag: found.etag })
            }
            Ok(Some(_)) if is_conflict(&fault) => Err(lost(fault)),
            // A refusal may be of what an earlier attempt has done: not to know it now is no refusal.
            Err(unknown) if unknown.kind.is_retryable() && !fault.kind.is_retryable() => {
                Err(unknown)
            }
            // What became of the request matters more than that this can't be found out.
            _ => Err(fault),
        }
    }
}

fn published(result: &PutResult) -> Published {
    Published {
        etag: result.e_tag.as_deref().map(bare_etag),
    }
}

/// Whether the object may stand in spite of this.
pub(super) fn may_be_done(fault: &Fault) -> bool {
    !matches!(
        fault.kind,
        Kind::Denied
            | Kind::Unauthenticated
            | Kind::Expired
            | Kind::NoSuchBucket
            | Kind::WrongRegion
            | Kind::InvalidKey
            | Kind::Full
            | Kind::Unreachable
    )
}

/// Whether rivals were in each other's way.
fn is_conflict(fault: &Fault) -> bool {
    let answer = fault
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<StoreAnswer>());
    answer.is_some_and(|answer| answer.code == StoreAnswer::CONFLICT)
        && fault.kind == Kind::Interrupted
}

/// A rival has won.
fn lost(fault: Fault) -> Fault {
    Fault {
        kind: Kind::AlreadyExists,
        message: "an object stands there".to_owned(),
        ..fault
    }
}
