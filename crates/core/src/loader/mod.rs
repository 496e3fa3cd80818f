//! The loader: batches in, upload steps out. Plain, synchronous, without a clock or I/O.

mod adding;
mod rejecting;
mod sealing;
mod stream;

use std::collections::{HashMap, HashSet, VecDeque};

use spile_macros_template::RouteKey;

use crate::encoding::{EncodeError, Misfit};
use crate::ledger::Cut;
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::moment::Zone;
use crate::object::{ObjectId, OpenObject, UploadStep};
use crate::pending::Pending;
use crate::positions::ReadBatch;
use crate::quarantine::Quarantine;
use crate::records::Records;
use crate::router::{CursorRange, RouteError};
use crate::run::PublishMode;
use crate::source::{Batch, Checkpoint, StreamName};
use crate::stream_plan::StreamPlan;
use rejecting::Aside;
use stream::Stream;

/// Routes records to open objects, and says what to upload.
pub(crate) struct Loader {
    zone: Zone,
    limits: LoaderLimits,
    publish: PublishMode,
    /// How the objects of each stream that was met are made.
    plans: HashMap<StreamName, StreamPlan>,
    streams: Vec<Stream>,
    by_name: HashMap<(StreamName, Option<i64>), usize>,
    /// Where bad records go, if they may be set aside.
    aside: Option<Aside>,
    aside_by_name: HashMap<StreamName, usize>,
    open: HashMap<Place, OpenObject>,
    memory_bytes: usize,
    objects: u64,
    batches: u64,
    now_ms: u64,
    pending: Pending,
    /// Whether an object waits for the run's end: no later checkpoint is safe before that.
    waits_for_end: bool,
    steps: Vec<UploadStep>,
}

/// What a loader is given, in the order of reading.
#[derive(Debug)]
pub(crate) enum Intake {
    /// How the objects of a stream are made from here on.
    Plan(StreamName, Box<StreamPlan>),
    Batch(Batch),
    Checkpoint(Checkpoint),
}

/// Where an open object belongs: the indices of its stream and, within that, its route.
type Place = (usize, usize);

impl Loader {
    pub(crate) fn new(zone: Zone, limits: LoaderLimits, publish: PublishMode) -> Self {
        Self {
            zone,
            limits,
            publish,
            plans: HashMap::new(),
            streams: Vec::new(),
            by_name: HashMap::new(),
            aside: None,
            aside_by_name: HashMap::new(),
            open: HashMap::new(),
            memory_bytes: 0,
            objects: 0,
            batches: 0,
            now_ms: 0,
            pending: Pending::default(),
            waits_for_end: publish == PublishMode::Run,
            steps: Vec::new(),
        }
    }

    /// Numbers its objects after one.
    pub(crate) fn after(self, object: ObjectId) -> Self {
        Self {
            objects: object.0,
            ..self
        }
    }

    /// Its source goes on from where an earlier attempt was.
    pub(crate) fn resumed(self) -> Self {
        Self {
            pending: Pending::resumed(),
            ..self
        }
    }

    /// Sets bad records aside, of which there are `count` already.
    pub(crate) fn with_quarantine(self, quarantine: Quarantine, count: u64) -> Self {
        let aside = Some(Aside { quarantine, count });
        Self { aside, ..self }
    }

    /// What is to be uploaded since this was last asked: also after an error, since objects that
    /// were sealed before it are whole.
    pub(crate) fn take_steps(&mut self) -> Vec<UploadStep> {
        std::mem::take(&mut self.steps)
    }

