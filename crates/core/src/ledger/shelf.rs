//! Where the documents of runs lie, and how they are read and written.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use spile_macros_template::{KeyError, ObjectKey};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::bucket::{Attributes, Bucket, BucketError, BucketErrorKind, Condition};
use crate::retry::Retry;

/// A folder of a bucket for documents. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct Shelf {
    bucket: Arc<dyn Bucket>,
    prefix: String,
    retry: Retry,
    honours_if_absent: Arc<OnceCell<bool>>,
}

/// Why what is kept of runs can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The bucket refuses or can't be reached.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// A document can't be understood.
    #[error("understand {key} in {location}: {cause}")]
    Document {
        /// Its key.
        key: ObjectKey,
        /// Where it is.
        location: String,
        /// Why not.
        cause: String,
    },
    /// No key can be made of an id or a stream's name.
    #[error("make a key for what is kept of {what}")]
    Key {
        /// What it is about.
        what: String,
        /// Why not.
        source: KeyError,
    },
    /// Another run works for the connection.
    #[error("begin: run {run_id} holds {what}")]
    Held {
        /// What it holds: `connection sales`, `the run`.
        what: String,
        /// The run that does.
        run_id: String,
        /// Who says so, and since when.
        holder: String,
        /// When its hold ends unless it is renewed.
        until: chrono::DateTime<chrono::Utc>,
    },
    /// Objects that a run would keep were replaced by a later one.
    #[error("go on with run {run_id}: a later run has replaced its object {key}")]
    Replaced {
        /// The run.
        run_id: String,
        /// The first such object.
        key: ObjectKey,
    },
    /// The objects that a run would keep hold records from behind its checkpoint, which would come twice.
    #[error("go on with run {run_id}: its objects hold records from behind its last checkpoint")]
    Behind {
        /// The run.
        run_id: String,
    },
    /// Objects of a run, which has died or is repeated, went elsewhere.
    #[error("begin: what run {run_id} has left is in {destination}")]
    Elsewhere {
        /// The run.
        run_id: String,
        /// Where its objects went.
        destination: String,
    },
    /// Somebody has taken this run over, since it had not been heard of.
    #[error("go on: this run has been taken over by another process")]
    TakenOver,
    /// A run with this id has been there before.
    #[error("begin: a run {run_id} has been there before")]
    RunExists {
        /// Its id.
        run_id: String,
    },
    /// There is no run with this id.
    #[error("find run {run_id}")]
    NoSuchRun {
        /// Its id.
        run_id: String,
    },
    /// The journal's writer has failed before, for the reason given then.
    #[error("write the journal any further: {0}")]
    Journal(Arc<LedgerError>),
}

/// A document of which each version is an object of its own, numbered from 1: the last one holds.
/// Two writers who build on the same version can't both create the next.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// With a slash at its end.
    folder: String,
    extension: &'static str,
}

impl Shelf {
    /// The shelf under a prefix, without a slash at either end; empty where it is the bucket itself.
    pub fn new(bucket: Arc<dyn Bucket>, prefix: &str, retry: Retry) -> Self {
        Self {
            bucket,
            prefix: prefix.to_owned(),
            retry,
            honours_if_absent: Arc::default(),
        }
    }

    /// Where it is, for people.
    pub fn location(&self) -> String {
        match self.prefix.as_str() {
            "" => self.bucket.location(),
            prefix => format!("{}/{prefix}", self.bucket.location()),
        }
    }

    /// The key of a document at a path, of which each segment is escaped.
    pub(crate) fn key(&self, path: &str) -> Result<ObjectKey, LedgerError> {
        let key = match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        ObjectKey::new(key).map_err(|source| LedgerError::Key {
            what: path.to_owned(),
            source,
        })
    }

