//! JSON lines: the text is cut at line breaks and checked, and never copied apart.

use bytes::Bytes;
use memchr::{memchr_iter, memrchr};
use spile_core::{JsonRecords, Position, PositionUnit, Records, SourceError, Span, json};

use crate::reader::{Piece, Reader};
use crate::text::Text;

/// Reads one input of JSON lines.
pub(crate) struct Jsonl {
    text: Text,
    /// Of the first line in the window.
    line: u64,
    /// A block whose records after a bad one are still to be read.
    rest: Option<Bytes>,
    pending: Option<SourceError>,
    /// Within a line that is too long, of which nothing is kept.
    is_skipping: bool,
}

/// The records of a block up to its end or the first bad one.
struct Framed {
    spans: Vec<Span>,
    /// The first record's.
    line: u64,
    bad: Option<Bad>,
}

struct Bad {
    line: u64,
    /// Where the line after it begins.
    next: usize,
    cause: String,
}

impl Jsonl {
    pub(crate) fn new(text: Text) -> Self {
        Self {
            text,
            line: 1,
            rest: None,
            pending: None,
            is_skipping: false,
        }
    }

    fn record_error(&self, line: u64, cause: String) -> SourceError {
        let origin = std::sync::Arc::clone(&self.text.origin);
        SourceError::Record {
            position: Position {
                origin,
                unit: PositionUnit::Line,
                number: line,
            },
            cause,
        }
    }

    /// A block of whole lines, or `None` at the end.
    fn next_block(&mut self) -> Result<Option<Bytes>, SourceError> {
        if let Some(rest) = self.rest.take() {
            return Ok(Some(rest));
        }
        let mut searched = 0;
        loop {
            if let Some(at) = memrchr(b'\n', &self.text.bytes()[searched..]) {
                return Ok(Some(self.text.split_to(searched + at + 1).into()));
            }
            searched = self.text.bytes().len();
            if self.text.is_ended() {
                return self.last_block();
            }
            if searched > self.text.sizes.record_bytes_max {
                return Err(self.too_long());
            }
            self.text.grow();
        }
    }

    fn last_block(&mut self) -> Result<Option<Bytes>, SourceError> {
        if let Some(fault) = self.text.take_fault() {
            return Err(fault);
        }
        let bytes = if self.text.is_whole() {
            self.text.bytes().len()
        } else {
            0
        };
        Ok((bytes > 0).then(|| self.text.split_to(bytes).into()))
    }

    /// The line goes on beyond the window: what is there of it is dropped.
    fn too_long(&mut self) -> SourceError {
        self.text.consume(self.text.bytes().len());
        self.is_skipping = true;
        let cause = format!(
            "it is longer than {} bytes",
            self.text.sizes.record_bytes_max
        );
        self.record_error(self.line, cause)
    }

    /// Reads past the rest of a line that is too long.
    fn skip_line(&mut self) {
        while self.is_skipping {
            let bytes = self.text.bytes();
            let end = memchr::memchr(b'\n', bytes);
            let dropped = end.map_or(bytes.len(), |end| end + 1);
            self.text.consume(dropped);
            self.is_skipping = end.is_none() && !self.text.is_ended();
            self.line += u64::from(!self.is_skipping);
            if self.is_skipping {
                self.text.grow();
            }
        }
    }

    fn piece(&mut self, block: Bytes) -> Result<Option<Piece>, SourceError> {
        let framed = frame(&block, self.line, self.text.sizes.record_bytes_max);
        match framed.bad {
            None => self.line += memchr_iter(b'\n', &block).count() as u64,
            Some(bad) => {
                let cause = explain(&block, self.line, &bad);
                self.pending = Some(self.record_error(bad.line, cause));
                self.rest = Some(block.slice(bad.next..)).filter(|rest| !rest.is_empty());
                self.line = bad.line + 1;
            }
        }
        if framed.spans.is_empty() {
            return Ok(None);
        }
        let records =
            JsonRecords::new(block, framed.spans).map_err(|error| SourceError::Format {
                origin: std::sync::Arc::clone(&self.text.origin),
                format: "jsonl",
                cause: error.to_string(),
            })?;
        let records = Records::Json(records);
        Ok(Some(Piece {
            records,
            unit: PositionUnit::Line,
            number: framed.line,
        }))
    }
}

impl Reader for Jsonl {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        loop {
            if let Some(error) = self.pending.take() {
                return Err(error);
            }
            self.skip_line();
            let Some(block) = self.next_block()? else {
                return Ok(None);
            };
            if let Some(piece) = self.piece(block)? {
                return Ok(Some(piece));
            }
        }
    }
}

/// Finds the records in whole lines of text.
fn frame(block: &[u8], first_line: u64, record_bytes_max: usize) -> Framed {
    let mut framed = Framed {
        spans: Vec::new(),
        line: first_line,
        bad: None,
    };
    let (mut start, mut line) = (0, first_line);
    let unended = (block.last() != Some(&b'\n')).then_some(block.len());
    for end in memchr_iter(b'\n', block).chain(unended) {
        let span = trim(block, start, end);
        let record = &block[span.start as usize..span.end as usize];
        if !record.is_empty() {
            if let Err(cause) = check(record, record_bytes_max) {
                framed.bad = Some(Bad {
                    line,
                    next: block.len().min(end + 1),
                    cause,
                });
                break;
            }
            if framed.spans.is_empty() {
                framed.line = line;
                // Lines of a file are of like length, as a rule.
                framed.spans.reserve(block.len() / (end - start + 1) + 1);
            }
            framed.spans.push(span);
        }
        (start, line) = (end + 1, line + 1);
    }
    framed
}

fn check(record: &[u8], record_bytes_max: usize) -> Result<(), String> {
    if record.len() > record_bytes_max {
        return Err(format!("it is longer than {record_bytes_max} bytes"));
    }
    json::check(record).map_err(|error| error.to_string())
}

/// The range without spaces, tabs and carriage returns around it.
fn trim(block: &[u8], mut start: usize, mut end: usize) -> Span {
    let is_blank = |at: usize| matches!(block[at], b' ' | b'\t' | b'\r');
    while start < end && is_blank(start) {
        start += 1;
    }
    while start < end && is_blank(end - 1) {
        end -= 1;
    }
    Span {
        start: start as u32,
        end: end as u32,
    }
}

/// Says what people usually meet when the very first line is no record.
fn explain(block: &[u8], block_line: u64, bad: &Bad) -> String {
    let line = block[..bad.next].trim_ascii();
    let opens_only = bad.line == 1 && block_line == 1 && !line.ends_with(b"}");
    let hint = if opens_only {
        "; one object a line is expected, and none over several"
    } else {
        ""
    };
    format!("{}{hint}", bad.cause)
}

#[cfg(test)]
mod tests;
