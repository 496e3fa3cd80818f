//! What the tests share: a folder to run the program in, and a store to load into.

mod customer;
mod desk;
mod held_store;
mod live;
mod ran;
mod redact;
mod relay;
mod store;

pub(crate) use customer::{Customer, FIVE};
pub(crate) use desk::{Desk, FLIGHTS};
pub(crate) use held_store::HeldStore;
pub(crate) use live::{Live, signal};
pub(crate) use ran::Ran;
pub(crate) use relay::{Exchange, Relay, ask};
pub(crate) use store::{Store, WRONG_SECRET, told};
