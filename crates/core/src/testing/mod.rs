//! Adapters in memory and the suites that every adapter has to pass.

pub mod bucket_conformance;
mod faults;
mod memory_bucket;
mod memory_state;

use bytes::Bytes;
pub use faults::{Call, Fault, Operation};
pub use memory_bucket::MemoryBucket;

/// Reads the segments of a journal, and says what they come to in the words of `Debug`.
///
/// # Errors
/// What is wrong with the first segment that can't be understood.
pub fn read_journal(segments: &[Bytes]) -> Result<String, String> {
    crate::ledger::read_segments(segments)
}
