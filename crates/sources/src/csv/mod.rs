//! CSV by RFC 4180, strictly, as columns of text.
//!
//! The scanner is our own because none at hand tells a bare empty field, which is null, from a
//! quoted one, which is an empty text. It works on a whole block at a time: marks → fields → columns.

mod columns;
mod header;
mod marks;
mod scan;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use memchr::memchr_iter;
use spile_core::{Position, PositionUnit, Records, RejectedRecord, SourceError};

use crate::config::CsvInputConfig;
use crate::reader::{Piece, REJECTED_MAX, Reader};
use crate::text::Text;
use columns::Cells;
use scan::{Dialect, Fault, FaultKind, Field, Kind, scan};

/// Reads one input of CSV.
pub(crate) struct Csv {
    text: Text,
    dialect: Dialect,
    cells: Cells,
    has_header: bool,
    /// Whether the user chose the delimiter.
    is_delimiter_given: bool,
    schema: Option<SchemaRef>,
    /// Of the first byte in the window.
    line: u64,
    /// Of the next record.
    row: u64,
    /// Of the rows that were scanned last; kept for its room.
    fields: Vec<Field>,
    /// What ends the input behind the rows that were read.
    pending: Option<SourceError>,
    is_over: bool,
}

/// A row that can't be read, and those after it can.
struct BadRow {
    /// Where it begins.
    at: usize,
    /// Where the next one does.
    end: usize,
    /// How many good rows stand before it.
    before: usize,
    cause: String,
}

const FORMAT: &str = "csv";

impl Csv {
    /// `delimiter` holds where the configuration names none.
    pub(crate) fn new(text: Text, config: &CsvInputConfig, delimiter: u8) -> Self {
        Self {
            text,
            dialect: Dialect {
                delimiter: config.delimiter.unwrap_or(delimiter),
                quote: config.quote,
            },
            cells: Cells::new(&config.null, config.quote),
            has_header: config.header,
            is_delimiter_given: config.delimiter.is_some(),
            schema: None,
            line: 1,
            row: 1,
            fields: Vec::new(),
            pending: None,
            is_over: false,
        }
    }

    /// Reads the names of the columns, or counts them. `None` if the input is empty.
    fn schema(&mut self) -> Result<Option<SchemaRef>, SourceError> {
        if let Some(schema) = &self.schema {
            return Ok(Some(Arc::clone(schema)));
        }
        let stop = self.scan_some(None)?;
        if let Some(fault) = &stop.fault {
            return Err(self.explain(fault));
        }
        if self.fields.is_empty() {
            return Ok(None);
        }
        let schema = self.name_columns(stop.at)?;
        if self.has_header {
            self.consume(stop.at);
        }
        self.schema = Some(Arc::clone(&schema));
        Ok(Some(schema))
    }

    fn name_columns(&self, end: usize) -> Result<SchemaRef, SourceError> {
        if !self.has_header {
            return Ok(header::numbered(self.fields.len()));
        }
        let text = std::str::from_utf8(&self.text.bytes()[..end])
            .map_err(|_| self.format_error("the header isn't UTF-8".to_owned()))?;
        let guess = (!self.is_delimiter_given).then_some(self.dialect.delimiter);
        header::named(text, &self.fields, &self.cells, guess)
            .map_err(|cause| self.format_error(cause))
    }

    /// Scans what is in memory, and makes it more until that holds a row or a fault.
    fn scan_some(&mut self, width: Option<usize>) -> Result<scan::Stop, SourceError> {
        loop {
            self.fields.clear();
            let (text, is_whole) = (self.text.bytes(), self.text.is_whole());
            let stop = scan(text, 0, is_whole, self.dialect, width, &mut self.fields);
            let is_enough = !self.fields.is_empty() || stop.fault.is_some();
            if is_enough || self.text.is_ended() {
                return Ok(stop);
            }
            if width.is_some() {
                self.consume(stop.at);
            }
            if self.text.bytes().len() > self.text.sizes.record_bytes_max {
                return Err(self.too_long());
            }
            self.text.grow();
        }
    }

    fn too_long(&self) -> SourceError {
        self.format_error(format!(
            "the row on line {} is longer than {} bytes; perhaps a quote is never closed",
            self.line, self.text.sizes.record_bytes_max
        ))
    }

    /// Scans rows until there are some, ragged ones beside them.
    fn scan_rows(&mut self, width: usize) -> Result<(scan::Stop, Vec<BadRow>), SourceError> {
        let mut stop = self.scan_some(Some(width))?;
        let mut bad = Vec::new();
        while let Some(Fault {
            at,
            kind: FaultKind::Ragged(count),
        }) = stop.fault
        {
            let row = &self.text.bytes()[at..stop.at];
            let is_text = std::str::from_utf8(row).is_ok();
            bad.push(BadRow {
                at,
                end: stop.at,
                before: self.fields.len() / width,
                cause: self.ragged(count, width),
            });
            stop.fault = None;
            // Of what follows a row that isn't UTF-8, nothing more could be said at once.
            if !is_text || bad.len() == REJECTED_MAX {
                break;
            }
            let (text, is_whole) = (self.text.bytes(), self.text.is_whole());
            let width = Some(width);
            stop = scan(
                text,
                stop.at,
                is_whole,
                self.dialect,
                width,
                &mut self.fields,
            );
        }
        Ok((stop, bad))
    }

