//! Sees to all runs that nobody has seen to.

use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Read};
use super::history::History;
use super::holder::SharedSurroundings;
use super::lease::{Found, Lease, LeaseDocument};
use super::listing::{Documents, Listing};
use super::place::{AttemptFolder, Home, RunPlace};
use super::recover::{Recovering, Recovery};
use super::shelf::{LedgerError, Shelf};
use crate::buckets::Buckets;
use crate::retry::Retry;

/// Whose dead runs are recovered, and where.
#[derive(Clone, Debug)]
pub struct RecoverAll {
    /// Where what is kept of runs lies.
    pub shelf: Shelf,
    /// Where the objects go.
    pub buckets: Buckets,
    /// Where the objects of a run have to be, as its journal says it: runs that went elsewhere are
    /// left alone. Unless the shelf may be that of several destinations, there is no need for it.
    pub destination: Option<String>,
    /// How often a request is repeated.
    pub retry: Retry,
    /// Whose runs; everybody's where it isn't given.
    pub home: Option<Home>,
    /// What is known of the world.
    pub surroundings: SharedSurroundings,
}

/// What has become of runs that nobody had seen to.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Those that were undone, finished or tidied up after.
    pub recovered: Vec<Recovery>,
    /// Those that were left alone.
    pub left_alone: Vec<LeftAlone>,
    /// Those that couldn't be recovered.
    pub failed: Vec<Unrecovered>,
    /// Documents that can't be understood.
    pub faults: Vec<LedgerError>,
}

/// A run that was left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftAlone {
    /// Its connection, if it has one.
    pub connection_id: Option<String>,
    /// The run.
    pub connection_run_id: String,
    /// Which attempt at it.
    pub attempt: u32,
    /// Why.
    #[serde(flatten)]
    pub why: Left,
}

/// Why a run was left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// A run holds its connection, itself or another.
    Held {
        /// The run that does.
        connection_run_id: String,
        /// Who says so.
        holder: String,
        /// When its hold ends unless it is renewed.
        until: DateTime<Utc>,
    },
    /// Its objects are elsewhere.
    Elsewhere {
        /// Where they are.
        destination: String,
    },
}

/// A run that couldn't be recovered.
#[derive(Debug)]
pub struct Unrecovered {
    /// Its connection, if it has one.
    pub connection_id: Option<String>,
    /// The run.
    pub connection_run_id: String,
    /// Which attempt at it.
    pub attempt: u32,
    /// Why not.
    pub error: LedgerError,
}

impl RecoverAll {
    /// Recovers every run that isn't whole, has nobody who works on it, and has left anything to be
    /// seen to. It may be interrupted and called again at any time.
    ///
    /// # Errors
    /// A shelf that can't be listed or read. What goes wrong with a run is told beside the others.
    pub async fn run(&self) -> Result<Recovered, LedgerError> {
        let catalogue = self.catalogue();
        let listing = Listing::read(&self.shelf, self.home.as_ref(), None).await?;
        let leases = catalogue.leases(&listing).await?;
        let mut recovered = Recovered::default();
        let mut groups: BTreeMap<String, Vec<Read>> = BTreeMap::new();
        for (at, documents) in listing.attempts {
            let lease = at.lease();
            match self.look_at(&catalogue, at, documents, &leases).await {
                Ok(Some(read)) if needs_recovery(&read) => {
                    groups.entry(lease).or_default().push(read);
                }
                Ok(_) => {}
                Err(fault @ LedgerError::Document { .. }) => recovered.faults.push(fault),
                Err(error) => return Err(error),
            }
        }
        for (lease, mut reads) in groups {
            // Whoever comes next looks after the run that the last lease names: it goes first.
            let last = leases.get(&lease);
            reads.sort_by_key(|read| !last.is_some_and(|last| is_of(last, read)));
            self.recover_group(reads, &mut recovered).await;
        }
        Ok(recovered)
    }

