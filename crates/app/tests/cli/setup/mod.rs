//! What `spile setup` prints, read by the programs that it is meant for.

mod applied;
mod documents;
mod faults;
mod forms;
mod help;
