//! The stages of a load, each alone and over a file: what `cargo xtask instructions` counts, and what
//! the bench `route` measures.
//!
//! A stage does its work once, and as little else as can be: all that the process does is counted. It
//! knows neither AWS nor the program, so that little has to be compiled for two revisions.

mod encode;
mod load;
mod parse;
mod stage;

pub use encode::object;
pub use load::load;
pub use stage::Stage;

/// Why a stage couldn't be run.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
