//! What earlier attempts at a run have left, and what of it is kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use spile_macros_template::ObjectKey;

use super::history::{History, Late};
use super::holder::SharedSurroundings;
use super::index::StreamIndex;
use super::lease::Found;
use super::manifest::Manifest;
use super::place::RunPlace;
use super::record::{ObjectRecord, SchemaRecord};
use super::recover::{Recovering, Recovery};
use super::run_start::{Again, RunStart};
use super::shelf::{LedgerError, Shelf};

/// What earlier attempts have left.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Numbers of the attempts.
    pub(super) attempts: BTreeSet<u32>,
    /// Whether one of them was whole.
    pub(super) was_whole: bool,
    /// Those of which uploads are left that couldn't be removed.
    pub(super) left: BTreeSet<u32>,
    pub(super) load_time: Option<DateTime<Utc>>,
    pub(super) kept: Vec<ObjectRecord>,
    /// Those that go once this attempt has been published.
    pub(super) retire: Vec<ObjectRecord>,
    /// Those that go before it begins.
    pub(super) uncovered: Vec<ObjectRecord>,
    /// What wasn't there when somebody looked, and may have come since.
    pub(super) late: Vec<Late>,
    pub(super) schemas: BTreeMap<String, SchemaRecord>,
    /// The template of the keys of each stream.
    pub(super) templates: BTreeMap<String, String>,
    pub(super) checkpoint: Option<String>,
    /// Whether what is kept holds records from behind the checkpoint too.
    is_behind: bool,
}

/// Recovers what the last holder of the lease has left, and reads what earlier attempts at this run
/// have.
pub(super) async fn prepare(
    start: &RunStart,
    place: &RunPlace,
    last: Option<&Found>,
    attempts: BTreeSet<u32>,
) -> Result<(Option<Recovery>, Earlier), LedgerError> {
    let recovering = Recovering {
        shelf: start.shelf.clone(),
        buckets: start.buckets.clone(),
        retry: start.retry.clone(),
        surroundings: SharedSurroundings::clone(&start.surroundings),
        destination: Some(start.destination.clone()),
    };
    let mut recovered = None;
    if let Some(last) = last {
        let dead = start.home.run(&last.document.run_id);
        let attempt = last.document.attempt;
        let was_given_back = last.document.until.is_none();
        recovered = match was_given_back {
            true => recovering.recover_left(&dead, attempt).await?,
            false => recovering.recover(&dead, attempt).await?,
        };
    }
    for attempt in &attempts {
        let again = recovering.recover_left(place, *attempt).await?;
        recovered = recovered.or(again);
    }
    let mut earlier = Earlier {
        attempts,
        ..Earlier::default()
    };
    for attempt in earlier.attempts.clone() {
        earlier.add(start, place, attempt).await?;
    }
    // A key that was freed may have been taken again since, even by the same content.
    let kept: BTreeSet<_> = earlier.kept.iter().map(|it| it.key.clone()).collect();
    earlier.uncovered.retain(|it| !kept.contains(&it.key));
    earlier.retire.retain(|it| !kept.contains(&it.key));
    if let Some(replaced) = replaced(start, &earlier.kept).await? {
        return Err(LedgerError::Replaced {
            run_id: start.run_id.clone(),
            key: replaced,
        });
    }
    if earlier.is_behind && !earlier.kept.is_empty() {
        let run_id = start.run_id.clone();
        return Err(LedgerError::Behind { run_id });
    }
    Ok((recovered, earlier))
}

/// The first of some objects of a connection's run that counts no more, since a later run has replaced
/// it.
async fn replaced(
    start: &RunStart,
    kept: &[ObjectRecord],
) -> Result<Option<ObjectKey>, LedgerError> {
    if start.home.connection_id().is_none() {
        return Ok(None);
    }
    let loaded: Vec<_> = kept.iter().filter(|record| !record.quarantine).collect();
    let streams: BTreeSet<_> = loaded.iter().map(|record| record.stream_name()).collect();
    for stream in streams {
        let (index, _) = StreamIndex::read(&start.shelf, &start.home, &stream).await?;
        let counts = |record: &ObjectRecord| index.objects.iter().any(|it| it.record == *record);
        let of_stream = loaded
            .iter()
            .filter(|record| record.stream_name() == stream);
        let mut gone = of_stream.filter(|record| !counts(record));
        if let Some(record) = gone.next() {
            return Ok(Some(record.key.clone()));
        }
    }
    Ok(None)
}