    /// Takes in what was read, up to a checkpoint at which all that is open is to be sealed: true says
    /// that there is one, and what is left comes after it. `now_ms` counts from any fixed time.
    pub(crate) fn take_in(
        &mut self,
        intake: &mut VecDeque<Intake>,
        now_ms: u64,
    ) -> Result<bool, LoadError> {
        self.now_ms = now_ms;
        while let Some(next) = intake.pop_front() {
            match next {
                Intake::Plan(name, plan) => self.plan(name, *plan)?,
                Intake::Batch(batch) => self.ingest(&batch)?,
                Intake::Checkpoint(checkpoint) => {
                    let cuts = &self.limits.cuts;
                    self.pending
                        .add(checkpoint, now_ms, cuts, self.waits_for_end);
                    if self.is_cut_due() {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Where nothing appears before the run's end, no checkpoint is released before it either.
    fn is_cut_due(&self) -> bool {
        !self.waits_for_end && self.pending.is_due(&self.limits.cuts, self.now_ms)
    }

    /// All that was open is sealed: what the source can go on from once that has appeared, where there
    /// is anything new.
    pub(crate) fn cut(&mut self) -> Option<Cut> {
        self.pending.cut()
    }

    /// Whether records were read that the last checkpoint doesn't know.
    pub(crate) fn is_behind(&self) -> bool {
        self.pending.is_behind()
    }

    /// The objects of a stream are made otherwise from here on: what is open of it is sealed.
    fn plan(&mut self, name: StreamName, plan: StreamPlan) -> Result<(), LoadError> {
        let is_its = |stream: &Stream| stream.name == name && !stream.is_quarantine;
        let open = self.open.iter();
        let mut own: Vec<(ObjectId, Place)> = open
            .filter(|((stream, _), _)| is_its(&self.streams[*stream]))
            .map(|(place, object)| (object.id, *place))
            .collect();
        own.sort_unstable();
        for (_, place) in own {
            self.seal(place)?;
        }
        let last = self.streams.iter().rfind(|stream| is_its(stream));
        let known = last.filter(|last| last.has_schema && !last.typed);
        let remembered = known.map(|last| last.plan.unless_declared_anew(&plan, &last.schema));
        let plan = StreamPlan {
            remembered: remembered.or(plan.remembered),
            ..plan
        };
        self.by_name.retain(|(known, _), _| *known != name);
        self.plans.insert(name, plan);
        Ok(())
    }

    /// Adds a batch to the objects of its records.
    fn ingest(&mut self, batch: &Batch) -> Result<(), LoadError> {
        self.batches += 1;
        let rejected = match &self.aside {
            Some(_) => self.ingest_good(batch)?,
            None => self.ingest_all(batch).map(|()| 0)?,
        };
        self.pending.read(
            &batch.stream,
            batch.records_read(),
            rejected,
            batch.input_bytes,
        );
        Ok(())
    }

    /// Adds all records of a batch up to the first bad one, which is an error.
    fn ingest_all(&mut self, batch: &Batch) -> Result<(), LoadError> {
        if batch.records.is_empty() {
            return Ok(());
        }
        let stream = self.stream(batch)?;
        let records = self.shaped(stream, &batch.records)?;
        if !self.streams[stream].has_schema {
            self.first_schema(stream, &records)?;
        }
        // Without declared columns nobody asks where a record was read.
        let is_asked = self.streams[stream].refusing.is_some();
        let read = is_asked.then(|| ReadBatch::new(batch));
        let divided = self.streams[stream].router.divide(&records, None);
        for routed in divided.map_err(|source| of_route(batch, source, |at| at))? {
            self.add((stream, routed.route), routed, read.as_ref())?;
        }
        Ok(())
    }

    /// Seals the objects that have become too old. True says that a checkpoint has waited for so long
    /// that all that is open is to be sealed for it.
    pub(crate) fn tick(&mut self, now_ms: u64) -> Result<bool, LoadError> {
        self.now_ms = now_ms;
        let is_old = |object: &OpenObject| object.is_old(&self.limits.roll, now_ms);
        let old = self
            .open
            .iter()
            .filter(|(_, object)| is_old(object))
            .map(|(place, _)| *place);
        for place in old.collect::<Vec<_>>() {
            self.seal(place)?;
        }
        Ok(!self.waits_for_end && self.pending.is_old(&self.limits.cuts, now_ms))
    }

    /// Seals the open object that began first. False when there is none left.
    pub(crate) fn seal_first(&mut self) -> Result<bool, LoadError> {
        let first = self
            .open
            .iter()
            .min_by_key(|(_, object)| object.id)
            .map(|(place, _)| *place);
        first.map_or(Ok(false), |place| self.seal(place).map(|()| true))
    }

    /// The keys of all routes that were taken, those of the quarantine apart. One that was taken again,
    /// for another generation or since its stream was declared anew, is the same.
    pub(crate) fn routes(&self) -> Vec<&RouteKey> {
        let loaded = self.streams.iter().filter(|it| !it.is_quarantine);
        let routes = loaded.flat_map(|stream| {
            let routes = stream.router.routes().iter();
            routes.map(|route| (&stream.name, &route.period, &route.key))
        });
        let mut met = HashSet::new();
        let routes = routes.filter(|route| met.insert(*route));
        routes.map(|(_, _, key)| key).collect()
    }

    fn stream(&mut self, batch: &Batch) -> Result<usize, LoadError> {
        let key = (batch.stream.clone(), batch.generation);
        if let Some(&stream) = self.by_name.get(&key) {
            return Ok(stream);
        }
        let (name, generation) = key;
        let plan = self.plans.get(&name).ok_or_else(|| LoadError::Plan {
            stream: name.clone(),
            source: "it was not announced".into(),
        })?;
        let typed = batch.records.are_typed();
        self.streams.push(Stream {
            generation,
            ..Stream::new(name.clone(), plan.clone(), self.zone, typed)
        });
        let stream = self.streams.len() - 1;
        self.by_name.insert((name, generation), stream);
        Ok(stream)
    }

    /// Records as the objects of their stream have them. The batch itself still tells where each was
    /// read, and how.
    fn shaped(&self, stream: usize, records: &Records) -> Result<Records, LoadError> {
        let Stream { name, plan, .. } = &self.streams[stream];
        let Some(reshape) = &plan.reshape else {
            return Ok(records.clone());
        };
        reshape.apply(records).map_err(|source| LoadError::Reshape {
            stream: name.clone(),
            source,
        })
    }

    /// Finds what the first object of a stream begins with.
    fn first_schema(&mut self, stream: usize, sample: &Records) -> Result<(), LoadError> {
        let stream = &mut self.streams[stream];
        let (name, plan) = (&stream.name, &stream.plan);
        let schema = plan.first_schema(sample);
        stream.schema = schema.map_err(|source| LoadError::Encode {
            stream: name.clone(),
            source,
        })?;
        stream.has_schema = true;
        let differences = plan.differences(&stream.schema);
        if !stream.typed && !differences.is_empty() {
            tracing::warn!(stream = %name, "its columns differ from those of earlier runs: {differences}");
        }
        Ok(())
    }

    /// The first record that a declared column doesn't take.
    fn misfit(&self, stream: usize, records: &Records) -> Result<Option<Misfit>, LoadError> {
        let Stream {
            name,
            plan,
            refusing,
            ..
        } = &self.streams[stream];
        let Some(refusing) = refusing else {
            return Ok(None);
        };
        let misfit = plan.encoding.misfit(refusing, records);
        misfit.map_err(|source| LoadError::Encode {
            stream: name.clone(),
            source,
        })
    }

    fn cursors(&mut self, place: Place, records: &Records) -> Option<CursorRange> {
        self.streams[place.0].router.cursors(records)
    }

    fn encode_error(&self, place: Place, source: EncodeError) -> LoadError {
        LoadError::Encode {
            stream: self.streams[place.0].name.clone(),
            source,
        }
    }
}

/// That a record of a batch has no route, at an index that `at_first` knows the batch's own of.
fn of_route(batch: &Batch, source: RouteError, at_first: impl Fn(usize) -> usize) -> LoadError {
    let at = match source {
        RouteError::Cursor { at, .. } | RouteError::Key { at, .. } => at_first(at),
        RouteError::Divide(_) => 0,
    };
    LoadError::Route {
        position: batch.position_of(at),
        source,
    }
}
