//! Adding records to open objects.

use std::sync::Arc;

use super::stream::Stream;
use super::{Loader, Place};
use crate::encoding::{Misfit, WriteError};
use crate::load_error::LoadError;
use crate::object::UploadStep;
use crate::positions::{Positions, ReadBatch};
use crate::records::Records;
use crate::router::{CursorRange, RoutedBatch};
use crate::stream_plan::SchemaChange;

impl Loader {
    /// Adds records to the open object of their route, sealing it whenever it is full. `read` is where
    /// they were read, if that may be asked.
    pub(super) fn add(
        &mut self,
        place: Place,
        routed: RoutedBatch,
        read: Option<&ReadBatch<'_>>,
    ) -> Result<(), LoadError> {
        let RoutedBatch {
            mut records,
            cursors,
            indices,
            ..
        } = routed;
        let row_bytes = records.memory_bytes() / records.len().max(1);
        let whole = records.len();
        let positions = read.map_or(Positions::Untold, |read| {
            Positions::of_batch(read, indices.as_deref())
        });
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
            let positions = positions.clone().after(whole - records.len());
            self.add_piece(place, piece, cursors, positions)?;
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
        positions: Positions<'_>,
    ) -> Result<(), LoadError> {
        let enough = self.limits.held_bytes();
        if piece.memory_bytes() >= enough {
            self.encode_held(place)?;
            return self.encode(place, piece, cursors, positions);
        }
        self.hold(place, piece, cursors, positions)?;
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
        positions: Positions<'_>,
    ) -> Result<(), LoadError> {
        let rows = piece.len();
        if let Err(piece) = self.object(place)?.held.push(piece) {
            // Records of another form: those held go first.
            self.encode_held(place)?;
            return self.encode(place, piece, cursors, positions);
        }
        let object = self.object(place)?;
        object.held_positions.push(&positions, rows);
        object.held_facts.add(rows, cursors);
        Ok(())
    }

    pub(super) fn encode_held(&mut self, place: Place) -> Result<(), LoadError> {
        let object = self.object(place)?;
        let facts = std::mem::take(&mut object.held_facts);
        let positions = Positions::Held(std::mem::take(&mut object.held_positions));
        match object.held.take() {
            Ok(Some(records)) => self.encode(place, records, facts.cursors, positions),
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
        mut positions: Positions<'_>,
    ) -> Result<(), LoadError> {
        while let Some(misfit) = self.write(place, &records)? {
            positions = positions.after(misfit.at);
            self.refuse(place, &records.slice(misfit.at..misfit.at + 1), &positions)?;
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

    /// A record that its object has no room for is a bad one where a declared column doesn't take it.
    fn refuse(
        &self,
        place: Place,
        record: &Records,
        positions: &Positions<'_>,
    ) -> Result<(), LoadError> {
        let Some(position) = positions.position(0) else {
            return Ok(());
        };
        match self.misfit(place.0, record)? {
            None => Ok(()),
            Some(misfit) => Err(LoadError::Declared { position, misfit }),
        }
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
}
