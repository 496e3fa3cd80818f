//! Reads JSON lines, CSV, Parquet and Arrow IPC as batches of records.
//!
//! An input is stdin, a file, a glob or the output of a program, plain or compressed by gzip or zstd;
//! its format is detected.
//! [`open`] looks at every input before the first record is read and reports all that is wrong at
//! once. The [`Files`] it leads to are a [`spile_core::Source`]: they block, and want a thread of
//! their own.
//!
//! Records stay in the form they came in: JSON lines are cut and checked in place, CSV becomes
//! columns of text, Parquet and Arrow keep the types that they declare. Nothing here guesses a type,
//! joins schemas, or knows where records go to.
//!
//! In reading order: [`InputConfig`] is what a user says, [`open`] makes [`Inputs`] of it, which
//! know their streams and sizes, and [`Inputs::into_source`] gives the [`Files`] that read them.
//! [`CommandLine::start`] runs a [`Program`], whose output [`open_program`] opens: the input ends where
//! the program has ended well. Messages may name objects of stores: [`Objects`] reads those.
//! What is wrong before reading is [`InputErrors`], what is wrong while reading a
//! [`spile_core::SourceError`].
//!
//! # Example
//!
//! ```
//! use spile_core::{Source, StreamName};
//! use spile_sources::{InputConfig, open_with};
//!
//! let config = InputConfig {
//!     paths: vec!["-".to_owned()],
//!     stream: Some(StreamName::new("orders")),
//!     ..InputConfig::default()
//! };
//! let stdin = "id,note\n1,\n2,\"\"\n".as_bytes(); // a null, and an empty text
//! let mut batches = open_with(&config, stdin)?.into_source().batches();
//! let batch = batches.next().ok_or("no record")??;
//! assert_eq!(batch.records.len(), 2);
//! assert_eq!(batch.position_of(1).to_string(), "row 2 of stdin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod airbyte;
mod bytes_in;
mod checkpoint;
mod config;
mod csv;
mod detect;
mod error;
mod feed;
mod files;
mod format;
mod inputs;
mod ipc;
mod jsonl;
mod lines;
mod objects;
mod parquet;
mod paths;
mod program;
mod protocol;
mod quarantined;
mod reader;
mod readers;
mod seekable;
mod singer;
mod slices;
#[cfg(test)]
mod testing;
mod text;

pub use airbyte::{AirbyteConfig, Catalog, CatalogError, Envelope, with_destination_stats};
pub use checkpoint::ResumeError;
pub use config::{CsvInputConfig, InputConfig};
pub use error::{InputError, InputErrors};
pub use files::Files;
pub use format::{InputFormat, UnknownFormat};
pub use inputs::{Input, Inputs, open, open_program, open_with};
pub use objects::Objects;
pub use program::{Asked, CommandLine, Program, ProgramOutput};
pub use singer::SingerConfig;
