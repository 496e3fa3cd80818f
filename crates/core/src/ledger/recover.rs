//! What becomes of a run that was found dead.
//!
//! One that had not begun to publish is undone, one that had is finished. Everything here may be
//! interrupted and done again.

use serde::{Serialize, Serializer};
use spile_macros_template::ObjectKey;

use super::dead::Dead;
use super::entry::{AttemptStatus, Entry};
use super::history::History;
use super::holder::SharedSurroundings;
use super::journal::Journal;
use super::manifest::Manifest;
use super::place::RunPlace;
use super::record::{ObjectRecord, key_to_text};
use super::shelf::{LedgerError, Series, Shelf};
use crate::buckets::Buckets;
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
    /// Objects that were whole and can't appear: somebody has removed them, or another object stands
    /// at their keys, or the store refuses.
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
    pub(crate) buckets: Buckets,
    pub(crate) retry: Retry,
    pub(crate) surroundings: SharedSurroundings,
    /// Where the objects of runs have to be, unless that was looked at before.
    pub(crate) destination: Option<String>,
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
        let series = place.attempt(attempt).journal();
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
        let at = place.attempt(attempt);
        let series = at.journal();
        for _ in 0..ATTEMPTS {
            let mut history = History::read(&self.shelf, &series).await?;
            if Manifest::read(&self.shelf, &at).await?.is_some() {
                history.ended = Some(AttemptStatus::Done);
            }
            if history.is_remains {
                self.remove_journal(&series).await?;
                return Ok(None);
            }
            let is_blank = history.begun.is_none();
            if history.ended.is_some() && (is_blank || !history.has_unpublished()) {
                if history.ended == Some(AttemptStatus::Done) {
                    self.remove_journal(&series).await?;
                }
                return Ok(None);
            }
            if is_blank && history.segments > 0 {
                return Ok(None);
            }
            if let Some(destination) = self.elsewhere(&history) {
                let run_id = place.run_id().to_owned();
                let error = LedgerError::Elsewhere {
                    run_id,
                    destination,
                };
                // What has ended elsewhere, and can't be removed, is in nobody's way.
                return history.ended.map(|_| None).ok_or(error);
            }
            let next = history.segments + 1;
            let journal = Journal::new(self.shelf.clone(), series.clone(), next);
            // One that has ended can't be alive.
            if history.ended.is_none() {
                let by = self.surroundings.process();
                match journal.record(&Entry::Taken { by }).await {
                    Err(LedgerError::TakenOver) => continue,
                    taken => taken?,
                }
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
                appeared: Vec::new(),
                is_changed: false,
            };
            dead.settle().await?;
            dead.end(place).await?;
            return Ok(Some(dead.recovery));
        }
        Err(LedgerError::TakenOver)
    }

    /// The manifest says all that the journal did. What has no first segment any more is known to be
    /// needed no more: segments go in their order.
    async fn remove_journal(&self, series: &Series) -> Result<(), LedgerError> {
        for number in series.numbers(&self.shelf).await? {
            self.shelf.delete(&series.key(&self.shelf, number)?).await?;
        }
        Ok(())
    }

    /// Where its uploads and objects are, if not where they are looked for: there they would be taken
    /// for gone.
    fn elsewhere(&self, history: &History) -> Option<String> {
        let begun = history.begun.as_ref()?;
        let is_meant = |here: &String| begun.destination == *here;
        if self
            .destination
            .as_ref()
            .is_some_and(|here| !is_meant(here))
        {
            return Some(begun.destination.clone());
        }
        let aside = begun.quarantine.clone();
        let aside = aside.filter(|_| history.has_quarantine());
        aside.filter(|aside| self.buckets.quarantine_location().as_ref() != Some(aside))
    }
}
