//! All runs that something is kept of.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use super::history::History;
use super::holder::SharedSurroundings;
use super::index::StreamIndex;
use super::kept_run::{KeptRun, RunStatus, RunSummary};
use super::lease::LeaseDocument;
use super::listing::{Documents, Listing};
use super::manifest::Manifest;
use super::place::{AttemptFolder, Home};
use super::record::SchemaRecord;
use super::shelf::{LedgerError, Series, Shelf};
use crate::source::StreamName;

/// Reads what is kept of runs, and changes nothing.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(crate) shelf: Shelf,
    pub(crate) surroundings: SharedSurroundings,
}

/// What was found of runs.
#[derive(Debug, Default)]
pub struct Runs {
    /// The runs, the newest first, of each its last attempt first.
    pub runs: Vec<RunSummary>,
    /// What can't be understood, each document by itself.
    pub faults: Vec<LedgerError>,
}

/// What was read of an attempt, and how.
pub(crate) struct Read {
    pub(crate) at: AttemptFolder,
    pub(crate) run: KeptRun,
    /// What its journal says, where it was read.
    pub(crate) history: Option<History>,
}

/// Attempts that are read at once; of each, several segments are.
const READS: usize = 4;

impl Catalogue {
    /// The catalogue of a shelf.
    pub fn new(shelf: Shelf, surroundings: SharedSurroundings) -> Self {
        Self {
            shelf,
            surroundings,
        }
    }

    /// All attempts at runs, those of one connection where its home is given.
    ///
    /// # Errors
    /// A shelf that can't be listed or read. What can't be understood is told beside the runs.
    pub async fn runs(&self, home: Option<&Home>) -> Result<Runs, LedgerError> {
        let listing = Listing::read(&self.shelf, home, None).await?;
        let leases = self.leases(&listing).await?;
        let mut found = Runs::default();
        let reads = listing.attempts.into_iter();
        let reads = reads.map(|(at, documents)| self.summary(at, documents, &leases));
        let mut read = stream::iter(reads).buffered(READS);
        while let Some(summary) = read.next().await {
            found.add(summary)?;
        }
        for lease in leases.values().filter(|it| it.is_alive(&self.surroundings)) {
            let is_its = |run: &RunSummary| lease.is_of(&run.connection_run_id, run.attempt);
            if !found.runs.iter().any(is_its) {
                found.runs.push(RunSummary::of_lease(lease));
            }
        }
        found.runs.sort_by_key(|run| std::cmp::Reverse(run.order()));
        Ok(found)
    }

    /// All attempts at a run, the last one first; of all connections where no home is given.
    ///
    /// # Errors
    /// A run that nothing is kept of, or documents that can't be read or understood.
    pub async fn attempts(
        &self,
        home: Option<&Home>,
        run_id: &str,
    ) -> Result<Vec<KeptRun>, LedgerError> {
        let listing = Listing::read(&self.shelf, home, Some(run_id)).await?;
        let leases = self.leases(&listing).await?;
        let mut found = Vec::new();
        for (at, documents) in listing.attempts {
            let read = self.read(at, documents, &leases).await?;
            found.extend(read.map(|read| read.run));
        }
        if found.is_empty() {
            let run_id = run_id.to_owned();
            return Err(LedgerError::NoSuchRun { run_id });
        }
        found.sort_by_key(|run| std::cmp::Reverse(run.summary.order()));
        Ok(found)
    }

    /// The objects of a stream that count, none where no run has written any.
    ///
    /// # Errors
    /// An index that can't be read or understood.
    pub async fn index(
        &self,
        home: &Home,
        stream: &StreamName,
    ) -> Result<StreamIndex, LedgerError> {
        let (index, _) = StreamIndex::read(&self.shelf, home, stream).await?;
        Ok(index)
    }

