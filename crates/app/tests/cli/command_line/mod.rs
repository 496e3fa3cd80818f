//! Command lines as people type them, and where settings come from.

mod as_documented;
mod help;
mod help_of_load;
mod report;
mod settings;
