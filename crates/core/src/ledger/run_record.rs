//! The record of a run while it is under way: its lease, its journal, and what earlier attempts at
//! it have left.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use super::conclusion::{Conclusion, remove_own};
use super::covers::{CoverFault, Covers, Meets};
use super::earlier::{Earlier, attempts, prepare};
use super::entry::{Begun, Entry};
use super::index::{IndexEntry, StreamIndex};
use super::journal::Journal;
use super::lease::{Found, Lease};
use super::place::RunPlace;
use super::record::ObjectRecord;
use super::recover::Recovery;
use super::run_journal::RunJournal;
use super::run_start::{Again, RunStart};
use super::shelf::{LedgerError, VERSION};
use super::watermark::SafeCut;
use crate::object::ObjectId;
use crate::period::Period;
use crate::receipt::Receipt;
use crate::source::{Generations, StreamName};

/// The record of a run that is under way.
#[derive(Debug)]
pub struct RunRecord {
    pub(super) start: RunStart,
    pub(super) place: RunPlace,
    pub(super) begun: Begun,
    pub(super) lease: Lease,
    pub(super) journal: RunJournal,
    pub(super) earlier: Earlier,
    /// Objects of this run that go once it is whole.
    pub(super) outdated: BTreeSet<u64>,
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
        let last = Found::last_free(&start.shelf, &place, &start.surroundings).await?;
        let attempts = attempts(&start.shelf, &place).await?;
        if !attempts.is_empty() && start.again == Again::No {
            let run_id = start.run_id.clone();
            return Err(LedgerError::RunExists { run_id });
        }
        let attempt = next_attempt(&start, &attempts, last.as_ref());
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
        match prepared.await {
            Ok((recovered, earlier)) => {
                Self::open(start, place, attempt, lease, recovered, earlier).await
            }
            Err(error) => {
                lease.give_back().await;
                Err(error)
            }
        }
    }

    /// Opens the record of an attempt whose lease is held, and whose predecessors are recovered.
    async fn open(
        start: RunStart,
        place: RunPlace,
        attempt: u32,
        lease: Lease,
        recovered: Option<Recovery>,
        earlier: Earlier,
    ) -> Result<Self, LedgerError> {
        let journal = Journal::new(start.shelf.clone(), place.attempt(attempt).journal(), 1);
        let record = Self {
            begun: begun(&start, attempt, &earlier),
            journal: RunJournal::new(journal, earlier.schemas.clone()),
            start,
            place,
            lease,
            earlier,
            outdated: BTreeSet::new(),
            recovered,
        };
        match record.begin_journal().await {
            Ok(()) => Ok(record),
            Err(error) => {
                record.lease.give_back().await;
                Err(error)
            }
        }
    }

    /// Begins the journal. One of a first attempt begins with its first object.
    async fn begin_journal(&self) -> Result<(), LedgerError> {
        let journal = &self.journal.journal;
        if self.earlier.attempts.is_empty() {
            journal.note(&Entry::Begun(self.begun.clone()));
            return Ok(());
        }
        journal.record_all(&self.taken_on()).await?;
        self.remove_uncovered().await
    }

    /// What this attempt takes on from those before it. A journal with a part of that would say that
    /// nothing was kept of the rest.
    fn taken_on(&self) -> Vec<Entry> {
        let earlier = &self.earlier;
        let templates = self.begun.templates.iter();
        let streams = templates.map(|(stream, template)| Entry::Stream {
            stream: stream.clone(),
            template: template.clone(),
        });
        let schemas = earlier.schemas.values().cloned();
        let kept = earlier.kept.iter().cloned();
        let retire = earlier.retire.iter().cloned();
        let begun = [Entry::Begun(self.begun.clone())];
        let released = [Entry::Released {
            objects: self.first_object().0,
            checkpoint: earlier.checkpoint.clone(),
            is_behind: false,
        }];
        begun
            .into_iter()
            .chain(streams)
            .chain(schemas.map(Entry::Schema))
            .chain(kept.map(|record| Entry::Kept { record }))
            .chain(retire.map(|record| Entry::Retire { record }))
            .chain(released)
            .collect()
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
            remove_own(&self.start.buckets, &self.start.retry, record).await?;
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

    /// A stream is met, whose keys are made of a template.
    pub(crate) fn meet(&mut self, stream: &StreamName, template: &str) {
        let (stream, template) = (stream.to_string(), template.to_owned());
        let known = self
            .begun
            .templates
            .insert(stream.clone(), template.clone());
        if known.as_ref() != Some(&template) {
            self.journal
                .journal
                .note(&Entry::Stream { stream, template });
        }
    }

    /// All objects before a cut have appeared: the source may go on from there.
    pub(crate) async fn release(&self, safe: &SafeCut) -> Result<(), LedgerError> {
        let released = Entry::Released {
            objects: safe.objects.0,
            checkpoint: Some(safe.cut.checkpoint.clone()),
            is_behind: !safe.cut.is_exact,
        };
        self.journal.journal.record(&released).await
    }

    /// Everything that is staged is to appear: from here on there is no way back. Whoever was taken
    /// over finds it out here at the latest.
    pub(crate) async fn publish(
        &self,
        checkpoint: Option<&str>,
        is_behind: bool,
    ) -> Result<(), LedgerError> {
        let checkpoint = checkpoint.or(self.begun.resumed_from.as_deref());
        let checkpoint = checkpoint.map(str::to_owned);
        let publishing = Entry::Publishing {
            checkpoint,
            is_behind,
        };
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
        let periods: HashSet<_> = receipts.iter().map(|it| it.period.clone()).collect();
        let periods: Vec<_> = periods.into_iter().collect();
        let template = self.begun.templates.get(&stream.to_string());
        let template = template.map(String::as_str).unwrap_or_default();
        let own: BTreeSet<_> = self.earlier.kept.iter().map(|it| it.key.clone()).collect();
        match index.superseded(covers, &periods, &self.begun, template) {
            Err(fault) => Ok(Err(fault)),
            Ok(superseded) => {
                tell_uncovered(stream, covers, &periods, receipts);
                for record in superseded.into_iter().filter(|it| !own.contains(&it.key)) {
                    self.retire(record);
                }
                Ok(Ok(()))
            }
        }
    }

    /// What is to go of a stream, since only some generations of it count: objects of earlier runs,
    /// and of this one. What this one has loaded without saying of which generation it is, stays: its
    /// source has just given it.
    pub(crate) async fn outdate(
        &mut self,
        stream: &StreamName,
        generations: Generations,
        receipts: &[&Receipt],
    ) -> Result<(), LedgerError> {
        self.outdate_own(stream, generations, receipts);
        let (shelf, home) = (&self.start.shelf, &self.start.home);
        if home.connection_id().is_none() {
            tracing::warn!(
                %stream,
                "what earlier runs have written of older generations stays: without connection.id, no run \
                 knows another"
            );
            return Ok(());
        }
        let (index, _) = StreamIndex::read(shelf, home, stream).await?;
        let is_own = |entry: &IndexEntry| entry.connection_run_id == self.begun.run_id;
        // What came after an attempt at this run that is repeated isn't older than it.
        let since = index.objects.iter().filter(|it| is_own(it));
        let since = since.map(|entry| entry.generation).min();
        let is_earlier = |entry: &IndexEntry| match since {
            Some(since) => entry.generation < since,
            None => !self.earlier.was_whole,
        };
        let is_over = |entry: &IndexEntry| match generations {
            Generations::OfRun => is_earlier(entry),
            _ => generations.is_over(entry.record.generation),
        };
        let over = index.objects.iter().filter(|it| !is_own(it) && is_over(it));
        let over: Vec<IndexEntry> = over.cloned().collect();
        for entry in over {
            match entry.is_in(&self.begun) {
                Ok(()) => self.retire(entry.record),
                Err(fault) => tracing::warn!(%stream, "an older generation stays: {fault}"),
            }
        }
        Ok(())
    }

    fn outdate_own(
        &mut self,
        stream: &StreamName,
        generations: Generations,
        receipts: &[&Receipt],
    ) {
        let kept = self.earlier.kept.iter();
        let kept = kept.filter(|it| it.stream_name() == *stream && !it.quarantine);
        let own = kept.map(|it| (it.object, it.generation));
        let own = own.chain(receipts.iter().map(|it| (it.object.0, it.generation)));
        let is_over =
            |generation| generations != Generations::OfRun && generations.is_over(generation);
        let over = own.filter(|(_, generation)| generation.is_some() && is_over(*generation));
        for (object, _) in over.collect::<Vec<_>>() {
            self.outdated.insert(object);
            self.journal.journal.note(&Entry::Outdated { object });
        }
    }

    fn retire(&mut self, record: ObjectRecord) {
        self.earlier.retire.push(record.clone());
        self.journal.journal.note(&Entry::Retire { record });
    }
}