    /// Builds the columns of the rows that were scanned, up to the first that isn't UTF-8.
    fn piece(
        &mut self,
        stop: scan::Stop,
        mut bad: Vec<BadRow>,
        schema: &SchemaRef,
    ) -> Result<Option<Piece>, SourceError> {
        let width = schema.fields().len();
        let (mut end, mut fault) = (stop.at, stop.fault);
        let last_row = self.fields.last().map_or(0, |field| field.end());
        let valid = match std::str::from_utf8(&self.text.bytes()[..last_row]) {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                let row = self.row_at(at, width);
                let next = self.row_end(row, width, end);
                // Faults further on are found again when the rows before them have been read.
                bad.retain(|bad| bad.at < at);
                bad.push(BadRow {
                    at: self.row_start(row, width),
                    end: next,
                    before: row,
                    cause: self.not_utf8(at, schema),
                });
                (end, fault) = (next, None);
                self.fields.truncate(row * width);
                std::str::from_utf8(&self.text.bytes()[..at]).unwrap_or_default()
            }
        };
        let columns = self.cells.columns(valid, &self.fields, schema);
        let columns = columns.map_err(|error| self.format_error(error.to_string()))?;
        if let Some(fault) = fault {
            self.pending = Some(self.explain(&fault));
        }
        let before = bad.iter().take_while(|bad| bad.before == 0).count();
        let number = self.row + before as u64;
        self.row += (columns.num_rows() + bad.len()) as u64;
        let rejected = self.rejected(bad);
        self.consume(end);
        let piece = Piece {
            records: Records::Text(columns),
            unit: PositionUnit::Row,
            number,
            rejected,
        };
        let is_empty = piece.records.is_empty() && piece.rejected.is_empty();
        Ok((!is_empty).then_some(piece))
    }

    fn rejected(&self, bad: Vec<BadRow>) -> Vec<RejectedRecord> {
        let (text, mut counted, mut line) = (self.text.bytes(), 0, self.line);
        let rejected = |bad: BadRow| {
            line += memchr_iter(b'\n', &text[counted..bad.at]).count() as u64;
            counted = bad.at;
            let row = &text[bad.at..bad.end];
            let row = row.strip_suffix(b"\n").unwrap_or(row);
            RejectedRecord {
                position: Position {
                    origin: Arc::clone(&self.text.origin),
                    unit: PositionUnit::Line,
                    number: line,
                },
                cause: bad.cause,
                text: Bytes::copy_from_slice(row.strip_suffix(b"\r").unwrap_or(row)),
                is_cut: false,
                before: bad.before,
            }
        };
        bad.into_iter().map(rejected).collect()
    }

    /// The row that the byte at `at` belongs to.
    fn row_at(&self, at: usize, width: usize) -> usize {
        self.fields.partition_point(|field| field.end() <= at) / width
    }

    /// Where a row begins.
    fn row_start(&self, row: usize, width: usize) -> usize {
        let first = self.fields.get(row * width);
        first.map_or(0, |field| {
            field.start() - usize::from(field.kind() != Kind::Bare)
        })
    }

    /// Where the row after `row` begins.
    fn row_end(&self, row: usize, width: usize, end: usize) -> usize {
        let last = self.fields.get((row + 1) * width - 1);
        let bytes = self.text.bytes();
        let from = last.map_or(end, |field| field.end());
        memchr::memchr(b'\n', &bytes[from..end]).map_or(end, |at| from + at + 1)
    }

    fn not_utf8(&self, at: usize, schema: &SchemaRef) -> String {
        let width = schema.fields().len();
        let index = self.fields.partition_point(|field| field.end() <= at) % width;
        format!("column `{}` isn't UTF-8", schema.field(index).name())
    }

    fn ragged(&self, count: usize, width: usize) -> String {
        let expect = if self.has_header {
            "the header"
        } else {
            "the first row"
        };
        let fields = if count == 1 { "field" } else { "fields" };
        format!("it has {count} {fields}, {expect} has {width}")
    }

    fn explain(&mut self, fault: &Fault) -> SourceError {
        let line = self.line_of(fault.at);
        let quote = char::from(self.dialect.quote.unwrap_or_default());
        let set = "set `csv.quote` if quotes are written otherwise";
        self.is_over = true;
        match fault.kind {
            FaultKind::Ragged(count) => {
                self.format_error(format!("the row on line {line} has {count} fields"))
            }
            FaultKind::Unclosed => self.format_error(format!(
                "the {quote} that opens on line {line} is never closed"
            )),
            FaultKind::AfterQuote => self.format_error(format!(
                "text follows a closing {quote} on line {line}; {set}"
            )),
            FaultKind::StrayQuote => self.format_error(format!(
                "a {quote} stands inside of an unquoted field on line {line}; {set}"
            )),
        }
    }

    fn line_of(&self, at: usize) -> u64 {
        self.line + memchr_iter(b'\n', &self.text.bytes()[..at]).count() as u64
    }

    fn consume(&mut self, bytes: usize) {
        self.line = self.line_of(bytes);
        self.text.consume(bytes);
    }

    fn format_error(&self, cause: String) -> SourceError {
        SourceError::Format {
            origin: Arc::clone(&self.text.origin),
            format: FORMAT,
            cause,
        }
    }

    fn read_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        loop {
            if let Some(error) = self.pending.take() {
                return Err(error);
            }
            let Some(schema) = self.schema()? else {
                return self.end();
            };
            let (stop, bad) = self.scan_rows(schema.fields().len())?;
            let is_last = self.fields.is_empty() && stop.fault.is_none() && bad.is_empty();
            if is_last {
                return self.end();
            }
            if let Some(piece) = self.piece(stop, bad, &schema)? {
                return Ok(Some(piece));
            }
        }
    }

    fn end(&mut self) -> Result<Option<Piece>, SourceError> {
        self.is_over = true;
        self.text.take_fault().map_or(Ok(None), Err)
    }
}

impl Reader for Csv {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        if self.is_over && self.pending.is_none() {
            return Ok(None);
        }
        let piece = self.read_piece();
        self.is_over |= piece.is_err();
        piece
    }
}

#[cfg(test)]
mod tests;
