//! Whole runs into a bucket in memory: what every run keeps to, whatever is loaded.

mod failures;
mod kit;
mod laws;
mod objects;
