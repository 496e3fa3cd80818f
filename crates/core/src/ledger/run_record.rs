//! The record of a run while it is under way: its lease, its journal, and what earlier attempts at
//! it have left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use spile_macros_template::ObjectKey;

use super::conclusion::{Conclusion, remove_own};
use super::covers::{CoverFault, Covers};
use super::entry::{AttemptStatus, Begun, Entry, VERSION};
use super::history::History;
use super::holder::SharedSurroundings;
use super::index::StreamIndex;
use super::journal::Journal;
use super::lease::{Found, Lease};
use super::manifest::Manifest;
use super::place::{Home, RunPlace};
use super::record::{ObjectRecord, SchemaRecord};
use super::recover::{Recovering, Recovery};
use super::shelf::{LedgerError, Shelf};
use crate::bucket::{Bucket, Condition, Staged, Upload};
use crate::object::ObjectId;
use crate::receipt::Receipt;
use crate::retry::Retry;
use crate::source::StreamName;

/// What a run says of itself when it begins.
#[derive(Clone, Debug)]
pub struct RunStart {
    /// Where what is kept of runs lies.
    pub shelf: Shelf,
    /// Where the objects go.
    pub bucket: Arc<dyn Bucket>,
    /// How often a request is repeated.
    pub retry: Retry,
    /// Whose run it is.
    pub home: Home,
    /// The run's id.
    pub run_id: String,
    /// Whether it is repeated, and how.
    pub again: Again,
    /// The time of the load: that of the first attempt holds.
    pub load_time: DateTime<Utc>,
    /// The time zone that times are told in, by its IANA name.
    pub timezone: String,
    /// Whether nothing is to be seen before all is whole.
    pub as_a_whole: bool,
    /// Where the objects are, for people.
    pub destination: String,
    /// The template of the keys of each stream.
    pub templates: BTreeMap<String, String>,
    /// The version of the program.
    pub spile_version: String,
    /// What is known of the world.
    pub surroundings: SharedSurroundings,
}

/// What a repeated run id says the source does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// It isn't repeated: there must have been no such run.
    #[default]
    No,
    /// The source replays from its start. What earlier attempts have written goes once this one has
    /// been published.
    Redo,
    /// The source goes on from the last checkpoint that was released. What was written after that
    /// goes before this attempt begins.
    Resume,
}

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

/// What earlier attempts have left.
#[derive(Debug, Default)]
struct Earlier {
    /// Numbers of the attempts.
    attempts: BTreeSet<u32>,
    load_time: Option<DateTime<Utc>>,
    kept: Vec<ObjectRecord>,
    /// Those that go once this attempt has been published.
    retire: Vec<ObjectRecord>,
    /// Those that go before it begins.
    uncovered: Vec<ObjectRecord>,
    schemas: BTreeMap<String, SchemaRecord>,
    checkpoint: Option<String>,
}

