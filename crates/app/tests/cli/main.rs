//! The program as people run it: its command lines, what it says, and what it leaves behind.

mod bad_input;
mod command_line;
mod kit;
mod main_job;
