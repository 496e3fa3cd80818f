//! The loader: batches in, upload steps out. Plain, synchronous, without a clock or I/O.

mod adding;
mod rejecting;
mod sealing;
mod stream;

use std::collections::HashMap;

use spile_macros_template::RouteKey;

use crate::encoding::{EncodeError, Misfit};
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::moment::Zone;
use crate::object::{ObjectId, OpenObject, UploadStep};
use crate::quarantine::Quarantine;
use crate::records::Records;
use crate::router::{CursorRange, RouteError};
use crate::run::PublishMode;
use crate::source::{Batch, StreamName};
use crate::stream_plan::StreamPlans;
use rejecting::Aside;
use stream::Stream;

/// Routes records to open objects, and says what to upload.
pub(crate) struct Loader {
    plans: StreamPlans,
    zone: Zone,
    limits: LoaderLimits,
    publish: PublishMode,
    streams: Vec<Stream>,
    by_name: HashMap<StreamName, usize>,
    /// Where bad records go, if they may be set aside.
    aside: Option<Aside>,
    aside_by_name: HashMap<StreamName, usize>,
    open: HashMap<Place, OpenObject>,
    memory_bytes: usize,
    objects: u64,
    batches: u64,
    now_ms: u64,
    steps: Vec<UploadStep>,
}

/// Where an open object belongs: the indices of its stream and, within that, its route.
type Place = (usize, usize);

impl Loader {
    pub(crate) fn new(
        plans: StreamPlans,
        zone: Zone,
        limits: LoaderLimits,
        publish: PublishMode,
    ) -> Self {
        Self {
            plans,
            zone,
            limits,
            publish,
            streams: Vec::new(),
            by_name: HashMap::new(),
            aside: None,
            aside_by_name: HashMap::new(),
            open: HashMap::new(),
            memory_bytes: 0,
            objects: 0,
            batches: 0,
            now_ms: 0,
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

    /// Adds a batch to the objects of its records. `now_ms` counts from any fixed time.
    pub(crate) fn ingest(&mut self, batch: &Batch, now_ms: u64) -> Result<(), LoadError> {
        self.now_ms = now_ms;
        self.batches += 1;
        match &self.aside {
            Some(_) => self.ingest_good(batch),
            None => self.ingest_all(batch),
        }
    }

    /// Adds all records of a batch up to the first bad one, which is an error.
    fn ingest_all(&mut self, batch: &Batch) -> Result<(), LoadError> {
        if batch.records.is_empty() {
            return Ok(());
        }
        let stream = self.stream(batch)?;
        if !self.streams[stream].has_schema {
            self.first_schema(stream, &batch.records)?;
        }
        let misfit = self.misfit(stream, &batch.records)?;
        let good = misfit
            .as_ref()
            .map_or(batch.records.len(), |misfit| misfit.at);
        let good = batch.records.slice(0..good);
        let divided = self.streams[stream].router.divide(&good, None);
        for routed in divided.map_err(|source| of_route(batch, source, |at| at))? {
            self.add((stream, routed.route), routed)?;
        }
        match misfit {
            None => Ok(()),
            Some(misfit) => Err(LoadError::Declared {
                position: batch.position_of(misfit.at),
                misfit,
            }),
        }
    }

    /// Seals the objects that have become too old.
    pub(crate) fn tick(&mut self, now_ms: u64) -> Result<(), LoadError> {
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
        Ok(())
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

    /// The keys of all routes that were taken, those of the quarantine apart.
    pub(crate) fn routes(&self) -> Vec<&RouteKey> {
        self.streams
            .iter()
            .filter(|stream| !stream.is_quarantine)
            .flat_map(|stream| stream.router.routes())
            .map(|route| &route.key)
            .collect()
    }

    fn stream(&mut self, batch: &Batch) -> Result<usize, LoadError> {
        if let Some(&stream) = self.by_name.get(&batch.stream) {
            return Ok(stream);
        }
        let name = batch.stream.clone();
        let plan = (self.plans)(&name).map_err(|source| LoadError::Plan {
            stream: name.clone(),
            source,
        })?;
        let typed = batch.records.are_typed();
        self.streams
            .push(Stream::new(name.clone(), plan, self.zone, typed));
        self.by_name.insert(name, self.streams.len() - 1);
        Ok(self.streams.len() - 1)
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

    /// The first record that a declared column doesn't take: found while it is known where each
    /// record was read, which those that wait for their encoder don't tell.
    fn misfit(&self, stream: usize, records: &Records) -> Result<Option<Misfit>, LoadError> {
        let Stream { name, plan, .. } = &self.streams[stream];
        let Some(declared) = &plan.declared else {
            return Ok(None);
        };
        let misfit = plan.encoding.misfit(declared, records);
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
