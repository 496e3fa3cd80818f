//! JSON lines: the text is cut at line breaks and checked, and never copied apart.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr_iter, memrchr};
use spile_core::{
    JsonRecords, Position, PositionUnit, Records, RejectedRecord, SourceError, Span, StreamName,
    json::Checker,
};

use crate::lines::Utf8;
use crate::quarantined;
use crate::reader::{Piece, REJECTED_MAX, Reader};
use crate::text::Text;

/// Reads one input of JSON lines.
pub(crate) struct Jsonl {
    text: Text,
    /// Of the first line in the window.
    line: u64,
    /// A block that is still to be read behind its first bad records.
    rest: Option<Bytes>,
    /// Within a line that is too long, of which only the beginning is kept.
    is_skipping: bool,
    lines: Lines,
    /// The stream of the input, where that is all there is to tell the streams of lines by.
    stream: Option<StreamName>,
    checker: Checker,
}

/// What the lines are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// The first will tell.
    Unknown,
    Records,
    /// Records that were set aside.
    Quarantined,
}

/// What comes next of the input.
enum Next {
    /// Whole lines.
    Block(Bytes),
    /// A line that is too long.
    TooLong(Bad),
}

/// The records of a block.
#[derive(Default)]
pub(crate) struct Framed {
    pub(crate) spans: Vec<Span>,
    /// The first record's.
    pub(crate) line: u64,
    pub(crate) bad: Vec<Bad>,
    /// How many lines were passed.
    pub(crate) lines: u64,
    /// Where the block goes on, if it had too many bad records.
    pub(crate) next: Option<usize>,
}

/// A line that is no record.
pub(crate) struct Bad {
    pub(crate) line: u64,
    pub(crate) text: Bytes,
    pub(crate) is_cut: bool,
    pub(crate) cause: String,
    /// How many records stand before it.
    pub(crate) before: usize,
}

/// So much is kept of a record that is too long.
const CUT_BYTES: usize = 64 << 10;

impl Jsonl {
    /// `stream` is the stream of the input, where nobody has said of which stream all lines are.
    pub(crate) fn new(text: Text, stream: Option<StreamName>) -> Self {
        Self {
            text,
            line: 1,
            rest: None,
            is_skipping: false,
            lines: Lines::Unknown,
            stream,
            checker: Checker::default(),
        }
    }

    fn rejected(&self, bad: Bad) -> RejectedRecord {
        RejectedRecord {
            position: Position {
                origin: Arc::clone(&self.text.origin),
                unit: PositionUnit::Line,
                number: bad.line,
            },
            cause: bad.cause,
            text: bad.text,
            is_cut: bad.is_cut,
            before: bad.before,
        }
    }

