//! The objects of a stream that count: what runs of its connection have written, and no later one has
//! replaced.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::covers::{CoverFault, Covers, Meets};
use super::entry::Begun;
use super::place::Home;
use super::record::ObjectRecord;
use super::shelf::{LedgerError, Shelf, VERSION, text_of, unknown_version};
use crate::period::Period;
use crate::source::StreamName;

/// The list of a stream's objects. Serialised, it is one JSON object, documented in
/// `docs/reference/manifest.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamIndex {
    /// The version of this form.
    pub schema_version: u32,
    /// The connection's id.
    pub connection_id: String,
    /// The namespace, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The stream.
    pub stream: String,
    /// How many times it has been changed.
    pub generation: u64,
    /// The objects.
    pub objects: Vec<IndexEntry>,
}

/// An object that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The run that wrote it.
    pub connection_run_id: String,
    /// The generation of the index in which it came.
    pub generation: u64,
    /// The time zone of that run.
    pub timezone: String,
    /// The template of its key.
    pub template: String,
    /// Where it is.
    pub destination: String,
    /// The object.
    pub record: ObjectRecord,
}

/// A change of an index: what a run adds, and what it takes away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) added: Vec<IndexEntry>,
    pub(crate) removed: Vec<ObjectRecord>,
}

/// How often a change is tried where another writer was faster.
const ATTEMPTS: usize = 5;

impl StreamIndex {
    /// Reads the index of a stream; one without objects where there is none yet. With it come the
    /// numbers of its documents: the last one is what was read, others are older.
    pub(crate) async fn read(
        shelf: &Shelf,
        home: &Home,
        stream: &StreamName,
    ) -> Result<(Self, Vec<u32>), LedgerError> {
        let series = home.index(stream);
        for _ in 0..ATTEMPTS {
            let numbers = series.numbers(shelf).await?;
            let Some(number) = numbers.last().copied() else {
                return Ok((Self::empty(home, stream), Vec::new()));
            };
            let key = series.key(shelf, number)?;
            // It may be replaced by the next one between the list and the read.
            match shelf.read(&key).await? {
                Some(Self { schema_version, .. }) if schema_version != VERSION => {
                    return Err(shelf.misunderstood(&key, unknown_version(schema_version)));
                }
                Some(index) => return Ok((index, numbers)),
                None => {}
            }
        }
        Err(LedgerError::TakenOver)
    }

    fn empty(home: &Home, stream: &StreamName) -> Self {
        Self {
            schema_version: VERSION,
            connection_id: home.connection_id().unwrap_or_default().to_owned(),
            namespace: stream.namespace.as_deref().map(str::to_owned),
            stream: stream.name.to_string(),
            generation: 0,
            objects: Vec::new(),
        }
    }

    /// Changes the index of a stream. What was done before is done once.
    pub(crate) async fn change(
        shelf: &Shelf,
        home: &Home,
        stream: &StreamName,
        change: &Change,
    ) -> Result<(), LedgerError> {
        let series = home.index(stream);
        for _ in 0..ATTEMPTS {
            let (index, mut numbers) = Self::read(shelf, home, stream).await?;
            let last = numbers.last().copied().unwrap_or_default();
            match index.changed(change) {
                // Older ones that are still there were left by whoever was interrupted.
                None => numbers.truncate(numbers.len().saturating_sub(1)),
                Some(changed) => {
                    let key = series.key(shelf, last + 1)?;
                    if !shelf.create(&key, text_of(&changed)).await? {
                        continue;
                    }
                }
            }
            for older in numbers {
                shelf.delete(&series.key(shelf, older)?).await?;
            }
            return Ok(());
        }
        Err(LedgerError::TakenOver)
    }

    /// The index after a change; `None` where that changes nothing.
    fn changed(&self, change: &Change) -> Option<Self> {
        let added = change
            .added
            .iter()
            .map(|new| (&new.record.key, &new.record));
        let added: HashMap<_, _> = added.collect();
        let removed = change
            .removed
            .iter()
            .map(|record| (&record.key, &record.etag));
        let removed: HashSet<_> = removed.collect();
        // At a key that was taken again stands another object since.
        let goes = |IndexEntry { record, .. }: &IndexEntry| {
            removed.contains(&(&record.key, &record.etag)) || added.contains_key(&record.key)
        };
        let generation = self.generation + 1;
        let stays = self.objects.iter().filter(|entry| !goes(entry)).cloned();
        let mut objects: Vec<IndexEntry> = stays.collect();
        objects.extend(change.added.iter().map(|entry| IndexEntry {
            generation,
            ..entry.clone()
        }));
        let there = self
            .objects
            .iter()
            .map(|entry| (&entry.record.key, &entry.record));
        let there: HashMap<_, _> = there.collect();
        let is_there = |new: &IndexEntry| there.get(&new.record.key) == Some(&&new.record);
        let is_done = objects.len() == self.objects.len() && objects.iter().all(is_there);
        (!is_done).then(|| Self {
            generation,
            objects,
            ..self.clone()
        })
    }

    /// The objects that a run replaces, which has records of some periods.
    pub(crate) fn superseded(
        &self,
        covers: Covers,
        periods: &[Period],
        run: &Begun,
        template: &str,
    ) -> Result<Vec<ObjectRecord>, CoverFault> {
        let mut superseded = Vec::new();
        for entry in &self.objects {
            match covers.meets(&entry.record.period, periods) {
                Meets::Nothing => continue,
                Meets::Part => {
                    let key = entry.record.key.clone();
                    return Err(CoverFault::Overlap { key });
                }
                Meets::All => {}
            }
            entry.fits(run, template)?;
            superseded.push(entry.record.clone());
        }
        Ok(superseded)
    }
}

impl IndexEntry {
    /// Periods are told apart by the zone and by the key: under others, it can't be said that the
    /// new objects hold what the old one did.
    fn fits(&self, run: &Begun, template: &str) -> Result<(), CoverFault> {
        self.is_in(run)?;
        let key = || self.record.key.clone();
        if self.timezone != run.timezone {
            return Err(CoverFault::Zone {
                key: key(),
                was: self.timezone.clone(),
                is: run.timezone.clone(),
            });
        }
        if self.template != template {
            return Err(CoverFault::Template {
                key: key(),
                was: self.template.clone(),
                is: template.to_owned(),
            });
        }
        Ok(())
    }

    /// What lies elsewhere can't be removed.
    pub(crate) fn is_in(&self, run: &Begun) -> Result<(), CoverFault> {
        match self.destination == run.destination {
            true => Ok(()),
            false => Err(CoverFault::Destination {
                key: self.record.key.clone(),
                was: self.destination.clone(),
                is: run.destination.clone(),
            }),
        }
    }
}
