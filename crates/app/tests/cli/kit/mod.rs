//! What the tests share: a folder to run the program in, and a store to load into.

mod aws;
mod customer;
mod desk;
mod fault_proxy;
mod held_store;
mod kept;
mod live;
mod ran;
mod redact;
mod relay;
mod root;
mod store;
mod tls;

pub(crate) use aws::Aws;
pub(crate) use customer::{Customer, FIVE, Session};
pub(crate) use desk::{Desk, FLIGHTS};
pub(crate) use fault_proxy::{
    Asked, Fault, FaultProxy, Kind, Seed, Seen, always, always_of_state, at, seeded,
};
pub(crate) use held_store::HeldStore;
pub(crate) use live::{Live, signal};
pub(crate) use ran::Ran;
pub(crate) use relay::{Exchange, Relay, ask, denied, is_optional};
pub(crate) use store::{Store, WRONG_SECRET, told};
pub(crate) use tls::{AUTHORITY, Tls};
