//! What a run says of itself when it begins.

use chrono::{DateTime, Utc};

use super::holder::SharedSurroundings;
use super::place::Home;
use super::shelf::Shelf;
use crate::buckets::Buckets;
use crate::retry::Retry;

/// What a run says of itself when it begins.
#[derive(Clone, Debug)]
pub struct RunStart {
    /// Where what is kept of runs lies.
    pub shelf: Shelf,
    /// Where the objects go.
    pub buckets: Buckets,
    /// How often a request is repeated.
    pub retry: Retry,
    /// Whose run it is.
    pub home: Home,
    /// The run's id.
    pub run_id: String,
    /// Whether it is repeated, and how.
    pub again: Again,
    /// The time of the load: that of the first attempt holds.
    pub load_time: DateTime<Utc>,
    /// The time zone that times are told in, by its IANA name.
    pub timezone: String,
    /// Whether nothing is to be seen before all is whole.
    pub as_a_whole: bool,
    /// Whether somebody is to be told when it is whole, as by the [`Outbox`](super::Outbox).
    pub is_told: bool,
    /// Where the objects are, for people.
    pub destination: String,
    /// The version of the program.
    pub spile_version: String,
    /// What is known of the world.
    pub surroundings: SharedSurroundings,
}

/// What a repeated run id says the source does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// It isn't repeated: there must have been no such run.
    #[default]
    No,
    /// The source replays from its start. What earlier attempts have written goes once this one has
    /// been published.
    Redo,
    /// The source goes on from the last checkpoint that was released. What was written after that
    /// goes before this attempt begins.
    Resume,
}