/// The journal of a run, for its uploads. It is cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RunJournal {
    journal: Journal,
    schemas: Arc<Mutex<BTreeMap<String, SchemaRecord>>>,
    /// Uploads that have begun, and of which it isn't known that nothing is left.
    open: Arc<Mutex<BTreeSet<ObjectId>>>,
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
        let attempt = attempts.last().map_or(1, |last| last + 1);
        let (shelf, world) = (&start.shelf, &start.surroundings);
        let lease = Lease::take(shelf, &place, attempt, last.as_ref(), world).await?;
        let prepared = prepare(&start, &place, last.as_ref(), attempts).await;
        let (recovered, earlier) = match prepared {
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
        let journal = RunJournal {
            journal: Journal::new(start.shelf.clone(), series, 1),
            schemas: Arc::new(Mutex::new(earlier.schemas.clone())),
            open: Arc::default(),
        };
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
        let begun = Entry::Begun(self.begun.clone());
        if self.earlier.attempts.is_empty() {
            journal.note(&begun);
            return Ok(());
        }
        journal.note(&begun);
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

    /// Whether objects go when it has been published.
    pub(crate) fn retires(&self) -> bool {
        !self.earlier.retire.is_empty()
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

    /// Everything that is staged is to appear: from here on there is no way back. `replaced` are
    /// the streams whose periods are replaced, and those that this run has records of.
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
        match index.superseded(covers, &periods, &self.begun.timezone, template) {
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
        let partly = self.conclusion(self.records(receipts), None);
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
        self.remove_documents(|path| !path.contains("/lease/"))
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

    /// The manifest says all that the journals did, and those of earlier attempts hold no more. What
    /// can't be removed does no harm.
    async fn tidy(&self) {
        let manifest = self.place.manifest(self.begun.attempt);
        self.remove_documents(|path| path != manifest && !path.contains("/lease/"))
            .await;
    }

    async fn remove_documents(&self, goes: impl Fn(&str) -> bool) {
        let shelf = &self.start.shelf;
        let removed = async {
            for key in shelf.list(&self.place.folder()).await? {
                if goes(shelf.path_of(&key)) {
                    shelf.delete(&key).await?;
                }
            }
            Ok::<_, LedgerError>(())
        };
        if let Err(error) = removed.await {
            tracing::debug!(%error, "what is needed no more can't be removed");
        }
    }
}

impl RunJournal {
    /// An upload is about to begin.
    pub(crate) async fn claimed(
        &self,
        object: ObjectId,
        key: &ObjectKey,
    ) -> Result<(), LedgerError> {
        self.open().insert(object);
        let (object, key) = (object.0, key.clone());
        self.journal.record(&Entry::Claimed { object, key }).await
    }

    /// An upload has begun, and its first part is about to be sent.
    pub(crate) async fn uploading(
        &self,
        object: ObjectId,
        upload: &Upload,
    ) -> Result<(), LedgerError> {
        let uploading = Entry::Uploading {
            object: object.0,
            key: upload.key.clone(),
            upload: upload.id.clone(),
        };
        self.journal.record(&uploading).await
    }

    /// An object is about to be put in one step.
    pub(crate) async fn putting(
        &self,
        receipt: &Receipt,
        write_id: &str,
    ) -> Result<(), LedgerError> {
        self.open().insert(receipt.object);
        let record = self.record_of(receipt);
        let write_id = write_id.to_owned();
        self.journal
            .record(&Entry::Putting { record, write_id })
            .await
    }

    /// An object is whole in the bucket, and about to appear where it doesn't wait for others.
    pub(crate) async fn staged(
        &self,
        receipt: &Receipt,
        staged: &Staged,
        condition: Condition,
        waits: bool,
    ) -> Result<(), LedgerError> {
        let entry = Entry::staged(self.record_of(receipt), staged, condition);
        if waits {
            self.journal.note(&entry);
            return Ok(());
        }
        self.journal.record(&entry).await
    }

    /// An object has appeared.
    pub(crate) fn published(&self, receipt: &Receipt) {
        self.open().remove(&receipt.object);
        self.journal.note(&Entry::Published {
            object: receipt.object.0,
            etag: receipt.etag.clone(),
        });
    }

    /// Nothing of an object is left.
    pub(crate) fn gone(&self, object: ObjectId) {
        self.open().remove(&object);
        self.journal.note(&Entry::Gone { object: object.0 });
    }

    /// What is written down of an object; its columns come before the first object that has them.
    fn record_of(&self, receipt: &Receipt) -> ObjectRecord {
        let schema = SchemaRecord::of(&receipt.schema);
        let record = ObjectRecord::of(receipt, &schema.fingerprint);
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if !schemas.contains_key(&schema.fingerprint) {
            self.journal.note(&Entry::Schema(schema.clone()));
            schemas.insert(schema.fingerprint.clone(), schema);
        }
        record
    }

    fn has_open_uploads(&self) -> bool {
        !self.open().is_empty()
    }

    fn open(&self) -> MutexGuard<'_, BTreeSet<ObjectId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schemas(&self) -> BTreeMap<String, SchemaRecord> {
        let schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        schemas.clone()
    }
}

/// Recovers what the last holder of the lease has left, and reads what earlier attempts at this run
/// have.
async fn prepare(
    start: &RunStart,
    place: &RunPlace,
    last: Option<&Found>,
    attempts: BTreeSet<u32>,
) -> Result<(Option<Recovery>, Earlier), LedgerError> {
    let recovering = Recovering {
        shelf: start.shelf.clone(),
        bucket: Arc::clone(&start.bucket),
        retry: start.retry.clone(),
        surroundings: SharedSurroundings::clone(&start.surroundings),
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
    Ok((recovered, earlier))
}

impl Earlier {
    /// Adds what an attempt has left; later ones build on earlier ones.
    async fn add(
        &mut self,
        start: &RunStart,
        place: &RunPlace,
        attempt: u32,
    ) -> Result<(), LedgerError> {
        let key = start.shelf.key(&place.manifest(attempt))?;
        let left = match start.shelf.read::<Manifest>(&key).await? {
            Some(manifest) => Left::of_manifest(manifest),
            None => {
                let series = place.journal(attempt);
                Left::of_history(History::read(&start.shelf, &series).await?)
            }
        };
        self.load_time = self.load_time.or(left.load_time);
        self.schemas.extend(left.schemas);
        match start.again {
            Again::No => {}
            Again::Redo => {
                self.retire.extend(left.covered);
                self.retire.extend(left.uncovered);
                self.retire.extend(left.retire);
            }
            // The last attempt has kept what those before it had, as far as it was covered.
            Again::Resume => {
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
    load_time: Option<DateTime<Utc>>,
    covered: Vec<ObjectRecord>,
    uncovered: Vec<ObjectRecord>,
    retire: Vec<ObjectRecord>,
    schemas: BTreeMap<String, SchemaRecord>,
    checkpoint: Option<String>,
}

impl Left {
    fn of_manifest(manifest: Manifest) -> Self {
        let schemas = manifest.schemas.iter();
        Self {
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
            checkpoint: manifest.checkpoint,
        }
    }

    fn of_history(history: History) -> Self {
        let released = history.released.as_ref();
        let up_to = released.map_or(0, |released| released.objects);
        let published = history.published_records().into_iter();
        let (covered, uncovered) = published.partition(|record| record.object <= up_to);
        Self {
            load_time: history.begun.as_ref().map(|begun| begun.load_time),
            covered,
            uncovered,
            checkpoint: released.and_then(|released| released.checkpoint.clone()),
            retire: history.retire,
            schemas: history.schemas,
        }
    }
}

/// The numbers of the attempts at a run that something is kept of.
async fn attempts(shelf: &Shelf, place: &RunPlace) -> Result<BTreeSet<u32>, LedgerError> {
    let folder = place.folder();
    let keys = shelf.list(&folder).await?;
    let attempt = |key: &ObjectKey| {
        let rest = shelf.path_of(key).strip_prefix(&folder)?;
        rest.split('/').next()?.parse().ok()
    };
    Ok(keys.iter().filter_map(attempt).collect())
}

/// That it can't be given back matters little: it ends by itself.
async fn give_back(lease: Lease) {
    if let Err(error) = lease.give_back().await {
        tracing::warn!(%error, "the lease can't be given back: it ends by itself in a while");
    }
}
