//! What becomes of a run that was found dead.
//!
//! One that had not begun to publish is undone, one that had is finished. Everything here may be
//! interrupted and done again.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use spile_macros_template::ObjectKey;

use super::conclusion::{Conclusion, is_content};
use super::entry::{AttemptStatus, Entry, staged_of};
use super::history::{History, ObjectState};
use super::holder::SharedSurroundings;
use super::journal::Journal;
use super::place::RunPlace;
use super::record::{ObjectRecord, key_to_text};
use super::shelf::{LedgerError, Shelf};
use crate::bucket::{Bucket, BucketError, BucketErrorKind, Condition, Upload};
use crate::retry::Retry;

/// What was done about a run that was found dead. Serialised, it is one JSON object, documented in
/// `docs/reference/runs.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Its connection, if it has one.
    pub connection_id: Option<String>,
    /// The run.
    #[serde(rename = "connection_run_id")]
    pub run_id: String,
    /// Which attempt at it.
    pub attempt: u32,
    /// What it has come to.
    pub status: AttemptStatus,
    /// How many of its objects have appeared in all.
    pub published: usize,
    /// Uploads that were removed.
    pub removed: usize,
    /// Uploads that can't be removed or published.
    pub left: Vec<Leftover>,
    /// Keys at which uploads may have begun that can't be looked for.
    #[serde(serialize_with = "keys_to_texts")]
    pub unknown: Vec<ObjectKey>,
    /// Objects that were whole, and are no more: somebody has removed them.
    pub lost: Vec<ObjectRecord>,
    /// What the source may go on from.
    pub checkpoint: Option<String>,
}

/// An upload that stays, seen by nobody, and costs its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leftover {
    /// Where it would appear.
    #[serde(serialize_with = "key_to_text")]
    pub key: ObjectKey,
    /// What the bucket calls it.
    pub upload: String,
    /// Its bytes, as far as they are known.
    pub bytes: Option<u64>,
    /// Why it stays.
    pub reason: String,
}

fn keys_to_texts<S: Serializer>(keys: &[ObjectKey], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.iter().map(ObjectKey::as_str))
}

/// Where dead runs are recovered.
#[derive(Clone, Debug)]
pub(crate) struct Recovering {
    pub(crate) shelf: Shelf,
    pub(crate) bucket: Arc<dyn Bucket>,
    pub(crate) retry: Retry,
    pub(crate) surroundings: SharedSurroundings,
}

/// An attempt that is being recovered.
struct Dead<'a> {
    in_: &'a Recovering,
    journal: Journal,
    history: History,
    recovery: Recovery,
}

/// How often a journal is read again that somebody has written to in the meantime.
const ATTEMPTS: usize = 3;

impl Recovering {
    /// Recovers an attempt of which something is left; its process has given up the lease.
    pub(crate) async fn recover_left(
        &self,
        place: &RunPlace,
        attempt: u32,
    ) -> Result<Option<Recovery>, LedgerError> {
        let series = place.journal(attempt);
        match series.numbers(&self.shelf).await?.is_empty() {
            true => Ok(None),
            false => self.recover(place, attempt).await,
        }
    }

    /// Recovers an attempt at a run whose lease is in our hands. `None` where it has ended well, was
    /// recovered before or had sent nothing. If it is alive after all, it can't go on.
    pub(crate) async fn recover(
        &self,
        place: &RunPlace,
        attempt: u32,
    ) -> Result<Option<Recovery>, LedgerError> {
        if self.is_whole(place, attempt).await? {
            return Ok(None);
        }
        let series = place.journal(attempt);
        for _ in 0..ATTEMPTS {
            let history = History::read(&self.shelf, &series).await?;
            let is_over = history.ended.is_some() && !history.has_unpublished();
            let is_blank = history.begun.is_none();
            if is_over || (is_blank && history.segments > 0) {
                return Ok(None);
            }
            let next = history.segments + 1;
            let journal = Journal::new(self.shelf.clone(), series.clone(), next);
            let by = self.surroundings.process();
            match journal.record(&Entry::Taken { by }).await {
                Err(LedgerError::TakenOver) => continue,
                taken => taken?,
            }
            if is_blank {
                // It had sent nothing yet, and can't any more.
                return Ok(None);
            }
            let mut dead = Dead {
                in_: self,
                journal,
                recovery: Recovery {
                    run_id: place.run_id().to_owned(),
                    connection_id: place.home().connection_id().map(str::to_owned),
                    attempt,
                    status: AttemptStatus::Undone,
                    published: 0,
                    removed: 0,
                    left: Vec::new(),
                    unknown: Vec::new(),
                    lost: Vec::new(),
                    checkpoint: None,
                },
                history,
            };
            dead.settle().await?;
            dead.end(place).await?;
            return Ok(Some(dead.recovery));
        }
        Err(LedgerError::TakenOver)
    }
}

