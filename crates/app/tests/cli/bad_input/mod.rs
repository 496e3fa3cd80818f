//! Bad input gets a clear error, the exit code that says whose fault it is, and loses nothing.

mod configuration;
mod cursors;
mod folder;
mod records;
mod s3;

mod taken_key;
mod template;
mod unfinished;
