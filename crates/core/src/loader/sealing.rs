//! Beginning objects and sealing them.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::{Loader, Place};
use crate::load_error::LoadError;
use crate::object::{ObjectId, OpenObject, PublishWhen, UploadStep};

/// One part in so many of the room is made besides, once there is none.
const SPARE: usize = 64;

impl Loader {
    /// Seals the coldest objects when all that are open don't fit into memory: a few more than it takes, so
    /// that with thousands of them not each is looked at for each that is sealed.
    pub(super) fn keep_to_memory(&mut self) -> Result<(), LoadError> {
        let room = self.limits.memory_bytes_max;
        if self.memory_bytes <= room {
            return Ok(());
        }
        let by_age = self.open.iter();
        let mut by_age: Vec<_> = by_age
            .map(|(place, object)| (object.touched, object.id, *place))
            .collect();
        by_age.sort_unstable_by_key(|(touched, id, _)| (*touched, *id));
        for (_, _, place) in by_age {
            if self.memory_bytes <= room - room / SPARE {
                break;
            }
            let stream = &self.streams[place.0].name;
            tracing::debug!(%stream, "memory is used up: the coldest object is sealed");
            self.seal(place)?;
        }
        Ok(())
    }

    /// Seals the object at a place, with the records that it holds.
    pub(super) fn seal(&mut self, place: Place) -> Result<(), LoadError> {
        self.encode_held(place)?;
        self.seal_encoded(place)
    }

    pub(super) fn seal_encoded(&mut self, place: Place) -> Result<(), LoadError> {
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
    pub(super) fn object(&mut self, place: Place) -> Result<&mut OpenObject, LoadError> {
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
        self.waits_for_end |= plan.publish == PublishWhen::RunEnds;
        self.steps.push(UploadStep::Begin(id, Box::new(plan)));
        let schema = Arc::clone(&stream.schema);
        Ok(vacant.insert(OpenObject::new(id, schema, encoder, self.now_ms)))
    }
}
