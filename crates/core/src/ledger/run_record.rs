//! The record of a run while it is under way: its lease, its journal, and what earlier attempts at
//! it have left.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::conclusion::{Conclusion, remove_own};
use super::covers::{CoverFault, Covers};
use super::earlier::{Earlier, attempts, prepare};
use super::entry::{AttemptStatus, Begun, Entry, VERSION};
use super::index::StreamIndex;
use super::journal::Journal;
use super::lease::{Found, Lease};
use super::manifest::Manifest;
use super::place::RunPlace;
use super::record::ObjectRecord;
use super::recover::Recovery;
use super::run_journal::RunJournal;
use super::run_start::{Again, RunStart};
use super::shelf::LedgerError;
use crate::object::ObjectId;
use crate::receipt::Receipt;
use crate::source::StreamName;

/// The record of a run that is under way.
#[derive(Debug)]
pub struct RunRecord {
    start: RunStart,
    place: RunPlace,
    begun: Begun,
    lease: Lease,
    journal: RunJournal,
    earlier: Earlier,
    /// What was found dead and recovered before this run began.
    recovered: Option<Recovery>,
}

impl RunRecord {
    /// Takes the connection's lease, recovers what it finds dead, and begins the journal.
    ///
    /// # Errors
    /// A run that is alive and holds the connection, an id that was used before, or documents that
    /// can't be read or written.
    pub async fn begin(start: RunStart) -> Result<Self, LedgerError> {
        let place = start.home.run(&start.run_id);
        let last = Found::last(&start.shelf, &place).await?;
        if let Some(last) = last.as_ref().filter(|it| it.is_alive(&start.surroundings)) {
            return Err(last.held(&place));
        }
        let attempts = attempts(&start.shelf, &place).await?;
        if !attempts.is_empty() && start.again == Again::No {
            let run_id = start.run_id.clone();
            return Err(LedgerError::RunExists { run_id });
        }
        // An attempt that died before it wrote anything down is known by its lease alone.
        let own = last
            .as_ref()
            .filter(|it| it.document.run_id == start.run_id);
        let before = attempts
            .last()
            .copied()
            .max(own.map(|it| it.document.attempt));
        let attempt = before.map_or(1, |last| last + 1);
        // As long as the last holder isn't recovered, whoever comes next has to see to it.
        let (dead, of) = match &last {
            Some(last) => (start.home.run(&last.document.run_id), last.document.attempt),
            None => (place.clone(), attempt),
        };
        let (shelf, world) = (&start.shelf, &start.surroundings);
        let lease = Lease::take(shelf, &dead, of, last.as_ref(), world).await?;
        let prepared = async {
            let prepared = prepare(&start, &place, last.as_ref(), attempts).await?;
            lease.rename(&start.run_id, attempt).await?;
            Ok(prepared)
        };
        let (recovered, earlier) = match prepared.await {
            Ok(prepared) => prepared,
            Err(error) => {
                give_back(lease).await;
                return Err(error);
            }
        };
        let begun = Begun {
            schema_version: VERSION,
            spile_version: start.spile_version.clone(),
            connection_id: start.home.connection_id().map(str::to_owned),
            run_id: start.run_id.clone(),
            attempt,
            load_time: earlier.load_time.unwrap_or(start.load_time),
            timezone: start.timezone.clone(),
            started_at: start.surroundings.now(),
            as_a_whole: start.as_a_whole,
            resumed_from: earlier.checkpoint.clone(),
            destination: start.destination.clone(),
            templates: start.templates.clone(),
        };
        let series = place.journal(attempt);
        let journal = Journal::new(start.shelf.clone(), series, 1);
        let journal = RunJournal::new(journal, earlier.schemas.clone());
        let record = Self {
            start,
            place,
            begun,
            lease,
            journal,
            earlier,
            recovered,
        };
        match record.open().await {
            Ok(()) => Ok(record),
            Err(error) => {
                give_back(record.lease).await;
                Err(error)
            }
        }
    }

