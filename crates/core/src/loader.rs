//! The loader: batches in, upload steps out. Plain, synchronous, without a clock or I/O.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use spile_macros_template::RouteKey;

use crate::bucket::Condition;
use crate::encoding::{EncodeError, Misfit, WriteError};
use crate::limits::LoaderLimits;
use crate::load_error::LoadError;
use crate::moment::Zone;
use crate::object::{ObjectId, ObjectPlan, OpenObject, PublishWhen, UploadStep};
use crate::records::Records;
use crate::router::{CursorRange, RouteError, RoutedBatch, Router};
use crate::run::PublishMode;
use crate::source::{Batch, StreamName};
use crate::stream_plan::{SchemaChange, StreamPlan, StreamPlans, WriteMode};

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

struct Stream {
    name: StreamName,
    plan: StreamPlan,
    router: Router,
    /// What the next object begins with.
    schema: SchemaRef,
    /// Whether the source gave the columns their types.
    typed: bool,
}

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

    /// Adds records to the open object of their route, sealing it whenever it is full.
    fn add(&mut self, place: Place, routed: RoutedBatch) -> Result<(), LoadError> {
        let RoutedBatch {
            mut records,
            cursors,
            ..
        } = routed;
        let row_bytes = records.memory_bytes() / records.len().max(1);
        let whole = records.len();
        while !records.is_empty() {
            let rows_so_far = self.object(place)?.rows();
            let stride = self
                .limits
                .roll
                .stride(rows_so_far, records.len(), row_bytes);
            let piece = records.slice(0..stride);
            let cursors = if stride == whole {
                cursors
            } else {
                self.cursors(place, &piece)
            };
            self.add_piece(place, piece, cursors)?;
            self.after_adding(place)?;
            records = records.slice(stride..records.len());
        }
        Ok(())
    }

    /// Encodes records, or copies them where there are too few to encode at once.
    fn add_piece(
        &mut self,
        place: Place,
        piece: Records,
        cursors: Option<CursorRange>,
    ) -> Result<(), LoadError> {
        let enough = self.limits.held_bytes();
        if piece.memory_bytes() >= enough {
            self.encode_held(place)?;
            return self.encode(place, piece, cursors);
        }
        self.hold(place, piece, cursors)?;
        if self.object(place)?.held.memory_bytes() >= enough {
            self.encode_held(place)?;
        }
        Ok(())
    }

    /// Counts the object's memory anew, and seals it if it is full.
    fn after_adding(&mut self, place: Place) -> Result<(), LoadError> {
        let (batches, limits) = (self.batches, self.limits);
        let object = self.object(place)?;
        object.touched = batches;
        let bytes = object.memory_bytes();
        let counted = std::mem::replace(&mut object.counted_bytes, bytes);
        let full = object.is_full(&limits);
        self.memory_bytes = self.memory_bytes + bytes - counted;
        if full {
            self.seal(place)?;
        }
        self.keep_to_memory()
    }

    fn hold(
        &mut self,
        place: Place,
        piece: Records,
        cursors: Option<CursorRange>,
    ) -> Result<(), LoadError> {
        let rows = piece.len();
        if let Err(piece) = self.object(place)?.held.push(piece) {
            // Records of another form: those held go first.
            self.encode_held(place)?;
            return self.encode(place, piece, cursors);
        }
        self.object(place)?.held_facts.add(rows, cursors);
        Ok(())
    }

    fn encode_held(&mut self, place: Place) -> Result<(), LoadError> {
        let object = self.object(place)?;
        let facts = std::mem::take(&mut object.held_facts);
        match object.held.take() {
            Ok(Some(records)) => self.encode(place, records, facts.cursors),
            Ok(None) => Ok(()),
            Err(source) => {
                let stream = self.streams[place.0].name.clone();
                Err(LoadError::Gather { stream, source })
            }
        }
    }

    /// Encodes records. One that doesn't fit seals the object, and the next one has room for it.
    fn encode(
        &mut self,
        place: Place,
        mut records: Records,
        mut cursors: Option<CursorRange>,
    ) -> Result<(), LoadError> {
        while let Some(misfit) = self.write(place, &records)? {
            let fitting = records.slice(0..misfit.at);
            let fitting_cursors = self.cursors(place, &fitting);
            self.object(place)?
                .facts
                .add(fitting.len(), fitting_cursors);
            records = records.slice(misfit.at..records.len());
            cursors = self.cursors(place, &records);
            self.widen(place, &records, misfit)?;
        }
        self.object(place)?.facts.add(records.len(), cursors);
        Ok(())
    }

    /// Writes records to the encoder and sends the parts that come out of it.
    fn write(&mut self, place: Place, records: &Records) -> Result<Option<Misfit>, LoadError> {
        let part_bytes = self.limits.part_bytes;
        let object = self.object(place)?;
        let id = object.id;
        let written = object.encoder.write(records);
        let parts = object.take_parts(part_bytes);
        self.steps
            .extend(parts.into_iter().map(|part| UploadStep::Part(id, part)));
        match written {
            Ok(()) => Ok(None),
            Err(WriteError::Misfit(misfit)) => Ok(Some(misfit)),
            Err(WriteError::Encode(source)) => Err(self.encode_error(place, source)),
        }
    }

    /// Makes the stream's schema wide enough for `records`, of which the first had no room in the
    /// open object, and seals that.
    fn widen(&mut self, place: Place, records: &Records, misfit: Misfit) -> Result<(), LoadError> {
        let narrow = Arc::clone(&self.object(place)?.schema);
        let Stream {
            name, plan, schema, ..
        } = &mut self.streams[place.0];
        if plan.schema_change == SchemaChange::Fail {
            return Err(LoadError::SchemaChange {
                stream: name.clone(),
                misfit,
            });
        }
        let wide = match plan.wider_schema(schema, records) {
            Ok(wide) if wide == narrow => {
                return Err(LoadError::NoRoom {
                    stream: name.clone(),
                    misfit,
                });
            }
            Ok(wide) => wide,
            Err(source) => return Err(self.encode_error(place, source)),
        };
        if *schema != wide {
            tracing::warn!(stream = %name, "{misfit}: a further object begins, with room for it");
            *schema = wide;
        }
        self.seal_encoded(place)
    }

    /// Seals the coldest objects until all that are open fit into memory.
    fn keep_to_memory(&mut self) -> Result<(), LoadError> {
        while self.memory_bytes > self.limits.memory_bytes_max {
            let coldest = self
                .open
                .iter()
                .min_by_key(|(_, object)| (object.touched, object.id));
            let Some(place) = coldest.map(|(place, _)| *place) else {
                break;
            };
            let stream = &self.streams[place.0].name;
            tracing::debug!(%stream, "memory is used up: the coldest object is sealed");
            self.seal(place)?;
        }
        Ok(())
    }

    /// Seals the object at a place, with the records that it holds.
    fn seal(&mut self, place: Place) -> Result<(), LoadError> {
        self.encode_held(place)?;
        self.seal_encoded(place)
    }

    fn seal_encoded(&mut self, place: Place) -> Result<(), LoadError> {
        let Some(object) = self.open.remove(&place) else {
            return Ok(());
        };
        self.memory_bytes -= object.counted_bytes;
        let id = object.id;
        if object.facts.rows == 0 {
            self.steps.push(UploadStep::Discard(id));
            return Ok(());
        }
        let finished = object.finish(self.limits.part_bytes);
        let last = finished.map_err(|source| self.encode_error(place, source))?;
        let parts = last.parts.into_iter();
        self.steps
            .extend(parts.map(|part| UploadStep::Part(id, part)));
        self.steps
            .push(UploadStep::Finish(id, last.rest, last.sealed));
        Ok(())
    }

    /// The open object at a place; a new one where there is none.
    fn object(&mut self, place: Place) -> Result<&mut OpenObject, LoadError> {
        let vacant = match self.open.entry(place) {
            Entry::Occupied(object) => return Ok(object.into_mut()),
            Entry::Vacant(vacant) => vacant,
        };
        let stream = &self.streams[place.0];
        let encoder = stream
            .plan
            .encoding
            .encoder(&stream.schema)
            .map_err(|source| LoadError::Encode {
                stream: stream.name.clone(),
                source,
            })?;
        self.objects += 1;
        let id = ObjectId(self.objects);
        let plan = stream.object_plan(place.1, self.publish);
        self.steps.push(UploadStep::Begin(id, Box::new(plan)));
        let schema = Arc::clone(&stream.schema);
        Ok(vacant.insert(OpenObject::new(id, schema, encoder, self.now_ms)))
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

impl Stream {
    fn object_plan(&self, route: usize, publish: PublishMode) -> ObjectPlan {
        let condition = match self.plan.write {
            WriteMode::Append | WriteMode::Replace => Condition::IfAbsent,
            WriteMode::Overwrite => Condition::Replace,
        };
        let publish = match (self.plan.write, publish) {
            (WriteMode::Append, PublishMode::Object) => PublishWhen::Sealed,
            _ => PublishWhen::RunEnds,
        };
        let route = self.router.route_at(route);
        ObjectPlan {
            stream: self.name.clone(),
            keys: Arc::clone(&self.plan.keys),
            route: route.key.clone(),
            period: route.period.clone(),
            schema: Arc::clone(&self.schema),
            typed: self.typed,
            content_type: self.plan.encoding.content_type().to_owned(),
            condition,
            publish,
        }
    }
}
