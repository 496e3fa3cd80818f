//! What the checker has seen of keys.

use crate::json::WrittenKey;

/// The keys of the record before, in the order in which they stood.
#[derive(Debug, Default)]
pub(super) struct SeenKeys(pub(super) Vec<WrittenKey>);

impl SeenKeys {
    /// More than this aren't kept, and none that is longer.
    const COUNT_MAX: usize = 1_024;
    const BYTES_MAX: usize = 256;

    /// Whether it is kept from here on that this key stands at that place.
    pub(super) fn learn(&mut self, at: usize, raw: &[u8]) -> bool {
        if raw.len() > Self::BYTES_MAX || at >= Self::COUNT_MAX {
            return false;
        }
        match self.0.get_mut(at) {
            Some(known) => known.set(raw),
            None => self.0.push(WrittenKey::new(raw)),
        }
        true
    }
}
