//! The port that checkpoints go out by, once they are safe.

use std::io;

use async_trait::async_trait;

use crate::pending::Released;

/// Whoever is told of checkpoints: all records before them are in objects that have appeared, and the
/// record of the run says so.
#[async_trait]
pub trait CheckpointSink: Send {
    /// Tells of checkpoints, in their order. When this returns, they are out of the program's hands.
    ///
    /// # Errors
    /// Nobody listens any more: the run ends.
    async fn release(&mut self, released: &[Released]) -> io::Result<()>;
}
