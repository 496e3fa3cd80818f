//! An object while it is being made.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use spile_macros_template::{KeyError, KeyPlan, RouteKey};

use crate::bucket::Condition;
use crate::checksum::{Checksum, ChecksumBuilder};
use crate::encoding::{EncodeError, Encoder};
use crate::held::Held;
use crate::limits::LoaderLimits;
use crate::parts::Parts;
use crate::period::Period;
use crate::positions::HeldPositions;
use crate::receipt::UploadError;
use crate::roll::RollPolicy;
use crate::router::CursorRange;
use crate::source::StreamName;

/// Names an object within its run, in the order of their beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub(crate) u64);

/// What the uploader has to do, in this order for each object: begin, parts, finish or discard.
#[derive(Debug)]
pub(crate) enum UploadStep {
    /// An object begins. Nothing need be done in the bucket before its first part.
    Begin(ObjectId, Box<ObjectPlan>),
    /// Bytes of it, exactly as long as parts are.
    Part(ObjectId, Bytes),
    /// The last of its bytes, if any. The object is sealed.
    Finish(ObjectId, Bytes, Sealed),
    /// It is given up.
    Discard(ObjectId),
}

/// What is known of an object when it begins.
#[derive(Clone, Debug)]
pub(crate) struct ObjectPlan {
    pub(crate) stream: StreamName,
    /// Whether its records are bad ones of the stream, set aside.
    pub(crate) is_quarantine: bool,
    pub(crate) generation: Option<i64>,
    pub(crate) keys: Arc<KeyPlan>,
    pub(crate) route: RouteKey,
    pub(crate) period: Period,
    /// Its columns.
    pub(crate) schema: SchemaRef,
    /// Whether their source gave them their types.
    pub(crate) typed: bool,
    pub(crate) content_type: String,
    pub(crate) condition: Condition,
    pub(crate) publish: PublishWhen,
}

/// When an object appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PublishWhen {
    /// As soon as it is sealed.
    Sealed,
    /// When the run has ended well: a run that fails must not have replaced anything.
    RunEnds,
}

/// What is known of an object when it is sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealed {
    pub(crate) facts: Facts,
    pub(crate) bytes: u64,
    pub(crate) checksum: Checksum,
}

/// What is known of an object's records.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) rows: u64,
    pub(crate) cursors: Option<CursorRange>,
}

/// What has gone out of an object.
#[derive(Default)]
struct Sent {
    parts: usize,
    bytes: u64,
    checksum: ChecksumBuilder,
}

/// An object's last bytes.
pub(crate) struct Ending {
    /// Those that make whole parts.
    pub(crate) parts: Vec<Bytes>,
    pub(crate) rest: Bytes,
    pub(crate) sealed: Sealed,
}

/// What an open object takes up besides its buffers: its plan, its route, its place in maps.
const OBJECT_BYTES: usize = 4 << 10;

/// An object that records are still added to.
pub(crate) struct OpenObject {
    pub(crate) id: ObjectId,
    pub(crate) schema: SchemaRef,
    pub(crate) encoder: Box<dyn Encoder>,
    /// What is known of the records that were encoded.
    pub(crate) facts: Facts,
    /// Records that wait for the encoder, and what is known of them.
    pub(crate) held: Held,
    pub(crate) held_facts: Facts,
    /// Where those were read, if that may be asked.
    pub(crate) held_positions: HeldPositions,
    /// Bytes that came out of the encoder and no part has carried yet.
    parts: Parts,
    sent: Sent,
    opened_ms: u64,
    /// When it was last added to, counted in batches: the object with the lowest is the coldest.
    pub(crate) touched: u64,
    /// Bytes of memory that the loader has counted for it.
    pub(crate) counted_bytes: usize,
}

impl ObjectPlan {
    /// That no key can be made for it.
    pub(crate) fn no_key(&self, source: KeyError) -> UploadError {
        UploadError::Key {
            stream: self.stream.clone(),
            source,
        }
    }
}

impl Facts {
    /// Counts records that were added.
    pub(crate) fn add(&mut self, rows: usize, cursors: Option<CursorRange>) {
        self.rows += rows as u64;
        self.cursors = match (self.cursors, cursors) {
            (Some(range), Some(more)) => Some(range.joined(more)),
            (range, more) => range.or(more),
        };
    }
}

impl Sent {
    fn count(&mut self, parts: &[Bytes]) {
        self.parts += parts.len();
        for part in parts {
            self.bytes += part.len() as u64;
            self.checksum.update(part);
        }
    }
}

impl OpenObject {
    pub(crate) fn new(
        id: ObjectId,
        schema: SchemaRef,
        encoder: Box<dyn Encoder>,
        opened_ms: u64,
    ) -> Self {
        Self {
            id,
            schema,
            encoder,
            facts: Facts::default(),
            held: Held::default(),
            held_facts: Facts::default(),
            held_positions: HeldPositions::default(),
            parts: Parts::default(),
            sent: Sent::default(),
            opened_ms,
            touched: 0,
            counted_bytes: 0,
        }
    }

    /// Records added, those held included.
    pub(crate) fn rows(&self) -> u64 {
        self.facts.rows + self.held_facts.rows
    }

    /// Whether it is full or has come to its last parts.
    pub(crate) fn is_full(&self, limits: &LoaderLimits) -> bool {
        // What the encoder still holds may take more than one part.
        let parts_to_come = 8 + self.encoder.pending_bytes() / limits.part_bytes;
        let parts = self.sent.parts + parts_to_come;
        limits.roll.is_full(self.rows(), self.bytes()) || parts > limits.parts_max as usize
    }

    /// Whether it has been open for too long.
    pub(crate) fn is_old(&self, roll: &RollPolicy, now_ms: u64) -> bool {
        roll.is_old(self.opened_ms, now_ms)
    }

    /// Bytes of memory in use.
    pub(crate) fn memory_bytes(&self) -> usize {
        let held = self.held.memory_bytes() + self.held_positions.memory_bytes();
        OBJECT_BYTES + held + self.encoder.memory_bytes() + self.parts.memory_bytes()
    }

    /// The whole parts that have come out of the encoder.
    pub(crate) fn take_parts(&mut self, part_bytes: usize) -> Vec<Bytes> {
        if self.parts.rest_bytes() + self.encoder.output_bytes() < part_bytes {
            return Vec::new();
        }
        let output = self.encoder.take_output();
        self.parts.push(output, part_bytes);
        let parts = self.parts.take_whole();
        self.sent.count(&parts);
        parts
    }

    /// Ends the object: its last whole parts, and the rest.
    pub(crate) fn finish(mut self, part_bytes: usize) -> Result<Ending, EncodeError> {
        let mut last = self.parts;
        last.push(self.encoder.take_output(), part_bytes);
        last.push(self.encoder.finish()?, part_bytes);
        let (parts, rest) = (last.take_whole(), last.take_rest());
        self.sent.count(&parts);
        self.sent.count(std::slice::from_ref(&rest));
        Ok(Ending {
            parts,
            rest,
            sealed: Sealed {
                facts: self.facts,
                bytes: self.sent.bytes,
                checksum: self.sent.checksum.checksum(),
            },
        })
    }

    /// The object's size if it were sealed now, apart from what is held.
    fn bytes(&self) -> u64 {
        let encoder = self.encoder.output_bytes() + self.encoder.pending_bytes();
        self.sent.bytes + (self.parts.rest_bytes() + encoder) as u64
    }
}