    /// Begins the journal. One of a first attempt begins with its first object.
    async fn open(&self) -> Result<(), LedgerError> {
        let journal = &self.journal.journal;
        journal.note(&Entry::Begun(self.begun.clone()));
        if self.earlier.attempts.is_empty() {
            return Ok(());
        }
        for schema in self.earlier.schemas.values() {
            journal.note(&Entry::Schema(schema.clone()));
        }
        for record in &self.earlier.kept {
            let record = record.clone();
            journal.note(&Entry::Kept { record });
        }
        for record in &self.earlier.retire {
            let record = record.clone();
            journal.note(&Entry::Retire { record });
        }
        let checkpoint = self.earlier.checkpoint.clone();
        let objects = self.first_object().0;
        journal
            .record(&Entry::Released {
                objects,
                checkpoint,
            })
            .await?;
        self.remove_uncovered().await
    }

    /// What a resumed source would write again goes first, from the indexes too.
    async fn remove_uncovered(&self) -> Result<(), LedgerError> {
        if self.earlier.uncovered.is_empty() {
            return Ok(());
        }
        let gone = Conclusion {
            objects: Vec::new(),
            retire: self.earlier.uncovered.clone(),
            ..self.conclusion(Vec::new(), None)
        };
        gone.change_indexes().await?;
        for record in &self.earlier.uncovered {
            remove_own(&self.start.bucket, &self.start.retry, record).await?;
        }
        Ok(())
    }

    /// The time of the load: that of the first attempt.
    pub fn load_time(&self) -> DateTime<Utc> {
        self.begun.load_time
    }

    /// What the source has to go on from; `None` where it begins at its start.
    pub fn checkpoint(&self) -> Option<&str> {
        self.earlier.checkpoint.as_deref()
    }

    /// What was found dead and recovered before this run began.
    pub fn recovered(&self) -> Option<&Recovery> {
        self.recovered.as_ref()
    }

    /// The number after which its objects are numbered.
    pub(crate) fn first_object(&self) -> ObjectId {
        let kept = self.earlier.kept.iter().map(|record| record.object);
        ObjectId(kept.max().unwrap_or_default())
    }

    /// Bad records that earlier attempts have set aside, and this one keeps.
    pub(crate) fn rejected(&self) -> u64 {
        let kept = self.earlier.kept.iter();
        kept.filter(|it| it.quarantine).map(|it| it.rows).sum()
    }

    pub(crate) fn journal(&self) -> RunJournal {
        self.journal.clone()
    }

    /// All objects up to a number have appeared: the source may go on from a checkpoint.
    pub(crate) async fn release(
        &self,
        objects: ObjectId,
        checkpoint: &str,
    ) -> Result<(), LedgerError> {
        let released = Entry::Released {
            objects: objects.0,
            checkpoint: Some(checkpoint.to_owned()),
        };
        self.journal.journal.record(&released).await
    }

    /// Everything that is staged is to appear: from here on there is no way back. Whoever was taken
    /// over finds it out here at the latest.
    pub(crate) async fn publish(&self, checkpoint: Option<&str>) -> Result<(), LedgerError> {
        let checkpoint = checkpoint.or(self.begun.resumed_from.as_deref());
        let checkpoint = checkpoint.map(str::to_owned);
        let publishing = Entry::Publishing { checkpoint };
        self.journal.journal.record(&publishing).await
    }

    /// What is to go of a stream, since this run has all records of some periods.
    pub(crate) async fn supersede(
        &mut self,
        stream: &StreamName,
        covers: Covers,
        receipts: &[&Receipt],
    ) -> Result<Result<(), CoverFault>, LedgerError> {
        let (index, _) = StreamIndex::read(&self.start.shelf, &self.start.home, stream).await?;
        let mut periods: Vec<_> = receipts.iter().map(|it| it.period.clone()).collect();
        periods.dedup();
        let template = self.begun.templates.get(&stream.to_string());
        let template = template.map(String::as_str).unwrap_or_default();
        let own: BTreeSet<_> = self.earlier.kept.iter().map(|it| it.key.clone()).collect();
        match index.superseded(covers, &periods, &self.begun, template) {
            Err(fault) => Ok(Err(fault)),
            Ok(superseded) => {
                for record in superseded.into_iter().filter(|it| !own.contains(&it.key)) {
                    self.earlier.retire.push(record.clone());
                    self.journal.journal.note(&Entry::Retire { record });
                }
                Ok(Ok(()))
            }
        }
    }

