//! Whether a store refuses to create an object where one stands.
//!
//! Some ignore the condition in silence, some know it for a put and not for the completion of an
//! upload. A store that isn't AWS is tried out once: a small object is put, put again, and staged
//! and published again, and deleted, before the first object that must replace none. What is left of
//! it: nothing, or what a bucket keeps of every deleted object. Where one was killed while it tried,
//! the next one removes what it has left; so that it may be another's, a store ignores the condition
//! only if it does so again and again.

use bytes::Bytes;
use spile_core::{Attributes, BucketErrorKind as Kind, Condition, ObjectKey, Published, Staged};

use super::bucket::S3Bucket;
use super::error::StoreAnswer;
use super::publish::may_be_done;
use super::upload::new_mark;
use crate::fault::Fault;

/// The content of what is tried out with.
pub(super) const PROBE: Bytes = Bytes::from_static(b"?");
/// What its keys begin with, under the prefix.
const NAME: &str = ".spile-probe-";
/// How often a store has to ignore the condition.
const TRIES: usize = 3;

impl S3Bucket {
    pub(super) async fn probe(&self) -> Result<bool, Fault> {
        if self.to.is_aws {
            return Ok(true);
        }
        self.remove_old_probes().await;
        let key = self.probe_key("")?;
        let honours = match self.try_put(&key).await {
            Err(fault) if !may_be_done(&fault) => return Err(fault),
            Err(fault) if is_unknown(&fault) => Ok(false),
            put => self.probe_at(&key, put).await,
        };
        let removed = match &honours {
            Err(fault) if fault.tried.is_some() => self.remove(&key).await,
            _ => {
                let remove = || self.remove(&key);
                self.patiently("delete", key.as_str(), remove).await
            }
        };
        if honours.is_ok() {
            tell_of_rest(&key, removed);
        }
        honours
    }

    /// A key that nothing else has, under the prefix to try out in.
    pub(super) fn probe_key(&self, suffix: &str) -> Result<ObjectKey, Fault> {
        let (prefix, mark) = (&self.to.probe_prefix, new_mark());
        let key = format!("{prefix}{NAME}{mark}{suffix}");
        ObjectKey::new(key).map_err(|error| {
            Fault::new(Kind::InvalidKey, "the prefix to try out in can't be one").caused_by(error)
        })
    }

    /// The first put has to succeed; it is the second that tells.
    async fn probe_at(
        &self,
        key: &ObjectKey,
        first: Result<Published, Fault>,
    ) -> Result<bool, Fault> {
        first?;
        for _ in 0..TRIES {
            if refuses(self.try_put(key).await)? {
                return self.probe_uploads(key).await;
            }
        }
        Ok(false)
    }

    async fn probe_uploads(&self, key: &ObjectKey) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            if self.probe_upload(key).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes what others have left that were killed. What can't be removed does no harm.
    async fn remove_old_probes(&self) {
        let removed = async {
            for left in self
                .list_all(&format!("{}{NAME}", self.to.probe_prefix))
                .await?
            {
                for upload in self.list_uploads_at(&left.key).await.unwrap_or_default() {
                    self.abort(&upload).await?;
                }
                self.remove(&left.key).await?;
            }
            Ok::<_, Fault>(())
        };
        if let Err(Fault { message, .. }) = removed.await {
            tracing::debug!(message, "what others have tried out with can't be removed");
        }
    }

    async fn try_put(&self, key: &ObjectKey) -> Result<Published, Fault> {
        let own = Attributes {
            write_id: new_mark(),
            ..attributes()
        };
        let put = || self.write(key, PROBE, &own, Condition::IfAbsent);
        self.patiently("put", key.as_str(), put).await
    }

    pub(super) async fn put_probe(
        &self,
        key: &ObjectKey,
        condition: Condition,
    ) -> Result<Published, Fault> {
        self.write(key, PROBE, &attributes(), condition).await
    }

    async fn probe_upload(&self, key: &ObjectKey) -> Result<bool, Fault> {
        let begin = || self.begin_probe(key);
        let mut staged = self.patiently("begin", key.as_str(), begin).await?;
        let refuses = self.publish_probe(&mut staged).await;
        let give_up = || self.give_up(&staged);
        let given_up = self.patiently("discard", key.as_str(), give_up).await;
        tell_of_rest(key, given_up.map(drop));
        refuses
    }

    pub(super) async fn begin_probe(&self, key: &ObjectKey) -> Result<Staged, Fault> {
        Ok(Staged {
            upload: self.begin_upload(key, &attributes()).await?,
            parts: Vec::new(),
        })
    }

    pub(super) async fn stage_probe(&self, staged: &mut Staged) -> Result<(), Fault> {
        let part = self.send_part(&staged.upload, 1, PROBE).await?;
        staged.parts.push(part);
        Ok(())
    }

    async fn publish_probe(&self, staged: &mut Staged) -> Result<bool, Fault> {
        let key = staged.upload.key.clone();
        let send = || self.send_part(&staged.upload, 1, PROBE);
        let part = self.patiently("send", key.as_str(), send).await?;
        staged.parts.push(part);
        let publish = || self.complete(staged, Condition::IfAbsent);
        refuses(self.patiently("publish", key.as_str(), publish).await)
    }
}

fn attributes() -> Attributes {
    Attributes {
        content_type: "text/plain".to_owned(),
        metadata: Vec::new(),
        write_id: String::new(),
    }
}

/// What can't be removed is told of, and is no reason to know less: not every grant has it all.
fn tell_of_rest(key: &ObjectKey, removed: Result<(), Fault>) {
    if let Err(Fault { message, .. }) = removed {
        tracing::warn!(%key, message, "what the store was tried out with can't be removed");
    }
}

/// Whether a store has refused, as it was asked to.
pub(super) fn refuses(result: Result<Published, Fault>) -> Result<bool, Fault> {
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
