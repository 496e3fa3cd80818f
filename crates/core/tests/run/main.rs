//! Whole runs into a bucket in memory: what every run keeps to, whatever is loaded.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the kit of these tests is no test itself"
)]

mod checkpoints;
mod failures;
mod generations;
mod kit;
mod laws;
mod objects;
mod parts;
mod quarantine;
mod records;
mod recovery;
mod replace;
mod reshaped;
mod schema_memory;
mod schemas;
mod sealing;
