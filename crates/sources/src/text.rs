//! The part of a text input that is in memory, for readers that cut records out of it.

use std::sync::Arc;

use spile_core::SourceError;

use crate::bytes_in::source_error;
use crate::config::Sizes;
use crate::detect::{BOM, Compression};
use crate::feed::Feed;

/// A window of the input that grows at its end and is consumed from its beginning.
pub(crate) struct Text {
    pub(crate) origin: Arc<str>,
    pub(crate) sizes: Sizes,
    compression: Compression,
    feed: Feed,
    buffer: Vec<u8>,
    tail: Tail,
    is_begun: bool,
}

/// What follows the window.
#[derive(Debug)]
enum Tail {
    More,
    End,
    /// What stands before the fault is still read; a record that it cuts off isn't.
    Fault(SourceError),
    Told,
}

impl Text {
    pub(crate) fn new(
        origin: Arc<str>,
        sizes: Sizes,
        compression: Compression,
        feed: Feed,
    ) -> Self {
        let (buffer, tail) = (Vec::new(), Tail::More);
        Self {
            origin,
            sizes,
            compression,
            feed,
            buffer,
            tail,
            is_begun: false,
        }
    }

    /// What is in memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether the window reaches to the end of the input.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.tail, Tail::End)
    }

    /// Whether the window can't grow any more.
    pub(crate) fn is_ended(&self) -> bool {
        !matches!(self.tail, Tail::More)
    }

    /// What ended the input, if it didn't end well. Told once.
    pub(crate) fn take_fault(&mut self) -> Option<SourceError> {
        match std::mem::replace(&mut self.tail, Tail::Told) {
            Tail::Fault(fault) => Some(fault),
            tail => {
                self.tail = tail;
                None
            }
        }
    }

    /// Makes the window larger: up to a batch, or twice as large where it is one already, so that
    /// looking for the end of a long record again and again stays linear; but never much larger
    /// than the longest record.
    pub(crate) fn grow(&mut self) {
        if self.is_ended() {
            return;
        }
        let held = self.buffer.len();
        let missing = self.sizes.batch_bytes.saturating_sub(held);
        let room = (self.sizes.record_bytes_max + 1)
            .saturating_sub(held)
            .max(1);
        let bytes = if missing == 0 {
            held.min(room)
        } else {
            missing
        };
        self.buffer.reserve(bytes);
        match self.feed.fill(&mut self.buffer, bytes) {
            Ok(true) => {}
            Ok(false) => self.tail = Tail::End,
            Err(error) => {
                self.tail = Tail::Fault(source_error(error, &self.origin, self.compression));
            }
        }
        self.skip_bom();
    }

    /// Takes the first `bytes` out of the window, for good.
    pub(crate) fn split_to(&mut self, bytes: usize) -> Vec<u8> {
        let rest = self.buffer[bytes..].to_vec();
        let mut taken = std::mem::replace(&mut self.buffer, rest);
        taken.truncate(bytes);
        // A pipe gives little at a time, and a batch shouldn't keep room for more.
        if taken.len() < taken.capacity() / 2 {
            taken.shrink_to_fit();
        }
        taken
    }

    /// Drops the first `bytes` of the window.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
    }

    fn skip_bom(&mut self) {
        if self.is_begun || (self.buffer.len() < BOM.len() && !self.is_ended()) {
            return;
        }
        self.is_begun = true;
        if self.buffer.starts_with(BOM) {
            self.consume(BOM.len());
        }
    }
}
