//! An attempt at a run that was found dead, and what becomes of its objects.

use spile_macros_template::ObjectKey;

use super::conclusion::{Conclusion, is_content};
use super::entry::{AttemptStatus, Begun, Entry, staged_of};
use super::history::{History, ObjectState};
use super::journal::Journal;
use super::place::RunPlace;
use super::record::ObjectRecord;
use super::recover::{Leftover, Recovering, Recovery};
use super::shelf::LedgerError;
use crate::bucket::{BucketError, BucketErrorKind, Condition, Staged, Upload};
use crate::publish::publish;

/// An attempt that is being recovered.
pub(super) struct Dead<'a> {
    pub(super) in_: &'a Recovering,
    pub(super) journal: Journal,
    pub(super) history: History,
    pub(super) recovery: Recovery,
    /// Objects of which it has turned out that they had appeared.
    pub(super) appeared: Vec<ObjectRecord>,
    /// Whether anything has become of its objects since it was last written down.
    pub(super) is_changed: bool,
}

impl Dead<'_> {
    /// Settles what each object has come to.
    pub(super) async fn settle(&mut self) -> Result<(), LedgerError> {
        let objects = self.history.objects.clone();
        for (object, state) in objects {
            match state {
                ObjectState::Published(_) => {}
                ObjectState::Claimed { key, quarantine } => {
                    self.unclaim(object, key, quarantine).await?;
                }
                ObjectState::Uploading { upload, quarantine } => {
                    self.remove(object, &upload, quarantine, None).await?;
                }
                ObjectState::Putting { record, write_id } => {
                    self.look_for(object, record, &write_id).await?;
                }
                ObjectState::Staged {
                    record,
                    upload,
                    parts,
                    replaces,
                } => {
                    let staged = staged_of(upload, &parts);
                    if self.is_published(replaces) {
                        let condition = match replaces {
                            true => Condition::Replace,
                            false => Condition::IfAbsent,
                        };
                        let published = self.publish(&staged, condition, record.quarantine).await;
                        self.published(object, record, &staged.upload, published)
                            .await?;
                    } else {
                        let bytes = Some(staged.bytes());
                        let quarantine = record.quarantine;
                        self.remove(object, &staged.upload, quarantine, bytes)
                            .await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a staged object is to appear. Those of an attempt that has ended aren't any more: its
    /// records may have been loaded again since.
    fn is_published(&self, replaces: bool) -> bool {
        if self.history.ended.is_some() {
            return false;
        }
        let begun = self.history.begun.as_ref();
        let waits = replaces || begun.is_some_and(|begun| begun.as_a_whole);
        !waits || self.history.publishing.is_some()
    }

    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
        quarantine: bool,
    ) -> Result<Option<String>, BucketError> {
        let bucket = self.in_.buckets.of(quarantine);
        let honoured = self.in_.retry.run(|| bucket.honours_if_absent()).await;
        let terms = match honoured {
            Ok(false) => Condition::Replace,
            _ => condition,
        };
        let published = publish(&**bucket, &self.in_.retry, staged, condition, terms).await?;
        Ok(published.etag)
    }

    async fn published(
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
                let bytes = Some(record.bytes);
                self.remove(object, upload, record.quarantine, bytes)
                    .await?;
                self.recovery.lost.push(record);
            }
            // It won't be otherwise the next time.
            Err(error) if error.kind == BucketErrorKind::Refused => {
                self.leave(upload, Some(record.bytes), error.to_string());
                self.recovery.lost.push(record);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Removes what was begun at a key, and whose id nobody has written down. Under the five actions
    /// that are granted it can't be looked for.
    async fn clear(
        &mut self,
        object: u64,
        key: &ObjectKey,
        quarantine: bool,
    ) -> Result<bool, LedgerError> {
        let bucket = self.in_.buckets.of(quarantine);
        match self.in_.retry.run(|| bucket.uploads_at(key)).await {
            Ok(uploads) => {
                for upload in uploads {
                    self.remove(object, &upload, quarantine, None).await?;
                }
                Ok(true)
            }
            Err(error) if error.kind == BucketErrorKind::Denied => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What may have begun at a key.
    async fn unclaim(
        &mut self,
        object: u64,
        key: ObjectKey,
        quarantine: bool,
    ) -> Result<(), LedgerError> {
        self.gone(object);
        if !self.clear(object, &key, quarantine).await? {
            self.recovery.unknown.push(key);
        }
        Ok(())
    }

    /// Whether an object that was to be put in one step has appeared: by who wrote what stands there,
    /// or by its content where the store can't say. A folder may have kept what it was put by.
    async fn look_for(
        &mut self,
        object: u64,
        record: ObjectRecord,
        write_id: &str,
    ) -> Result<(), LedgerError> {
        let bucket = self.in_.buckets.of(record.quarantine);
        let retry = &self.in_.retry;
        let found = retry.run(|| bucket.head(&record.key)).await?;
        let is_own = match &found {
            None => false,
            Some(found) => match &found.write_id {
                Some(id) => id == write_id,
                None => is_content(bucket, retry, &record).await?,
            },
        };
        self.clear(object, &record.key, record.quarantine).await?;
        match found.filter(|_| is_own) {
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
        self.is_changed = true;
        self.appeared.push(record.clone());
        self.history
            .objects
            .insert(object, ObjectState::Published(record));
    }

    fn gone(&mut self, object: u64) {
        self.is_changed = true;
        self.journal.note(&Entry::Gone { object });
        self.history.objects.remove(&object);
    }

    /// Removes an upload. Under the five actions that are granted it may not be allowed.
    async fn remove(
        &mut self,
        object: u64,
        upload: &Upload,
        quarantine: bool,
        bytes: Option<u64>,
    ) -> Result<(), LedgerError> {
        let bucket = self.in_.buckets.of(quarantine);
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

    pub(super) async fn end(&mut self, place: &RunPlace) -> Result<(), LedgerError> {
        let history = &self.history;
        let Some(begun) = &history.begun else {
            return Ok(());
        };
        let objects = history.published_records();
        self.recovery.published = objects.len();
        if let Some(status) = history.ended {
            self.recovery.status = status;
            return self.end_again(place, begun, status).await;
        }
        let is_whole = self.recovery.lost.is_empty() && history.publishing.is_some();
        let released = history.released.as_ref();
        let released = released.and_then(|released| released.checkpoint.clone());
        let released = released.or_else(|| begun.resumed_from.clone());
        let publishing = history.publishing.as_ref().filter(|_| is_whole);
        let checkpoint = publishing.and_then(|publishing| publishing.checkpoint.clone());
        let checkpoint = checkpoint.or(released);
        self.recovery.checkpoint.clone_from(&checkpoint);
        let (mut objects, mut retire) = (objects, Vec::new());
        if is_whole && self.recovery.left.is_empty() {
            retire.clone_from(&history.retire);
            retire.extend(objects.extract_if(.., |it| history.outdated.contains(&it.object)));
        }
        let conclusion = Conclusion {
            retire,
            checkpoint,
            is_behind: publishing.is_some_and(|publishing| publishing.is_behind),
            ..self.conclusion(place, begun, objects)
        };
        let is_left = !self.recovery.left.is_empty();
        let status = match (is_whole, self.recovery.lost.is_empty()) {
            // What can't appear keeps the run from being whole; what has appeared counts.
            (true, _) if is_left => {
                conclusion.change_indexes().await?;
                AttemptStatus::Failed
            }
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

    /// Writes down what has become of an attempt that had ended, where anything has: what had appeared
    /// counts, though whoever ended it didn't know.
    async fn end_again(
        &self,
        place: &RunPlace,
        begun: &Begun,
        status: AttemptStatus,
    ) -> Result<(), LedgerError> {
        if !self.is_changed {
            return Ok(());
        }
        let conclusion = self.conclusion(place, begun, self.appeared.clone());
        conclusion.change_indexes().await?;
        self.journal.record(&Entry::Ended { status }).await
    }

    /// What there is to conclude of some of its objects, in whose place none go.
    fn conclusion<'a>(
        &'a self,
        place: &'a RunPlace,
        begun: &'a Begun,
        objects: Vec<ObjectRecord>,
    ) -> Conclusion<'a> {
        Conclusion {
            shelf: &self.in_.shelf,
            buckets: &self.in_.buckets,
            retry: &self.in_.retry,
            place,
            begun,
            objects,
            retire: Vec::new(),
            schemas: self.history.schemas.clone(),
            checkpoint: None,
            is_behind: false,
            published_at: self.in_.surroundings.now(),
        }
    }
}
