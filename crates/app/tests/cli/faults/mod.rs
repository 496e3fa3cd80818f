//! Everything that can go wrong between the program and its store, on purpose.

mod loads;
mod requests;
mod used_up;
