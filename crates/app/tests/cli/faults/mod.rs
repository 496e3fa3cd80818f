//! Everything that can go wrong between the program and its store, on purpose.

mod leftovers;
mod loads;
mod requests;
mod used_up;
