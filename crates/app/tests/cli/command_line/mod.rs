//! Command lines as people type them, and where settings come from.

mod as_documented;
mod help;
mod report;
mod settings;
