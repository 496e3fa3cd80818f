//! Who works on a run, and whether they still do.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Tells the processes that work on runs apart, and the time: what a ledger knows of the world.
pub trait Surroundings: Send + Sync + fmt::Debug {
    /// The name of this process: no other one anywhere has had it.
    fn process(&self) -> String;

    /// Whether the process with a name is known to be gone. One that can't be looked for, since it
    /// runs elsewhere, isn't.
    fn is_gone(&self, process: &str) -> bool;

    /// The time.
    fn now(&self) -> DateTime<Utc>;
}

/// Surroundings that are shared.
pub type SharedSurroundings = Arc<dyn Surroundings>;
