//! Adapters in memory and the suites that every adapter has to pass.

pub mod bucket_conformance;
mod faults;
mod memory_bucket;
mod memory_state;

pub use faults::{Call, Fault, Operation};
pub use memory_bucket::MemoryBucket;
