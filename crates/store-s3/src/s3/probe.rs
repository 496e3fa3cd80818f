//! Whether a store refuses to create an object where one stands.
//!
//! Some ignore the condition in silence, some know it for a put and not for the completion of an
//! upload. A store that isn't AWS is tried out once: a small object is put, put again, and staged
//! and published again, and deleted. What is left of it: nothing, or what a bucket keeps of every
//! deleted object.

use bytes::Bytes;
use spile_core::{
    Attributes, BucketErrorKind as Kind, Condition, ObjectKey, Published, Staged, Upload,
};

use super::bucket::S3Bucket;
use super::error::StoreAnswer;
use super::upload::new_mark;
use crate::fault::Fault;

impl S3Bucket {
    pub(super) async fn probe(&self) -> Result<bool, Fault> {
        if self.to.is_aws {
            return Ok(true);
        }
        let key = format!("{}.spile-probe-{}", self.to.probe_prefix, new_mark());
        let key = ObjectKey::new(key).map_err(|error| {
            Fault::new(Kind::InvalidKey, "the prefix to try out in can't be one").caused_by(error)
        })?;
        let honours = self.probe_at(&key).await;
        let removed = self.remove(&key).await;
        let honours = honours?;
        removed.map(|()| honours)
    }

    /// The first put has to succeed; it is the second that tells.
    async fn probe_at(&self, key: &ObjectKey) -> Result<bool, Fault> {
        match self.put_probe(key).await {
            Err(fault) if is_unknown(&fault) => return Ok(false),
            put => put?,
        };
        match refuses(self.put_probe(key).await)? {
            true => self.probe_upload(key).await,
            false => Ok(false),
        }
    }

    async fn put_probe(&self, key: &ObjectKey) -> Result<Published, Fault> {
        let body = Bytes::from_static(b"?");
        self.write(key, body, &attributes(), Condition::IfAbsent)
            .await
    }

    async fn probe_upload(&self, key: &ObjectKey) -> Result<bool, Fault> {
        let upload = self.begin_upload(key, &attributes()).await?;
        let refuses = self.publish_probe(&upload).await;
        self.abort(&upload).await?;
        refuses
    }

    async fn publish_probe(&self, upload: &Upload) -> Result<bool, Fault> {
        let part = self.send_part(upload, 1, Bytes::from_static(b"?")).await?;
        let staged = Staged {
            upload: upload.clone(),
            parts: vec![part],
        };
        refuses(self.complete(&staged, Condition::IfAbsent).await)
    }
}

fn attributes() -> Attributes {
    Attributes {
        content_type: "text/plain".to_owned(),
        metadata: Vec::new(),
        write_id: String::new(),
    }
}

/// Whether a store has refused, as it was asked to.
fn refuses(result: Result<Published, Fault>) -> Result<bool, Fault> {
    match result {
        Ok(_) => Ok(false),
        Err(fault) if fault.kind == Kind::AlreadyExists => Ok(true),
        Err(fault) if is_unknown(&fault) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Whether a store says that it doesn't know the condition.
fn is_unknown(fault: &Fault) -> bool {
    let answer = fault
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<StoreAnswer>());
    answer.is_some_and(|answer| answer.status == 501 || answer.code == "NotImplemented")
}