    /// Reads what is kept of an attempt. Where it has died in its last moment, its journal is still
    /// there beside the manifest, and has no end.
    async fn look_at(
        &self,
        catalogue: &Catalogue,
        at: AttemptFolder,
        documents: Documents,
        leases: &BTreeMap<String, LeaseDocument>,
    ) -> Result<Option<Read>, LedgerError> {
        let has_both = documents.has_manifest && !documents.segments.is_empty();
        let Some(mut read) = catalogue.read(at, documents, leases).await? else {
            return Ok(None);
        };
        let last = leases.get(&read.at.lease());
        if has_both && last.is_some_and(|last| is_of(last, &read)) {
            read.history = Some(History::read(&self.shelf, &read.at.journal()).await?);
        }
        Ok(Some(read))
    }

    fn catalogue(&self) -> Catalogue {
        let surroundings = SharedSurroundings::clone(&self.surroundings);
        Catalogue::new(self.shelf.clone(), surroundings)
    }

    /// Recovers the runs of one lease. After a failure the others wait: the lease names the one that
    /// is still to be recovered, for whoever comes next.
    async fn recover_group(&self, reads: Vec<Read>, recovered: &mut Recovered) {
        for read in reads {
            match self.recover_one(&read).await {
                Ok(Ok(recovery)) => recovered.recovered.extend(recovery),
                Ok(Err(why)) => recovered.left_alone.push(left_alone(&read, why)),
                Err(error) => {
                    let summary = read.run.summary;
                    recovered.failed.push(Unrecovered {
                        connection_id: summary.connection_id,
                        connection_run_id: summary.connection_run_id,
                        attempt: summary.attempt,
                        error,
                    });
                    return;
                }
            }
        }
    }

    /// Takes the lease for a run, recovers it, and gives the lease back.
    async fn recover_one(
        &self,
        read: &Read,
    ) -> Result<Result<Option<Recovery>, Left>, LedgerError> {
        let summary = &read.run.summary;
        let elsewhere = summary.destination.as_ref().filter(|destination| {
            let own = self.destination.as_ref();
            own.is_some_and(|own| own != *destination)
        });
        if let Some(destination) = elsewhere {
            let destination = destination.clone();
            return Ok(Err(Left::Elsewhere { destination }));
        }
        let home = Home::new(summary.connection_id.as_deref());
        let place = home.run(&summary.connection_run_id);
        let lease = match self.take_lease(&place, summary.attempt).await {
            Err(LedgerError::Held {
                run_id,
                holder,
                until,
                ..
            }) => {
                return Ok(Err(Left::Held {
                    connection_run_id: run_id,
                    holder,
                    until,
                }));
            }
            lease => lease?,
        };
        let recovering = Recovering {
            shelf: self.shelf.clone(),
            buckets: self.buckets.clone(),
            retry: self.retry.clone(),
            surroundings: SharedSurroundings::clone(&self.surroundings),
            destination: None,
        };
        let recovery = recovering.recover(&place, summary.attempt).await;
        lease.give_back().await;
        match recovery {
            Err(LedgerError::Elsewhere { destination, .. }) => {
                Ok(Err(Left::Elsewhere { destination }))
            }
            recovery => recovery.map(Ok),
        }
    }

    async fn take_lease(&self, place: &RunPlace, attempt: u32) -> Result<Lease, LedgerError> {
        let (shelf, world) = (&self.shelf, &self.surroundings);
        let last = Found::last_free(shelf, place, world).await?;
        Lease::take(shelf, place, attempt, last.as_ref(), world).await
    }
}

/// Whether anything is to be seen to. That somebody is alive is found out with the lease.
fn needs_recovery(read: &Read) -> bool {
    let begun = read
        .history
        .as_ref()
        .filter(|history| history.begun.is_some());
    begun.is_some_and(|history| history.ended.is_none() || history.has_unpublished())
}

fn is_of(last: &LeaseDocument, read: &Read) -> bool {
    let summary = &read.run.summary;
    last.is_of(&summary.connection_run_id, summary.attempt)
}

fn left_alone(read: &Read, why: Left) -> LeftAlone {
    let summary = &read.run.summary;
    LeftAlone {
        connection_id: summary.connection_id.clone(),
        connection_run_id: summary.connection_run_id.clone(),
        attempt: summary.attempt,
        why,
    }
}