    /// The columns of the objects of an index, by their fingerprints. What no run tells of any more
    /// isn't among them.
    ///
    /// # Errors
    /// Documents that can't be read or understood.
    pub async fn columns(
        &self,
        home: &Home,
        index: &StreamIndex,
    ) -> Result<BTreeMap<String, SchemaRecord>, LedgerError> {
        let mut columns = BTreeMap::new();
        // A run without a newer fingerprint has nothing new to tell.
        for entry in &index.objects {
            if columns.contains_key(&entry.record.schema) {
                continue;
            }
            let runs = match self.attempts(Some(home), &entry.connection_run_id).await {
                Err(LedgerError::NoSuchRun { .. }) => continue,
                runs => runs?,
            };
            let schemas = runs.into_iter().flat_map(|run| run.schemas);
            columns.extend(schemas.map(|schema| (schema.fingerprint.clone(), schema)));
        }
        Ok(columns)
    }

    /// The last leases, by their folders.
    pub(crate) async fn leases(
        &self,
        listing: &Listing,
    ) -> Result<BTreeMap<String, LeaseDocument>, LedgerError> {
        let reads = listing.leases.iter().map(|(folder, number)| async move {
            let series = Series::new(folder, "json");
            let key = series.key(&self.shelf, *number)?;
            let lease: Option<LeaseDocument> = self.shelf.read(&key).await?;
            Ok::<_, LedgerError>(lease.map(|lease| (folder.clone(), lease)))
        });
        let mut read = stream::iter(reads).buffered(READS);
        let mut leases = BTreeMap::new();
        while let Some(lease) = read.next().await {
            leases.extend(lease?);
        }
        Ok(leases)
    }

    async fn summary(
        &self,
        at: AttemptFolder,
        documents: Documents,
        leases: &BTreeMap<String, LeaseDocument>,
    ) -> Result<Option<RunSummary>, LedgerError> {
        let read = self.read(at, documents, leases).await?;
        Ok(read.map(|read| read.run.summary))
    }

    /// Reads what is kept of an attempt; `None` where it is gone in the meantime.
    pub(crate) async fn read(
        &self,
        at: AttemptFolder,
        documents: Documents,
        leases: &BTreeMap<String, LeaseDocument>,
    ) -> Result<Option<Read>, LedgerError> {
        let read = match self.read_once(&at, &documents, leases).await {
            // What was listed may be needed no more by now, as where the run has become whole.
            Err(LedgerError::Document { .. }) | Ok(None) => self.read_anew(&at, leases).await?,
            read => read?,
        };
        match read {
            // It may have ended since its lease was read.
            Some(read) if read.run.summary.status == RunStatus::Unfinished => {
                self.read_anew(&at, leases).await
            }
            read => Ok(read),
        }
    }

    async fn read_anew(
        &self,
        at: &AttemptFolder,
        leases: &BTreeMap<String, LeaseDocument>,
    ) -> Result<Option<Read>, LedgerError> {
        let manifest = self.shelf.key(&at.manifest())?;
        let documents = Documents {
            has_manifest: self.shelf.text(&manifest).await?.is_some(),
            segments: at.journal().numbers(&self.shelf).await?,
        };
        self.read_once(at, &documents, leases).await
    }

    async fn read_once(
        &self,
        at: &AttemptFolder,
        documents: &Documents,
        leases: &BTreeMap<String, LeaseDocument>,
    ) -> Result<Option<Read>, LedgerError> {
        if documents.has_manifest
            && let Some(manifest) = Manifest::read(&self.shelf, at).await?
        {
            return Ok(Some(Read {
                at: at.clone(),
                run: KeptRun::of_manifest(manifest),
                history: None,
            }));
        }
        let history = History::of_segments(&self.shelf, &at.journal(), &documents.segments).await?;
        let Some(begun) = &history.begun else {
            return Ok(None);
        };
        let lease = leases.get(&at.lease());
        let is_alive = lease.is_some_and(|lease| {
            lease.is_of(&begun.run_id, begun.attempt) && lease.is_alive(&self.surroundings)
        });
        let run = KeptRun::of_history(&history, begun, is_alive);
        Ok(Some(Read {
            at: at.clone(),
            run,
            history: Some(history),
        }))
    }
}

impl Runs {
    /// One document that can't be understood doesn't hide all others.
    fn add(&mut self, read: Result<Option<RunSummary>, LedgerError>) -> Result<(), LedgerError> {
        match read {
            Ok(run) => self.runs.extend(run),
            Err(fault @ LedgerError::Document { .. }) => self.faults.push(fault),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