impl Earlier {
    /// Adds what an attempt has left; later ones build on earlier ones.
    async fn add(
        &mut self,
        start: &RunStart,
        place: &RunPlace,
        attempt: u32,
    ) -> Result<(), LedgerError> {
        let at = place.attempt(attempt);
        let history = History::read(&start.shelf, &at.journal()).await?;
        if history.has_unpublished() {
            self.left.insert(attempt);
        }
        self.late.extend(history.late.iter().cloned());
        let left = match Manifest::read(&start.shelf, &at).await? {
            Some(manifest) => {
                self.was_whole = true;
                Left::of_manifest(manifest)
            }
            None => {
                // One that died before it wrote anything down says nothing of those before it.
                if history.begun.is_none() {
                    return Ok(());
                }
                Left::of_history(history)
            }
        };
        let mut all = left.covered.iter().chain(&left.uncovered);
        if let Some(destination) = left.destination
            && destination != start.destination
            && all.clone().next().is_some()
        {
            return Err(LedgerError::Elsewhere {
                run_id: place.run_id().to_owned(),
                destination,
            });
        }
        if let Some(aside) = left.quarantine
            && start.buckets.quarantine_location().as_ref() != Some(&aside)
            && all.any(|record| record.quarantine)
        {
            return Err(LedgerError::Elsewhere {
                run_id: place.run_id().to_owned(),
                destination: aside,
            });
        }
        self.load_time = self.load_time.or(left.load_time);
        self.schemas.extend(left.schemas);
        self.templates.extend(left.templates);
        match start.again {
            Again::No => {}
            // What it had meant to replace is found anew: it may replace less by now.
            Again::Redo => {
                self.retire.extend(left.covered);
                self.retire.extend(left.uncovered);
            }
            // The last attempt has kept what those before it had, as far as it was covered.
            Again::Resume => {
                self.is_behind = left.is_behind;
                self.kept = left.covered;
                self.checkpoint = left.checkpoint;
                self.uncovered.extend(left.uncovered);
                self.retire = left.retire;
            }
        }
        Ok(())
    }
}

/// What an attempt has left.
struct Left {
    destination: Option<String>,
    /// Where bad records are, if that is another bucket.
    quarantine: Option<String>,
    load_time: Option<DateTime<Utc>>,
    covered: Vec<ObjectRecord>,
    uncovered: Vec<ObjectRecord>,
    retire: Vec<ObjectRecord>,
    schemas: BTreeMap<String, SchemaRecord>,
    templates: BTreeMap<String, String>,
    checkpoint: Option<String>,
    /// Whether what is covered holds records from behind the checkpoint too.
    is_behind: bool,
}

impl Left {
    fn of_manifest(manifest: Manifest) -> Self {
        let schemas = manifest.schemas.iter();
        Self {
            destination: Some(manifest.destination.clone()),
            quarantine: manifest.quarantine_destination.clone(),
            load_time: Some(manifest.load_time),
            covered: manifest
                .objects()
                .chain(&manifest.quarantine)
                .cloned()
                .collect(),
            uncovered: Vec::new(),
            retire: Vec::new(),
            schemas: schemas
                .map(|schema| (schema.fingerprint.clone(), schema.clone()))
                .collect(),
            templates: manifest.templates(),
            is_behind: manifest.is_behind || manifest.checkpoint.is_none(),
            checkpoint: manifest.checkpoint,
        }
    }

    fn of_history(history: History) -> Self {
        let released = history.released.as_ref();
        let up_to = released.map_or(0, |released| released.objects);
        let published = history.published_records().into_iter();
        let (covered, uncovered) = published.partition(|record| record.object <= up_to);
        let begun = history.begun.as_ref();
        Self {
            destination: begun.map(|begun| begun.destination.clone()),
            quarantine: begun.and_then(|begun| begun.quarantine.clone()),
            load_time: begun.map(|begun| begun.load_time),
            covered,
            uncovered,
            templates: begun
                .map(|begun| begun.templates.clone())
                .unwrap_or_default(),
            checkpoint: released.and_then(|released| released.checkpoint.clone()),
            is_behind: released.is_some_and(|released| released.is_behind),
            retire: history.retire,
            schemas: history.schemas,
        }
    }
}

/// The numbers of the attempts at a run that something is kept of.
pub(super) async fn attempts(
    shelf: &Shelf,
    place: &RunPlace,
) -> Result<BTreeSet<u32>, LedgerError> {
    let folder = place.folder();
    let keys = shelf.list(&folder).await?;
    let attempt = |key: &ObjectKey| {
        let rest = shelf.path_of(key).strip_prefix(&folder)?;
        rest.split('/').next()?.parse().ok()
    };
    Ok(keys.iter().filter_map(attempt).collect())
}
