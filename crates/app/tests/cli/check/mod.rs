//! `spile check`: what it finds, what it says, and that it leaves nothing behind.

mod credentials;
mod folder;
mod interrupt;
mod lines;
mod role;
mod s3;
mod settings;
mod state;

pub(crate) use lines::lines;
