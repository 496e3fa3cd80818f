//! Whole lines of a text, block by block.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use memchr::memrchr;
use spile_core::json::{self, JsonError};
use spile_core::{Position, PositionUnit, SourceError};

use crate::text::Text;

/// Lines of an input of which none may be left out.
pub(crate) struct Lines {
    text: Text,
    /// Of the first line that wasn't passed.
    line: u64,
}

/// A block as text. It is asked at once whether it is UTF-8, which is cheaper than line by line; where it
/// isn't, each line is asked for itself.
pub(crate) struct Utf8<'a> {
    block: &'a [u8],
    text: Option<&'a str>,
}

impl<'a> Utf8<'a> {
    pub(crate) fn of(block: &'a [u8]) -> Self {
        let text = std::str::from_utf8(block).ok();
        Self { block, text }
    }

    /// The text of a part of it.
    #[inline]
    pub(crate) fn part(&self, range: Range<usize>) -> Result<&'a str, JsonError> {
        match self.text.and_then(|text| text.get(range.clone())) {
            Some(part) => Ok(part),
            None => json::utf8(self.block.get(range).unwrap_or_default()),
        }
    }
}

impl Lines {
    pub(crate) fn new(text: Text) -> Self {
        Self { text, line: 1 }
    }

    pub(crate) fn origin(&self) -> &Arc<str> {
        &self.text.origin
    }

    /// The number of the line that is read next.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// So many lines were read.
    pub(crate) fn pass(&mut self, lines: u64) {
        self.line += lines;
    }

    /// The next whole lines; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        let mut searched = 0;
        loop {
            if let Some(at) = memrchr(b'\n', &self.text.bytes()[searched..]) {
                return Ok(Some(self.take(searched + at + 1)));
            }
            searched = self.text.bytes().len();
            if self.text.is_ended() {
                return self.last();
            }
            if searched > self.text.sizes.record_bytes_max {
                return Err(self.too_long());
            }
            self.text.grow();
        }
    }

    fn last(&mut self) -> Result<Option<Bytes>, SourceError> {
        if let Some(fault) = self.text.take_fault() {
            return Err(fault);
        }
        let bytes = self.text.bytes().len();
        Ok((bytes > 0 && self.text.is_whole()).then(|| self.take(bytes)))
    }

    fn take(&mut self, bytes: usize) -> Bytes {
        self.text.split_to(bytes).into()
    }

    fn too_long(&self) -> SourceError {
        let bytes_max = self.text.sizes.record_bytes_max;
        SourceError::Message {
            position: Position {
                origin: Arc::clone(&self.text.origin),
                unit: PositionUnit::Line,
                number: self.line,
            },
            cause: too_long(bytes_max),
        }
    }
}

/// What is wrong with a line that is longer than may be.
pub(crate) fn too_long(bytes_max: usize) -> String {
    format!("it is longer than {bytes_max} bytes: limits.record_bytes sets how long one may be")
}