    /// The run is whole: all of its objects have appeared.
    pub(crate) async fn conclude(
        self,
        receipts: &[Receipt],
        checkpoint: Option<String>,
    ) -> Result<Manifest, LedgerError> {
        // A source that had no more to give stands where it stood.
        let checkpoint = checkpoint.or_else(|| self.begun.resumed_from.clone());
        // Publishing may have taken long: nothing is removed by a run that was taken over.
        if let Err(error) = self.journal.journal.record(&Entry::Concluding).await {
            let is_taken_over = matches!(error, LedgerError::TakenOver);
            self.abandon(is_taken_over).await;
            return Err(error);
        }
        let concluded = self.conclusion(self.records(receipts), checkpoint);
        let manifest = concluded.conclude().await;
        if manifest.is_ok() {
            self.tidy().await;
        }
        give_back(self.lease).await;
        manifest
    }

    /// The run has ended before it was whole. What has appeared counts all the same.
    pub(crate) async fn end(
        self,
        status: AttemptStatus,
        receipts: &[Receipt],
    ) -> Result<(), LedgerError> {
        if self.has_left_something(receipts)
            && let Err(error) = self.journal.journal.record(&Entry::Concluding).await
        {
            let is_taken_over = matches!(error, LedgerError::TakenOver);
            self.abandon(is_taken_over).await;
            return Err(error);
        }
        // What would have been replaced stays.
        let partly = Conclusion {
            retire: Vec::new(),
            ..self.conclusion(self.records(receipts), None)
        };
        let changed = partly.change_indexes().await;
        let ended = match self.has_left_something(receipts) {
            true => self.journal.journal.record(&Entry::Ended { status }).await,
            false => {
                self.forget().await;
                Ok(())
            }
        };
        give_back(self.lease).await;
        changed.and(ended)
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

    /// Nothing has come of the run: nothing is kept of it either.
    async fn forget(&self) {
        self.remove_documents([self.begun.attempt].into(), None)
            .await;
    }

    /// The run stops here, and leaves what it has begun to whoever recovers it: the lease is given
    /// back, unless somebody else has it already.
    pub(crate) async fn abandon(self, is_taken_over: bool) {
        if !is_taken_over {
            give_back(self.lease).await;
        }
    }

    fn records(&self, receipts: &[Receipt]) -> Vec<ObjectRecord> {
        let kept = self.earlier.kept.iter().cloned();
        let own = receipts
            .iter()
            .map(|receipt| self.journal.record_of(receipt));
        kept.chain(own).collect()
    }

    fn conclusion(&self, objects: Vec<ObjectRecord>, checkpoint: Option<String>) -> Conclusion<'_> {
        Conclusion {
            shelf: &self.start.shelf,
            bucket: &self.start.bucket,
            retry: &self.start.retry,
            place: &self.place,
            begun: &self.begun,
            objects,
            retire: self.earlier.retire.clone(),
            schemas: self.journal.schemas(),
            checkpoint,
            published_at: self.start.surroundings.now(),
        }
    }

    /// The manifest says all that the journals did, and those of earlier attempts hold no more; but
    /// for uploads that couldn't be removed. What can't be removed does no harm.
    async fn tidy(&self) {
        let (own, left) = (self.begun.attempt, &self.earlier.left);
        let mut over: BTreeSet<u32> = (1..own).filter(|it| !left.contains(it)).collect();
        if !self.journal.has_open_uploads() {
            over.insert(own);
        }
        let manifest = self.place.manifest(own);
        self.remove_documents(over, Some(&manifest)).await;
    }

    /// Removes what is kept of attempts, but for one document. Those that others have begun since
    /// aren't ours to remove.
    async fn remove_documents(&self, attempts: BTreeSet<u32>, stays: Option<&str>) {
        let shelf = &self.start.shelf;
        let removed = async {
            for attempt in attempts {
                for key in shelf.list(&self.place.attempt(attempt)).await? {
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

/// That it can't be given back matters little: it ends by itself.
async fn give_back(lease: Lease) {
    if let Err(error) = lease.give_back().await {
        tracing::warn!(%error, "the lease can't be given back: it ends by itself in a while");
    }
}
