//! The program as people run it: its command lines, what it says, and what it leaves behind.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the kit of these tests is no test itself"
)]

mod airbyte;
mod bad_input;
mod check;
mod child;
mod command_line;
mod faults;
mod import;
mod interrupt;
mod key_syntax;
mod kills;
mod kit;
mod main_job;
mod many_periods;
mod on_complete;
mod pipe;
mod plan;
mod quarantine;
mod recover;
mod replace;
mod roles;
mod runs;
mod schemas;
mod setup;
mod singer;
mod states;
mod typed_input;
mod verify;
