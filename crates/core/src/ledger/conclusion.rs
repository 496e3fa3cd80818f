//! How a run is brought to its end once all of its objects have appeared, by itself or by whoever
//! found it dead. Each step may be done again.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use spile_macros_template::ObjectKey;

use super::entry::Begun;
use super::index::{Change, IndexEntry, StreamIndex};
use super::manifest::{self, Manifest};
use super::outbox;
use super::place::RunPlace;
use super::record::{ObjectRecord, SchemaRecord};
use super::shelf::{LedgerError, Shelf, VERSION, text_of};
use crate::bucket::{Bucket, BucketError, BucketErrorKind};
use crate::buckets::Buckets;
use crate::checksum::Checksum;
use crate::retry::Retry;
use crate::source::StreamName;

/// Requests that are under way at once.
const AT_ONCE: usize = 8;

/// What there is to conclude.
#[derive(Debug)]
pub(crate) struct Conclusion<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) buckets: &'a Buckets,
    pub(crate) retry: &'a Retry,
    pub(crate) place: &'a RunPlace,
    pub(crate) begun: &'a Begun,
    /// All objects of the run, but for those that go.
    pub(crate) objects: Vec<ObjectRecord>,
    /// Those that go.
    pub(crate) retire: Vec<ObjectRecord>,
    pub(crate) schemas: BTreeMap<String, SchemaRecord>,
    /// What the source may go on from.
    pub(crate) checkpoint: Option<String>,
    /// Whether there are records from behind that, too.
    pub(crate) is_behind: bool,
    pub(crate) published_at: chrono::DateTime<chrono::Utc>,
}

impl Conclusion<'_> {
    /// The objects that are in come into the index, those that go leave it, and then the bucket.
    /// Last comes the manifest, and before it a note for whoever is to be told of it.
    pub(crate) async fn conclude(self) -> Result<Manifest, LedgerError> {
        self.change_indexes().await?;
        self.remove_retired().await?;
        if self.begun.is_told {
            outbox::note(self.shelf, self.place, self.begun).await?;
        }
        let shelf = self.shelf;
        let at = self.place.attempt(self.begun.attempt);
        let key = shelf.key(&at.manifest())?;
        // There may be tens of thousands of objects: none is copied.
        let manifest = self.manifest();
        shelf.write(&key, text_of(&manifest)).await?;
        Ok(manifest)
    }

    /// Brings the indexes up to date where the run isn't whole: what has appeared counts.
    pub(crate) async fn change_indexes(&self) -> Result<(), LedgerError> {
        let home = self.place.home();
        if home.connection_id().is_none() {
            return Ok(());
        }
        let changes = self.changes();
        let changes = changes.iter().map(|(stream, change)| async move {
            StreamIndex::change(self.shelf, home, stream, change).await
        });
        stream::iter(changes).buffered(AT_ONCE).try_collect().await
    }

    fn changes(&self) -> BTreeMap<StreamName, Change> {
        let mut changes: BTreeMap<StreamName, Change> = BTreeMap::new();
        // What is in quarantine is in no index, and so no later run replaces it.
        let counts = |record: &&ObjectRecord| !record.quarantine;
        for record in self.objects.iter().filter(counts) {
            let change = changes.entry(record.stream_name()).or_default();
            change.added.push(self.entry(record));
        }
        for record in self.retire.iter().filter(counts) {
            let change = changes.entry(record.stream_name()).or_default();
            change.removed.push(record.clone());
        }
        changes
    }

    fn entry(&self, record: &ObjectRecord) -> IndexEntry {
        let template = self.begun.templates.get(&record.stream_name().to_string());
        IndexEntry {
            connection_run_id: self.begun.run_id.clone(),
            generation: 0,
            timezone: self.begun.timezone.clone(),
            template: template.cloned().unwrap_or_default(),
            destination: self.begun.destination.clone(),
            record: record.clone(),
        }
    }

    async fn remove_retired(&self) -> Result<(), LedgerError> {
        let stays: HashSet<&ObjectKey> = self.objects.iter().map(|record| &record.key).collect();
        let goes = self.retire.iter().filter(|it| !stays.contains(&it.key));
        let removals = goes.map(|record| async move {
            let removed = remove_own(self.buckets, self.retry, record).await;
            removed.map_err(LedgerError::from)
        });
        stream::iter(removals).buffered(AT_ONCE).try_collect().await
    }

    fn manifest(self) -> Manifest {
        let used: HashSet<&str> = self.objects.iter().map(|it| it.schema.as_str()).collect();
        let schemas = self.schemas.values();
        let schemas = schemas.filter(|schema| used.contains(schema.fingerprint.as_str()));
        let schemas = schemas.cloned().collect();
        let objects = self.objects.into_iter();
        let (quarantine, loaded): (Vec<_>, Vec<_>) = objects.partition(|it| it.quarantine);
        let aside = self.begun.quarantine.clone();
        let checksum = |text: &String| Checksum::of(text.as_bytes()).to_string();
        Manifest {
            schema_version: VERSION,
            spile_version: self.begun.spile_version.clone(),
            connection_id: self.begun.connection_id.clone(),
            connection_run_id: self.begun.run_id.clone(),
            attempt: self.begun.attempt,
            load_time: self.begun.load_time,
            timezone: self.begun.timezone.clone(),
            started_at: self.begun.started_at,
            published_at: self.published_at,
            destination: self.begun.destination.clone(),
            quarantine_destination: aside.filter(|_| !quarantine.is_empty()),
            rows: loaded.iter().map(|record| record.rows).sum(),
            bytes: loaded.iter().map(|record| record.bytes).sum(),
            rejected: quarantine.iter().map(|record| record.rows).sum(),
            state_checksum: self.checkpoint.as_ref().map(checksum),
            is_behind: self.is_behind && self.checkpoint.is_some(),
            checkpoint: self.checkpoint,
            streams: manifest::by_stream(loaded, &self.begun.templates),
            quarantine,
            schemas,
        }
    }
}

/// Removes an object, if what stands at its key is what was written there. Others' objects stay,
/// whatever a journal or an index says.
pub(crate) async fn remove_own(
    buckets: &Buckets,
    retry: &Retry,
    record: &ObjectRecord,
) -> Result<(), BucketError> {
    let (key, bucket) = (&record.key, buckets.of(record.quarantine));
    let Some(found) = retry.run(|| bucket.head(key)).await? else {
        return Ok(());
    };
    let is_own = match (&record.etag, &found.etag) {
        (Some(own), Some(found)) => own == found,
        _ => is_content(bucket, retry, record).await?,
    };
    if !is_own {
        tracing::warn!(%key, "it stays: what stands there now isn't what was written");
        return Ok(());
    }
    retry.run(|| bucket.delete(key)).await
}

/// Whether what stands at a key has the content that was written there.
pub(crate) async fn is_content(
    bucket: &Arc<dyn Bucket>,
    retry: &Retry,
    record: &ObjectRecord,
) -> Result<bool, BucketError> {
    let read: Result<Bytes, _> = retry.run(|| bucket.get(&record.key)).await;
    match read {
        Ok(body) => Ok(body.len() as u64 == record.bytes && Checksum::of(&body) == record.checksum),
        Err(error) if error.kind == BucketErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
