//! What the tests share: a folder to run the program in, and a store to load into.

mod desk;
mod live;
mod ran;
mod redact;
mod store;

pub(crate) use desk::{Desk, FLIGHTS};
pub(crate) use live::Live;
pub(crate) use ran::Ran;
pub(crate) use store::{Store, WRONG_SECRET, told};
