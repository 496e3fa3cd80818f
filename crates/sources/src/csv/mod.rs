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
use memchr::memchr_iter;
use spile_core::{Position, PositionUnit, Records, SourceError};

use crate::config::CsvInputConfig;
use crate::reader::{Piece, Reader};
use crate::text::Text;
use columns::Cells;
use scan::{Dialect, Fault, FaultKind, Field, scan};

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
    pending: Option<SourceError>,
    is_over: bool,
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
            return Err(self.explain(fault, 0));
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

    /// Builds the columns of the rows that were scanned, up to the first that isn't UTF-8.
    fn piece(
        &mut self,
        stop: scan::Stop,
        schema: &SchemaRef,
    ) -> Result<Option<Piece>, SourceError> {
        let width = schema.fields().len();
        let (mut end, mut fault) = (stop.at, stop.fault);
        let rows_end = fault.as_ref().map_or(end, |fault| fault.at.min(end));
        let valid = match std::str::from_utf8(&self.text.bytes()[..rows_end]) {
            Ok(text) => text,
            Err(error) => {
                let bad = self.row_at(error.valid_up_to(), width);
                // A fault further on is found again when the rows before it have been read.
                (self.pending, fault) = (Some(self.not_utf8(error.valid_up_to(), schema)), None);
                end = self.row_end(bad, width, end);
                self.fields.truncate(bad * width);
                std::str::from_utf8(&self.text.bytes()[..error.valid_up_to()]).unwrap_or_default()
            }
        };
        let columns = self.cells.columns(valid, &self.fields, schema);
        let columns = columns.map_err(|error| self.format_error(error.to_string()))?;
        if let Some(fault) = fault {
            self.pending = Some(self.explain(&fault, width));
        }
        let number = self.row;
        self.row += columns.num_rows() as u64 + u64::from(self.pending.is_some());
        self.consume(end);
        let records = Records::Text(columns);
        Ok((!records.is_empty()).then_some(Piece {
            records,
            unit: PositionUnit::Row,
            number,
        }))
    }

    /// The row that the byte at `at` belongs to.
    fn row_at(&self, at: usize, width: usize) -> usize {
        self.fields.partition_point(|field| field.end() <= at) / width
    }

    /// Where the row after `row` begins.
    fn row_end(&self, row: usize, width: usize, end: usize) -> usize {
        let last = self.fields.get((row + 1) * width - 1);
        let bytes = self.text.bytes();
        let from = last.map_or(end, |field| field.end());
        memchr::memchr(b'\n', &bytes[from..end]).map_or(end, |at| from + at + 1)
    }

    fn not_utf8(&self, at: usize, schema: &SchemaRef) -> SourceError {
        let width = schema.fields().len();
        let index = self.fields.partition_point(|field| field.end() <= at) % width;
        let cause = format!("column `{}` isn't UTF-8", schema.field(index).name());
        self.record_error(self.line_of(at), cause)
    }

    fn explain(&mut self, fault: &Fault, width: usize) -> SourceError {
        let line = self.line_of(fault.at);
        let quote = char::from(self.dialect.quote.unwrap_or_default());
        let set = "set `csv.quote` if quotes are written otherwise";
        self.is_over = !matches!(fault.kind, FaultKind::Ragged(_));
        match fault.kind {
            FaultKind::Ragged(count) => {
                let expect = if self.has_header {
                    "the header"
                } else {
                    "the first row"
                };
                let fields = if count == 1 { "field" } else { "fields" };
                self.record_error(
                    line,
                    format!("it has {count} {fields}, {expect} has {width}"),
                )
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

    fn record_error(&self, line: u64, cause: String) -> SourceError {
        let origin = Arc::clone(&self.text.origin);
        let position = Position {
            origin,
            unit: PositionUnit::Line,
            number: line,
        };
        SourceError::Record { position, cause }
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
            let stop = self.scan_some(Some(schema.fields().len()))?;
            let is_last = self.fields.is_empty() && stop.fault.is_none();
            if is_last {
                return self.end();
            }
            if let Some(piece) = self.piece(stop, &schema)? {
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
        let is_fatal = matches!(&piece, Err(error) if !matches!(error, SourceError::Record { .. }));
        self.is_over |= is_fatal;
        piece
    }
}

#[cfg(test)]
mod tests;
