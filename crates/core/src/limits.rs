//! The bounds that a loader keeps to.

use crate::pending::CutPolicy;
use crate::roll::RollPolicy;

/// The bounds that a loader keeps to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoaderLimits {
    /// When objects are sealed.
    pub(crate) roll: RollPolicy,
    /// When all of them are, for the sake of a checkpoint.
    pub(crate) cuts: CutPolicy,
    /// Bytes of memory that all open objects together may take up.
    pub(crate) memory_bytes_max: usize,
    /// The length of parts.
    pub(crate) part_bytes: usize,
    /// No object has more parts.
    pub(crate) parts_max: u32,
}

/// Fewer bytes than this wait until there are more of them to encode.
const HELD_BYTES: usize = 64 << 10;

impl LoaderLimits {
    /// As many bytes of records as are encoded at once.
    pub(crate) fn held_bytes(&self) -> usize {
        usize::try_from(self.roll.bytes_max / 16)
            .unwrap_or(HELD_BYTES)
            .min(HELD_BYTES)
    }
}
