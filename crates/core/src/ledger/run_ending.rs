//! How the record of a run ends: with its manifest, with what has come of it all the same, or without
//! a trace.

use std::collections::BTreeSet;

use spile_macros_template::ObjectKey;

use super::conclusion::Conclusion;
use super::entry::{AttemptStatus, Entry};
use super::history::Late;
use super::manifest::Manifest;
use super::record::ObjectRecord;
use super::run_record::RunRecord;
use super::shelf::LedgerError;
use crate::bucket::{BucketError, BucketErrorKind};
use crate::receipt::Receipt;

impl RunRecord {
    /// The run is whole: all of its objects have appeared.
    pub(crate) async fn conclude(
        self,
        receipts: &[Receipt],
        checkpoint: Option<String>,
        is_behind: bool,
    ) -> Result<Manifest, LedgerError> {
        // A source that had no more to give stands where it stood.
        let checkpoint = checkpoint.or_else(|| self.begun.resumed_from.clone());
        // Publishing may have taken long.
        if let Err(error) = self.fence().await {
            return Err(self.abandon_for(error).await);
        }
        let records = self.records(receipts).into_iter();
        let (gone, stays) = records.partition(|it| self.outdated.contains(&it.object));
        let mut concluded = self.conclusion(stays, checkpoint);
        concluded.is_behind = is_behind;
        concluded.retire.extend::<Vec<ObjectRecord>>(gone);
        let manifest = concluded.conclude().await;
        self.remove_late().await;
        if manifest.is_ok() {
            self.tidy().await;
        }
        self.lease.give_back().await;
        manifest
    }

    /// The run has ended before it was whole. What has appeared counts all the same.
    pub(crate) async fn end(
        self,
        status: AttemptStatus,
        receipts: &[Receipt],
    ) -> Result<(), LedgerError> {
        if !self.has_left_something(receipts) {
            // Nothing has come of it: nothing is kept of it either.
            self.remove_documents([self.begun.attempt].into(), None)
                .await;
            self.lease.give_back().await;
            return Ok(());
        }
        if let Err(error) = self.fence().await {
            return Err(self.abandon_for(error).await);
        }
        // What would have been replaced stays.
        let partly = Conclusion {
            retire: Vec::new(),
            ..self.conclusion(self.records(receipts), None)
        };
        let changed = partly.change_indexes().await;
        let ended = self.journal.journal.record(&Entry::Ended { status }).await;
        self.lease.give_back().await;
        changed.and(ended)
    }

    /// Finds out whether the run was taken over: then nothing is changed or removed any more.
    async fn fence(&self) -> Result<(), LedgerError> {
        self.journal.journal.record(&Entry::Concluding).await
    }

    /// The run is called off before it has loaded anything. That this can't be written down is no
    /// further failure.
    pub async fn call_off(self) {
        if let Err(error) = self.end(AttemptStatus::Failed, &[]).await {
            tracing::warn!(%error, "that the run is over can't be written down");
        }
    }

    /// Whether anybody may want to know of a run that wasn't whole.
    fn has_left_something(&self, receipts: &[Receipt]) -> bool {
        let is_first = self.earlier.attempts.is_empty();
        !is_first || !receipts.is_empty() || self.journal.has_open_uploads()
    }

    /// The run stops here, and leaves what it has begun to whoever recovers it: the lease is given
    /// back, unless somebody else has it already.
    pub(crate) async fn abandon(self, is_taken_over: bool) {
        if !is_taken_over {
            self.lease.give_back().await;
        }
    }

    async fn abandon_for(self, error: LedgerError) -> LedgerError {
        self.abandon(matches!(error, LedgerError::TakenOver)).await;
        error
    }

    fn records(&self, receipts: &[Receipt]) -> Vec<ObjectRecord> {
        let kept = self.earlier.kept.iter().cloned();
        let own = receipts
            .iter()
            .map(|receipt| self.journal.record_of(receipt));
        kept.chain(own).collect()
    }

    pub(super) fn conclusion(
        &self,
        objects: Vec<ObjectRecord>,
        checkpoint: Option<String>,
    ) -> Conclusion<'_> {
        Conclusion {
            shelf: &self.start.shelf,
            buckets: &self.start.buckets,
            retry: &self.start.retry,
            place: &self.place,
            begun: &self.begun,
            objects,
            retire: self.earlier.retire.clone(),
            schemas: self.journal.schemas(),
            checkpoint,
            is_behind: false,
            published_at: self.start.surroundings.now(),
        }
    }

    /// Removes what dead attempts had asked for in their last moment, and the store has done since. That
    /// it can't be looked for is no failure of a run that is whole.
    async fn remove_late(&self) {
        for late in &self.earlier.late {
            let removed = match late {
                Late::Put { record, write_id } => self.remove_put(record, write_id).await,
                Late::Begin { key, quarantine } => self.remove_begun(key, *quarantine).await,
            };
            match removed {
                Err(error) if error.kind == BucketErrorKind::Denied => {
                    tracing::debug!(%error, "a dead attempt may have left something");
                }
                Err(error) => tracing::warn!(%error, "a dead attempt may have left something"),
                Ok(()) => {}
            }
        }
    }

    async fn remove_put(&self, record: &ObjectRecord, write_id: &str) -> Result<(), BucketError> {
        let (retry, key) = (&self.start.retry, &record.key);
        let bucket = self.start.buckets.of(record.quarantine);
        let found = retry.run(|| bucket.head(key)).await?;
        let found = found.and_then(|found| found.write_id);
        match found.as_deref() == Some(write_id) {
            true => retry.run(|| bucket.delete(key)).await,
            false => Ok(()),
        }
    }

    async fn remove_begun(&self, key: &ObjectKey, quarantine: bool) -> Result<(), BucketError> {
        let retry = &self.start.retry;
        let bucket = self.start.buckets.of(quarantine);
        for upload in retry.run(|| bucket.uploads_at(key)).await? {
            retry.run(|| bucket.discard(&upload)).await?;
        }
        Ok(())
    }

    /// The manifest says all that the journals did, and those of earlier attempts hold no more; but
    /// for uploads that couldn't be removed. What can't be removed does no harm.
    async fn tidy(&self) {
        let (own, left) = (self.begun.attempt, &self.earlier.left);
        let mut over: BTreeSet<u32> = (1..own).filter(|it| !left.contains(it)).collect();
        if !self.journal.has_open_uploads() {
            over.insert(own);
        }
        let manifest = self.place.attempt(own).manifest();
        self.remove_documents(over, Some(&manifest)).await;
    }

    /// Removes what is kept of attempts, but for one document. Those that others have begun since
    /// aren't ours to remove.
    async fn remove_documents(&self, attempts: BTreeSet<u32>, stays: Option<&str>) {
        let shelf = &self.start.shelf;
        let removed = async {
            for attempt in attempts {
                let mut keys = shelf.list(&self.place.attempt(attempt).path()).await?;
                // A journal without its beginning is known to be needed no more.
                keys.sort_unstable();
                for key in keys {
                    if Some(shelf.path_of(&key)) != stays {
                        shelf.delete(&key).await?;
                    }
                }
            }
            Ok::<_, LedgerError>(())
        };
        if let Err(error) = removed.await {
            tracing::debug!(%error, "what is needed no more can't be removed");
        }
    }
}
