//! What every format's reader does.

use spile_core::{PositionUnit, Records, SourceError};

/// Reads the records of one input.
pub(crate) trait Reader: Send {
    /// The next records, never none of them, or `None` at the end.
    ///
    /// After a [`SourceError::Record`] the records that follow can be read; after another error
    /// nothing can.
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError>;
}

/// A batch before its input's name is on it.
pub(crate) struct Piece {
    pub(crate) records: Records,
    pub(crate) unit: PositionUnit,
    /// Of the first record, from 1.
    pub(crate) number: u64,
}
