//! The loader: batches in, upload steps out. Plain, synchronous, without a clock or I/O.

mod adding;
mod sealing;
mod stream;

use std::collections::HashMap;
use std::sync::Arc;

use spile_macros_template::RouteKey;

use crate::encoding::{EncodeError, Misfit};
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::moment::Zone;
use crate::object::{ObjectId, OpenObject, UploadStep};
use crate::records::Records;
use crate::router::{CursorRange, RouteError, RoutedBatch, Router};
use crate::run::PublishMode;
use crate::source::{Batch, StreamName};
use crate::stream_plan::StreamPlans;
use stream::Stream;

/// Routes records to open objects, and says what to upload.
pub(crate) struct Loader {
    plans: StreamPlans,
    zone: Zone,
    limits: LoaderLimits,
    publish: PublishMode,
    streams: Vec<Stream>,
    by_name: HashMap<StreamName, usize>,
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

    /// What is to be uploaded since this was last asked: also after an error, since objects that
    /// were sealed before it are whole.
    pub(crate) fn take_steps(&mut self) -> Vec<UploadStep> {
        std::mem::take(&mut self.steps)
    }

    /// Adds a batch to the objects of its records. `now_ms` counts from any fixed time.
    pub(crate) fn ingest(&mut self, batch: &Batch, now_ms: u64) -> Result<(), LoadError> {
        self.now_ms = now_ms;
        self.batches += 1;
        let stream = self.stream(batch)?;
        let misfit = self.misfit(stream, &batch.records)?;
        let good = misfit
            .as_ref()
            .map_or(batch.records.len(), |misfit| misfit.at);
        for routed in self.divide(stream, batch, &batch.records.slice(0..good))? {
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

    /// The keys of all routes that were taken.
    pub(crate) fn routes(&self) -> Vec<&RouteKey> {
        self.streams
            .iter()
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
        let schema = plan.first_schema(&batch.records);
        let schema = schema.map_err(|source| LoadError::Encode {
            stream: name.clone(),
            source,
        })?;
        let typed = batch.records.are_typed();
        let differences = plan.differences(&schema);
        if !typed && !differences.is_empty() {
            tracing::warn!(stream = %name, "its columns differ from those of earlier runs: {differences}");
        }
        let router = Router::new(Arc::clone(&plan.keys), plan.cursor.clone(), self.zone);
        self.streams.push(Stream {
            name: name.clone(),
            plan,
            router,
            schema,
            typed,
        });
        self.by_name.insert(name, self.streams.len() - 1);
        Ok(self.streams.len() - 1)
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

    /// Divides records of a batch, from its first one on.
    fn divide(
        &mut self,
        stream: usize,
        batch: &Batch,
        records: &Records,
    ) -> Result<Vec<RoutedBatch>, LoadError> {
        self.streams[stream]
            .router
            .divide(records)
            .map_err(|source| {
                let at = match source {
                    RouteError::Cursor { at, .. } | RouteError::Key { at, .. } => at,
                    RouteError::Divide(_) => 0,
                };
                LoadError::Route {
                    position: batch.position_of(at),
                    source,
                }
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