impl Recovering {
    /// Whether an attempt has its manifest. What is left of its journal then says nothing more.
    async fn is_whole(&self, place: &RunPlace, attempt: u32) -> Result<bool, LedgerError> {
        let manifest = self.shelf.key(&place.manifest(attempt))?;
        if self.shelf.text(&manifest).await?.is_none() {
            return Ok(false);
        }
        let series = place.journal(attempt);
        for number in series.numbers(&self.shelf).await? {
            self.shelf.delete(&series.key(&self.shelf, number)?).await?;
        }
        Ok(true)
    }
}

impl Dead<'_> {
    /// Settles what each object has come to.
    async fn settle(&mut self) -> Result<(), LedgerError> {
        let objects = self.history.objects.clone();
        for (object, state) in objects {
            match state {
                ObjectState::Published(_) => {}
                ObjectState::Claimed(key) => self.unclaim(object, key).await?,
                ObjectState::Uploading(upload) => self.remove(object, &upload, None).await?,
                ObjectState::Putting { record, .. } => self.look_for(object, record).await?,
                ObjectState::Staged {
                    record,
                    upload,
                    parts,
                    replaces,
                } => {
                    let staged = staged_of(&record.key, &upload, &parts);
                    if self.history.ended.is_some() && self.history.publishing.is_some() {
                        let reason = "it could not be published".to_owned();
                        self.leave(&staged.upload, Some(staged.bytes()), reason);
                    } else if self.is_published(replaces) {
                        let condition = match replaces {
                            true => Condition::Replace,
                            false => Condition::IfAbsent,
                        };
                        let published = self.publish(&staged, condition).await;
                        self.published(object, record, &staged.upload, published)?;
                    } else {
                        let bytes = Some(staged.bytes());
                        self.remove(object, &staged.upload, bytes).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a staged object is to appear.
    fn is_published(&self, replaces: bool) -> bool {
        let begun = self.history.begun.as_ref();
        let waits = replaces || begun.is_some_and(|begun| begun.as_a_whole);
        !waits || self.history.publishing.is_some()
    }

    async fn publish(
        &self,
        staged: &crate::bucket::Staged,
        condition: Condition,
    ) -> Result<Option<String>, BucketError> {
        let bucket = &self.in_.bucket;
        let honoured = self.in_.retry.run(|| bucket.honours_if_absent()).await;
        let terms = match honoured {
            Ok(false) => Condition::Replace,
            _ => condition,
        };
        let published = self.in_.retry.run(|| bucket.publish(staged, terms)).await?;
        Ok(published.etag)
    }

    fn published(
        &mut self,
        object: u64,
        record: ObjectRecord,
        upload: &Upload,
        published: Result<Option<String>, BucketError>,
    ) -> Result<(), LedgerError> {
        match published {
            Ok(etag) => self.appeared(object, record, etag),
            Err(error) if error.kind == BucketErrorKind::NotFound => {
                self.gone(object);
                self.recovery.lost.push(record);
            }
            Err(error) if error.kind == BucketErrorKind::AlreadyExists => {
                let reason = "another object stands at its key".to_owned();
                self.leave(upload, Some(record.bytes), reason);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Removes what was begun at a key, and whose id nobody has written down. Under the five actions
    /// that are granted it can't be looked for.
    async fn clear(&mut self, object: u64, key: &ObjectKey) -> Result<bool, LedgerError> {
        let bucket = &self.in_.bucket;
        match self.in_.retry.run(|| bucket.uploads_at(key)).await {
            Ok(uploads) => {
                for upload in uploads {
                    self.remove(object, &upload, None).await?;
                }
                Ok(true)
            }
            Err(error) if error.kind == BucketErrorKind::Denied => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What may have begun at a key.
    async fn unclaim(&mut self, object: u64, key: ObjectKey) -> Result<(), LedgerError> {
        self.gone(object);
        if !self.clear(object, &key).await? {
            self.recovery.unknown.push(key);
        }
        Ok(())
    }

    /// Whether an object that was to be put in one step has appeared. A folder may have kept what
    /// it was put by.
    async fn look_for(&mut self, object: u64, record: ObjectRecord) -> Result<(), LedgerError> {
        let (bucket, retry) = (&self.in_.bucket, &self.in_.retry);
        let found = retry.run(|| bucket.head(&record.key)).await?;
        let of_length = found.filter(|found| found.bytes == record.bytes);
        let is_own = match &of_length {
            Some(_) => is_content(bucket, retry, &record).await?,
            None => false,
        };
        self.clear(object, &record.key).await?;
        match of_length.filter(|_| is_own) {
            Some(found) => self.appeared(object, record, found.etag),
            None => self.gone(object),
        }
        Ok(())
    }

    fn appeared(&mut self, object: u64, record: ObjectRecord, etag: Option<String>) {
        self.journal.note(&Entry::Published {
            object,
            etag: etag.clone(),
        });
        let record = ObjectRecord { etag, ..record };
        self.history
            .objects
            .insert(object, ObjectState::Published(record));
    }

    fn gone(&mut self, object: u64) {
        self.journal.note(&Entry::Gone { object });
        self.history.objects.remove(&object);
    }

    /// Removes an upload. Under the five actions that are granted it may not be allowed.
    async fn remove(
        &mut self,
        object: u64,
        upload: &Upload,
        bytes: Option<u64>,
    ) -> Result<(), LedgerError> {
        let bucket = &self.in_.bucket;
        match self.in_.retry.run(|| bucket.discard(upload)).await {
            Ok(()) => {
                self.recovery.removed += 1;
                self.gone(object);
            }
            Err(error) if error.kind == BucketErrorKind::Denied => {
                self.leave(upload, bytes, error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn leave(&mut self, upload: &Upload, bytes: Option<u64>, reason: String) {
        self.recovery.left.push(Leftover {
            key: upload.key.clone(),
            upload: upload.id.clone(),
            bytes,
            reason,
        });
    }

    async fn end(&mut self, place: &RunPlace) -> Result<(), LedgerError> {
        let history = &self.history;
        let Some(begun) = &history.begun else {
            return Ok(());
        };
        let objects = history.published_records();
        self.recovery.published = objects.len();
        if let Some(status) = history.ended {
            self.recovery.status = status;
            return self.journal.record(&Entry::Ended { status }).await;
        }
        let is_whole = self.recovery.lost.is_empty() && history.publishing.is_some();
        let checkpoint = match (&history.publishing, &history.released) {
            (Some(publishing), _) if is_whole => publishing.checkpoint.clone(),
            (_, Some(released)) => released.checkpoint.clone(),
            _ => begun.resumed_from.clone(),
        };
        self.recovery.checkpoint.clone_from(&checkpoint);
        let conclusion = Conclusion {
            shelf: &self.in_.shelf,
            bucket: &self.in_.bucket,
            retry: &self.in_.retry,
            place,
            begun,
            objects,
            retire: match is_whole {
                true => history.retire.clone(),
                false => Vec::new(),
            },
            schemas: history.schemas.clone(),
            checkpoint,
            published_at: self.in_.surroundings.now(),
        };
        let is_left = !self.recovery.left.is_empty();
        let status = match (is_whole, self.recovery.lost.is_empty()) {
            // What can't appear now may later: the manifest waits for it.
            (true, _) if is_left => AttemptStatus::Failed,
            (true, _) => {
                conclusion.conclude().await?;
                AttemptStatus::Finished
            }
            (false, true) => {
                conclusion.change_indexes().await?;
                AttemptStatus::Undone
            }
            (false, false) => {
                conclusion.change_indexes().await?;
                AttemptStatus::Failed
            }
        };
        self.recovery.status = status;
        self.journal.record(&Entry::Ended { status }).await
    }
}
