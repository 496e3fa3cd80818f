//! The port that objects of stores come in by.

use std::fmt;
use std::io::{self, Read};

/// Reads the objects that messages name. Which stores there are, and who asks them, is known to whoever
/// implements it.
pub trait Objects: Send + Sync + fmt::Debug {
    /// The content of an object from its beginning, by its URL: `s3://landing/orders/1.jsonl.gz`. What
    /// is read of it is read in pieces, so that an object of any size takes little memory.
    ///
    /// # Errors
    /// Why it can't be read, which may also turn out later.
    fn open(&self, url: &str) -> io::Result<Box<dyn Read + Send>>;
}
