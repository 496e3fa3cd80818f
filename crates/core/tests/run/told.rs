//! Somebody who is told of checkpoints, and looks into the bucket then.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use spile_core::testing::MemoryBucket;
use spile_core::{CheckpointSink, Released};

use super::objects;

/// What was told of checkpoints, call by call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Call>>>);

/// A call that tells of checkpoints.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) released: Vec<Released>,
    /// The texts of the objects that were there at that time, by key.
    pub(crate) there: BTreeMap<String, String>,
}

pub(super) struct Listener {
    pub(super) told: Told,
    pub(super) bucket: Arc<MemoryBucket>,
}

#[async_trait]
impl CheckpointSink for Listener {
    async fn release(&mut self, released: &[Released]) -> io::Result<()> {
        self.told.0.lock().expect("no panic").push(Call {
            released: released.to_vec(),
            there: objects(&self.bucket),
        });
        Ok(())
    }
}

impl Told {
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.lock().expect("no panic").clone()
    }

    /// The texts, call by call.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        let text = |released: &Released| released.checkpoint.text.to_string();
        let calls = self.calls().into_iter();
        calls
            .map(|call| call.released.iter().map(text).collect())
            .collect()
    }
}