    /// What comes next, or `None` at the end.
    fn next(&mut self) -> Result<Option<Next>, SourceError> {
        if let Some(rest) = self.rest.take() {
            return Ok(Some(Next::Block(rest)));
        }
        let mut searched = 0;
        loop {
            if let Some(at) = memrchr(b'\n', &self.text.bytes()[searched..]) {
                let block = self.text.split_to(searched + at + 1);
                return Ok(Some(Next::Block(block.into())));
            }
            searched = self.text.bytes().len();
            if self.text.is_ended() {
                return Ok(self.last_block()?.map(Next::Block));
            }
            if searched > self.text.sizes.record_bytes_max {
                return Ok(Some(Next::TooLong(self.too_long())));
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

    /// The line goes on beyond the window: of what is there, only the beginning is kept.
    fn too_long(&mut self) -> Bad {
        let text = self.text.bytes();
        let bad = Bad {
            line: self.line,
            text: Bytes::copy_from_slice(&text[..text.len().min(CUT_BYTES)]),
            is_cut: true,
            cause: too_long(self.text.sizes.record_bytes_max),
            before: 0,
        };
        self.text.consume(text.len());
        self.is_skipping = true;
        bad
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

    /// The lines of a block, and the text that their records stand in.
    fn frame(&mut self, block: &Bytes) -> (Bytes, Framed) {
        if self.lines == Lines::Unknown && !block.trim_ascii().is_empty() {
            self.lines = match quarantined::is_quarantined(block) {
                true => Lines::Quarantined,
                false => Lines::Records,
            };
        }
        let bytes_max = self.text.sizes.record_bytes_max;
        match self.lines {
            Lines::Quarantined => {
                quarantined::frame(block, self.line, bytes_max, self.stream.as_ref())
            }
            Lines::Unknown | Lines::Records => {
                let framed = frame(block, self.line, bytes_max, &mut self.checker);
                (block.clone(), framed)
            }
        }
    }

    fn piece(&mut self, block: &Bytes) -> Result<Option<Piece>, SourceError> {
        let (text, framed) = self.frame(block);
        let end = framed.next.unwrap_or(block.len());
        self.line += framed.lines;
        self.rest = Some(block.slice(end..)).filter(|rest| !rest.is_empty());
        if framed.spans.is_empty() && framed.bad.is_empty() {
            return Ok(None);
        }
        let records =
            JsonRecords::new(text, framed.spans).map_err(|error| SourceError::Format {
                origin: Arc::clone(&self.text.origin),
                format: "jsonl",
                cause: error.to_string(),
            })?;
        Ok(Some(Piece {
            records: Records::Json(records),
            unit: PositionUnit::Line,
            number: framed.line,
            rejected: framed
                .bad
                .into_iter()
                .map(|bad| self.rejected(bad))
                .collect(),
        }))
    }

    fn piece_of_bad(&self, bad: Bad) -> Result<Piece, SourceError> {
        let none = JsonRecords::new(Bytes::new(), Vec::new());
        let records = none.map_err(|error| SourceError::Format {
            origin: Arc::clone(&self.text.origin),
            format: "jsonl",
            cause: error.to_string(),
        })?;
        Ok(Piece {
            records: Records::Json(records),
            unit: PositionUnit::Line,
            number: bad.line,
            rejected: vec![self.rejected(bad)],
        })
    }
}

impl Reader for Jsonl {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        loop {
            self.skip_line();
            match self.next()? {
                None => return Ok(None),
                Some(Next::TooLong(bad)) => return self.piece_of_bad(bad).map(Some),
                Some(Next::Block(block)) => {
                    if let Some(piece) = self.piece(&block)? {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}

/// Finds the records in whole lines of text.
fn frame(block: &[u8], first_line: u64, record_bytes_max: usize, checker: &mut Checker) -> Framed {
    let mut framed = Framed {
        line: first_line,
        ..Framed::default()
    };
    let text = Utf8::of(block);
    let (mut start, mut line) = (0, first_line);
    let unended = (block.last() != Some(&b'\n')).then_some(block.len());
    for end in memchr_iter(b'\n', block).chain(unended) {
        let span = trim(block, start, end);
        let range = span.start as usize..span.end as usize;
        framed.lines += 1;
        if !range.is_empty() {
            let record = &block[range.clone()];
            match check(&text, range, record_bytes_max, checker) {
                Ok(()) => framed.add(span, line, block.len() / (end - start + 1) + 1),
                Err(cause) => {
                    let cause = explain(record, line, cause);
                    framed.reject(line, record, cause, record_bytes_max);
                    if framed.bad.len() == REJECTED_MAX {
                        framed.next = Some(block.len().min(end + 1));
                        break;
                    }
                }
            }
        }
        (start, line) = (end + 1, line + 1);
    }
    framed
}

impl Framed {
    /// Adds a record, of about so many.
    #[inline]
    pub(crate) fn add(&mut self, span: Span, line: u64, about: usize) {
        if self.spans.is_empty() {
            self.line = line;
            // Lines of a file are of like length, as a rule.
            self.spans.reserve(about);
        }
        self.spans.push(span);
    }

    pub(crate) fn reject(&mut self, line: u64, text: &[u8], cause: String, bytes_max: usize) {
        let is_cut = text.len() > bytes_max;
        let kept = text.len().min(if is_cut { CUT_BYTES } else { usize::MAX });
        self.bad.push(Bad {
            line,
            // A part of a block would keep all of it in memory.
            text: Bytes::copy_from_slice(&text[..kept]),
            is_cut,
            cause,
            before: self.spans.len(),
        });
    }
}

/// Checks the record that is a part of a text.
pub(crate) fn check(
    text: &Utf8<'_>,
    record: Range<usize>,
    record_bytes_max: usize,
    checker: &mut Checker,
) -> Result<(), String> {
    if record.len() > record_bytes_max {
        return Err(too_long(record_bytes_max));
    }
    let checked = text
        .part(record)
        .and_then(|record| checker.check_text(record));
    checked.map_err(|error| error.to_string())
}

fn too_long(record_bytes_max: usize) -> String {
    format!("it is longer than {record_bytes_max} bytes")
}

/// The range without spaces, tabs and carriage returns around it.
pub(crate) fn trim(block: &[u8], mut start: usize, mut end: usize) -> Span {
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
fn explain(record: &[u8], line: u64, cause: String) -> String {
    match line == 1 && !record.ends_with(b"}") {
        true => format!("{cause}; one object a line is expected, and none over several"),
        false => cause,
    }
}

#[cfg(test)]
mod tests;