/// Records of other periods than the run says it has all of. They may be there twice afterwards.
fn tell_uncovered(stream: &StreamName, covers: Covers, periods: &[Period], receipts: &[&Receipt]) {
    let is_uncovered = |it: &&&Receipt| covers.meets(&it.period, periods) == Meets::Nothing;
    let uncovered: Vec<_> = receipts.iter().filter(is_uncovered).collect();
    if let Some(first) = uncovered.first() {
        tracing::warn!(
            %stream, objects = uncovered.len(), first = %first.key,
            "it has records of periods that the run doesn't cover: they are added, and replace nothing"
        );
    }
}

/// The number of the attempt that begins. One that died before it wrote anything down is known by its
/// lease alone.
fn next_attempt(start: &RunStart, attempts: &BTreeSet<u32>, last: Option<&Found>) -> u32 {
    let last = last.map(|last| &last.document);
    let own = last.filter(|last| last.run_id == start.run_id);
    let before = attempts.last().copied().max(own.map(|own| own.attempt));
    before.map_or(1, |before| before + 1)
}

fn begun(start: &RunStart, attempt: u32, earlier: &Earlier) -> Begun {
    Begun {
        schema_version: VERSION,
        spile_version: start.spile_version.clone(),
        connection_id: start.home.connection_id().map(str::to_owned),
        run_id: start.run_id.clone(),
        attempt,
        load_time: earlier.load_time.unwrap_or(start.load_time),
        timezone: start.timezone.clone(),
        started_at: start.surroundings.now(),
        as_a_whole: start.as_a_whole,
        is_told: start.is_told,
        resumed_from: earlier.checkpoint.clone(),
        destination: start.destination.clone(),
        quarantine: start.buckets.quarantine_location(),
        templates: earlier.templates.clone(),
    }
}
