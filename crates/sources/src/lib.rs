//! doc

mod bytes_in;
mod config;
mod csv;
mod detect;
mod error;
mod feed;
mod files;
mod format;
mod inputs;
mod jsonl;
mod paths;
mod reader;
#[cfg(test)]
mod testing;
mod text;

pub use config::{CsvInputConfig, InputConfig};
pub use error::{InputError, InputErrors};
pub use files::Files;
pub use format::{InputFormat, UnknownFormat};
pub use inputs::{Input, Inputs, open, open_with};
