//! Who holds a connection: one run at a time.
//!
//! A lease is a document that names its holder and ends unless it is renewed. Whoever finds one that
//! has ended creates the next version, which only one can. It is advice: S3 can't keep a process
//! that slept too long from sending what it had begun to send. What such a process can't do is to
//! write its journal any further.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::holder::SharedSurroundings;
use super::place::RunPlace;
use super::shelf::{LedgerError, Series, Shelf, VERSION, text_of};

/// How long a lease lasts unless it is renewed.
const LASTS: Duration = Duration::from_secs(120);

/// What a lease says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaseDocument {
    pub(crate) schema_version: u32,
    #[serde(default)]
    pub(crate) connection_id: Option<String>,
    pub(crate) run_id: String,
    pub(crate) attempt: u32,
    pub(crate) holder: String,
    pub(crate) since: DateTime<Utc>,
    /// Absent where it was given back.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// A lease that is held, and renewed as long as this lives.
#[derive(Debug)]
pub(crate) struct Lease {
    held: Held,
    renewing: JoinHandle<()>,
}

#[derive(Clone, Debug)]
struct Held {
    shelf: Shelf,
    series: Series,
    number: u32,
    /// Whether other runs may ask for it.
    is_shared: bool,
    document: Arc<Mutex<LeaseDocument>>,
    surroundings: SharedSurroundings,
}

/// The last lease of a connection, and its number.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) number: u32,
    pub(crate) document: LeaseDocument,
}

impl LeaseDocument {
    /// Whether whoever holds it may be at work.
    pub(crate) fn is_alive(&self, surroundings: &SharedSurroundings) -> bool {
        let lasts = self.until.is_some_and(|until| surroundings.now() < until);
        lasts && !surroundings.is_gone(&self.holder)
    }

    /// Whether it is held for an attempt at a run.
    pub(crate) fn is_of(&self, run_id: &str, attempt: u32) -> bool {
        self.run_id == run_id && self.attempt == attempt
    }
}

impl Found {
    /// Looks for the last lease.
    async fn last(shelf: &Shelf, place: &RunPlace) -> Result<Option<Self>, LedgerError> {
        let series = place.lease();
        // The last one may go between the list and the read, when another takes its place.
        for _ in 0..3 {
            let Some(number) = series.numbers(shelf).await?.last().copied() else {
                return Ok(None);
            };
            if let Some(document) = shelf.read(&series.key(shelf, number)?).await? {
                return Ok(Some(Self { number, document }));
            }
        }
        Err(LedgerError::TakenOver)
    }

    /// Looks for the last lease, which nobody must hold any more.
    pub(crate) async fn last_free(
        shelf: &Shelf,
        place: &RunPlace,
        surroundings: &SharedSurroundings,
    ) -> Result<Option<Self>, LedgerError> {
        match Self::last(shelf, place).await? {
            Some(last) if last.document.is_alive(surroundings) => Err(last.held(place)),
            last => Ok(last),
        }
    }

    fn held(&self, place: &RunPlace) -> LedgerError {
        let what = match place.home().connection_id() {
            Some(id) => format!("connection {id}"),
            None => "the run".to_owned(),
        };
        LedgerError::Held {
            what,
            run_id: self.document.run_id.clone(),
            holder: self.document.holder.clone(),
            until: self.document.until.unwrap_or(self.document.since),
        }
    }
}

impl Lease {
    /// Takes the lease after the last one, which isn't held any more, in the name of an attempt at a
    /// run: whoever comes next recovers that one, if this process dies.
    pub(crate) async fn take(
        shelf: &Shelf,
        place: &RunPlace,
        attempt: u32,
        last: Option<&Found>,
        surroundings: &SharedSurroundings,
    ) -> Result<Self, LedgerError> {
        let now = surroundings.now();
        let document = LeaseDocument {
            schema_version: VERSION,
            connection_id: place.home().connection_id().map(str::to_owned),
            run_id: place.run_id().to_owned(),
            attempt,
            holder: surroundings.process(),
            since: now,
            until: Some(until(now)),
        };
        let series = place.lease();
        let number = last.map_or(0, |last| last.number) + 1;
        let key = series.key(shelf, number)?;
        if !shelf.create(&key, text_of(&document)).await? {
            return match Found::last(shelf, place).await? {
                Some(rival) => Err(rival.held(place)),
                None => Err(LedgerError::TakenOver),
            };
        }
        let held = Held {
            shelf: shelf.clone(),
            series,
            number,
            is_shared: place.home().connection_id().is_some(),
            document: Arc::new(Mutex::new(document)),
            surroundings: SharedSurroundings::clone(surroundings),
        };
        held.remove_older(last).await;
        let renewing = tokio::spawn(held.clone().renew());
        Ok(Self { held, renewing })
    }

    /// Gives it back: the next run needn't wait. That of a connection stays, so that numbers go on;
    /// that of a run alone has nobody who would wait for it. That it can't be given back matters
    /// little.
    pub(crate) async fn give_back(self) {
        self.renewing.abort();
        let given_back = match self.held.is_shared {
            true => self.held.write(None).await,
            false => self.held.remove(self.held.number).await,
        };
        if let Err(error) = given_back {
            tracing::warn!(%error, "the lease can't be given back: it ends by itself in a while");
        }
    }

    /// Goes on in the name of another attempt, or of another run.
    pub(crate) async fn rename(&self, run_id: &str, attempt: u32) -> Result<(), LedgerError> {
        {
            let mut document = self.held.document();
            run_id.clone_into(&mut document.run_id);
            document.attempt = attempt;
        }
        let until = until(self.held.surroundings.now());
        self.held.write(Some(until)).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Held {
    /// Renews it in time. That it can't be renewed doesn't stop the run: its journal will, where
    /// somebody has taken it over.
    async fn renew(self) {
        let mut ticks = interval(LASTS / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let until = until(self.surroundings.now());
            if let Err(error) = self.write(Some(until)).await {
                tracing::warn!(%error, "the lease can't be renewed");
            }
        }
    }

    async fn write(&self, until: Option<DateTime<Utc>>) -> Result<(), LedgerError> {
        let key = self.series.key(&self.shelf, self.number)?;
        let text = {
            let mut document = self.document();
            document.until = until;
            text_of(&*document)
        };
        self.shelf.write(&key, text).await
    }

    fn document(&self) -> MutexGuard<'_, LeaseDocument> {
        self.document.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What they said holds no more; that one can't be removed matters to nobody.
    async fn remove_older(&self, last: Option<&Found>) {
        if let Some(last) = last
            && let Err(error) = self.remove(last.number).await
        {
            tracing::debug!(%error, "an old lease can't be removed");
        }
    }

    async fn remove(&self, number: u32) -> Result<(), LedgerError> {
        let key = self.series.key(&self.shelf, number)?;
        self.shelf.delete(&key).await
    }
}

fn until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::from_std(LASTS).unwrap_or_default()
}