    /// A document, if there is one.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        key: &ObjectKey,
    ) -> Result<Option<T>, LedgerError> {
        let Some(text) = self.text(key).await? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&text);
        read.map(Some)
            .map_err(|error| self.misunderstood(key, error))
    }

    /// The text of a document, if there is one.
    pub(crate) async fn text(&self, key: &ObjectKey) -> Result<Option<Bytes>, LedgerError> {
        match self.retry.run(|| self.bucket.get(key)).await {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind == BucketErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a document where none stands. False where one does.
    pub(crate) async fn create(&self, key: &ObjectKey, text: Bytes) -> Result<bool, LedgerError> {
        if self.honours_if_absent().await {
            return match self.put(key, text, Condition::IfAbsent).await {
                Err(error) if error.kind == BucketErrorKind::AlreadyExists => Ok(false),
                put => Ok(put.map(|()| true)?),
            };
        }
        // The store would replace it in silence: what can be done is to look.
        if self.retry.run(|| self.bucket.head(key)).await?.is_some() {
            return Ok(false);
        }
        Ok(self
            .put(key, text, Condition::Replace)
            .await
            .map(|()| true)?)
    }

    /// Whether the store refuses to replace what stands. Where that can't be tried out, it is asked
    /// to all the same, as for objects.
    async fn honours_if_absent(&self) -> bool {
        let try_out = async || match self.retry.run(|| self.bucket.honours_if_absent()).await {
            Ok(honoured) => honoured,
            Err(error) => {
                tracing::debug!(%error, "whether documents can be created can't be tried out");
                true
            }
        };
        *self.honours_if_absent.get_or_init(try_out).await
    }

    /// Writes a document, whether one stands there or not.
    pub(crate) async fn write(&self, key: &ObjectKey, text: Bytes) -> Result<(), LedgerError> {
        Ok(self.put(key, text, Condition::Replace).await?)
    }

    pub(crate) async fn delete(&self, key: &ObjectKey) -> Result<(), LedgerError> {
        Ok(self.retry.run(|| self.bucket.delete(key)).await?)
    }

    /// The keys of all documents whose path begins so.
    pub(crate) async fn list(&self, path: &str) -> Result<Vec<ObjectKey>, LedgerError> {
        let prefix = match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        let found = self.retry.run(|| self.bucket.list(&prefix)).await?;
        Ok(found.into_iter().map(|object| object.key).collect())
    }

    /// The path of a key that was listed.
    pub(crate) fn path_of<'a>(&self, key: &'a ObjectKey) -> &'a str {
        let path = key.as_str().strip_prefix(&self.prefix);
        path.unwrap_or(key.as_str()).trim_start_matches('/')
    }

    pub(crate) fn misunderstood(&self, key: &ObjectKey, cause: impl fmt::Display) -> LedgerError {
        LedgerError::Document {
            key: key.clone(),
            location: self.bucket.location(),
            cause: cause.to_string(),
        }
    }

    async fn put(
        &self,
        key: &ObjectKey,
        text: Bytes,
        condition: Condition,
    ) -> Result<(), BucketError> {
        let attributes = Attributes {
            content_type: "application/json".to_owned(),
            write_id: Uuid::new_v4().to_string(),
            ..Attributes::default()
        };
        let put = || self.bucket.put(key, text.clone(), &attributes, condition);
        self.retry.run(put).await.map(drop)
    }
}

impl Series {
    /// Those in a folder, whose path has a slash at its end.
    pub(crate) fn new(folder: &str, extension: &'static str) -> Self {
        Self {
            folder: folder.to_owned(),
            extension,
        }
    }

    /// The key of a version.
    pub(crate) fn key(&self, shelf: &Shelf, number: u32) -> Result<ObjectKey, LedgerError> {
        shelf.key(&format!("{}{number:06}.{}", self.folder, self.extension))
    }

    /// The numbers of all versions that there are, in order.
    pub(crate) async fn numbers(&self, shelf: &Shelf) -> Result<Vec<u32>, LedgerError> {
        let keys = shelf.list(&self.folder).await?;
        let mut numbers: Vec<u32> = keys.iter().filter_map(|key| self.number(key)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn number(&self, key: &ObjectKey) -> Option<u32> {
        let name = key.as_str().rsplit('/').next()?;
        name.strip_suffix(self.extension)?
            .strip_suffix('.')?
            .parse()
            .ok()
    }
}

/// All documents have had one version so far.
pub(crate) const VERSION: u32 = 1;

/// That a document is of a version that is yet to come.
pub(crate) fn unknown_version(version: u32) -> String {
    format!("its schema_version is {version}, and only {VERSION} is known")
}

/// A document's text: one JSON object, for programs and for people.
pub(crate) fn text_of(document: &impl Serialize) -> Bytes {
    // Texts and numbers alone: there is nothing that could fail.
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    Bytes::from(text)
}
