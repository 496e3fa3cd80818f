//! csv: a header line, then a line a record.

mod field;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use spile_core::{
    EncodeError, Encoder, Encoding, JsonRecords, Misfit, Records, Span, WriteError, json,
};

use crate::cells::{Cells, out_of_range};
use crate::declared::{self, DeclaredColumns};
use crate::format::Format;
use crate::infer;
use crate::keys::Keys;
use crate::shred::{self, ABSENT, Slots, slice};
use crate::sink::{Codec, Sink};
use crate::unknown::first_unknown;
pub(crate) use field::Dialect;

const FORMAT: &str = "csv";

/// Makes csv objects.
#[derive(Debug)]
pub(crate) struct CsvEncoding {
    pub(crate) format: Format,
    pub(crate) codec: Codec,
    pub(crate) dialect: Dialect,
    pub(crate) header: bool,
}

impl Encoding for CsvEncoding {
    fn extension(&self) -> &str {
        self.format.extension()
    }

    fn content_type(&self) -> &str {
        self.format.content_type()
    }

    fn schema_kind(&self) -> Option<&'static str> {
        Some(FORMAT)
    }

    fn misfit(
        &self,
        declared: &SchemaRef,
        records: &Records,
    ) -> Result<Option<Misfit>, EncodeError> {
        declared::first_misfit(declared, records)
    }

    /// The names, all as text: csv knows no types.
    fn schema(
        &self,
        known: Option<&SchemaRef>,
        sample: &Records,
    ) -> Result<SchemaRef, EncodeError> {
        let schema = infer::names_of_sample(known, sample)?;
        let text = |field: &FieldRef| Field::new(field.name(), DataType::Utf8, true);
        let fields: Vec<Field> = schema.fields().iter().map(text).collect();
        Ok(SchemaRef::new(Schema::new(fields)))
    }

    fn object_memory_bytes(&self) -> usize {
        self.codec.memory_bytes()
    }

    fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>, EncodeError> {
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        let mut encoder = CsvEncoder {
            dialect: self.dialect.clone(),
            declared: DeclaredColumns::of(schema)?,
            keys: Keys::new(names.iter().copied()),
            schema: Arc::clone(schema),
            slots: Slots::default(),
            scratch: Vec::new(),
            sink: Sink::new(self.codec),
        };
        if self.header && !names.is_empty() {
            encoder.push_header(&names);
        }
        Ok(Box::new(encoder))
    }
}

struct CsvEncoder {
    dialect: Dialect,
    schema: SchemaRef,
    /// The columns that take values of one type, or of one kind, only.
    declared: DeclaredColumns,
    keys: Keys,
    slots: Slots,
    /// A value without its escapes.
    scratch: Vec<u8>,
    sink: Sink,
}

impl Encoder for CsvEncoder {
    fn write(&mut self, records: &Records) -> Result<(), WriteError> {
        let misfit = match records {
            Records::Json(records) => self.write_json(records)?,
            Records::Text(batch) | Records::Columns(batch) => {
                let misfit = self.first_misfit(batch, records)?;
                self.write_columns(batch, misfit.as_ref())?;
                misfit
            }
        };
        // Thousands of objects can be open: none keeps what it needs for one call only.
        self.slots = Slots::default();
        self.scratch = Vec::new();
        self.sink.settle()?;
        misfit.map_or(Ok(()), |misfit| Err(WriteError::Misfit(misfit)))
    }

    fn take_output(&mut self) -> Vec<u8> {
        self.sink.take_output()
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, EncodeError> {
        self.sink.finish()
    }

    fn output_bytes(&self) -> usize {
        self.sink.output_bytes()
    }

    fn memory_bytes(&self) -> usize {
        self.sink.memory_bytes() + self.keys.memory_bytes() + self.declared.memory_bytes()
    }

    fn pending_bytes(&self) -> usize {
        self.sink.pending_bytes()
    }
}

impl CsvEncoder {
    fn push_header(&mut self, names: &[&str]) {
        let line = self.sink.text();
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                line.push(self.dialect.delimiter);
            }
            self.dialect.push(name.as_bytes(), line);
        }
        line.push(b'\n');
    }

    fn write_json(&mut self, records: &JsonRecords) -> Result<Option<Misfit>, EncodeError> {
        for range in shred::chunks(records) {
            let start = range.start;
            let spans = &records.spans()[range];
            let misfit = self.shred(records.text(), spans)?;
            for row in 0..misfit.as_ref().map_or(spans.len(), |misfit| misfit.at) {
                self.push_json_row(records.text(), row)?;
            }
            if let Some(misfit) = misfit {
                let at = start + misfit.at;
                return Ok(Some(Misfit { at, ..misfit }));
            }
        }
        Ok(None)
    }

    /// Cuts objects, up to the first that doesn't fit.
    fn shred(&mut self, text: &[u8], spans: &[Span]) -> Result<Option<Misfit>, EncodeError> {
        let unknown = self.slots.shred(text, spans, &mut self.keys);
        let rows = unknown.as_ref().map_or(spans.len(), |unknown| unknown.row);
        let unknown = unknown.map(|unknown| unknown.misfit(text));
        Ok(self.declared.misfit(text, &self.slots, rows)?.or(unknown))
    }

    #[inline]
    fn push_json_row(&mut self, text: &[u8], row: usize) -> Result<(), EncodeError> {
        let line = self.sink.text();
        let start = line.len();
        for column in 0..self.keys.len() {
            if column > 0 {
                line.push(self.dialect.delimiter);
            }
            let slot = self.slots.column(column)[row];
            match slot {
                ABSENT => self.dialect.push_null(line),
                slot => push_json(slice(text, slot), &self.dialect, line, &mut self.scratch),
            }
        }
        end_line(start, line, &self.schema)
    }

    /// The first row of columns that doesn't fit.
    fn first_misfit(
        &self,
        batch: &RecordBatch,
        records: &Records,
    ) -> Result<Option<Misfit>, EncodeError> {
        let unknown = first_unknown(batch, &self.schema);
        let rows = unknown.as_ref().map_or(records.len(), |unknown| unknown.at);
        let misfit = self.declared.misfit_of(&records.slice(0..rows))?;
        Ok(misfit.or(unknown))
    }

    fn write_columns(
        &mut self,
        batch: &RecordBatch,
        misfit: Option<&Misfit>,
    ) -> Result<(), EncodeError> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            let found = batch.schema_ref().index_of(field.name()).ok();
            let column =
                found.map(|at| ColumnText::new(&batch.schema_ref().fields()[at], batch.column(at)));
            columns.push(column.transpose()?);
        }
        for row in 0..misfit.map_or(batch.num_rows(), |misfit| misfit.at) {
            self.push_row(&columns, row)?;
        }
        Ok(())
    }

    fn push_row(&mut self, columns: &[Option<ColumnText>], row: usize) -> Result<(), EncodeError> {
        let line = self.sink.text();
        let start = line.len();
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                line.push(self.dialect.delimiter);
            }
            match column.as_ref().filter(|column| !column.is_null(row)) {
                None => self.dialect.push_null(line),
                Some(column) => {
                    let pushed = column.push(row, &self.dialect, line, &mut self.scratch);
                    pushed.ok_or_else(|| out_of_range(FORMAT))?;
                }
            }
        }
        end_line(start, line, &self.schema)
    }
}

/// A batch's column on its way into lines.
enum ColumnText {
    Text(arrow::array::StringArray),
    Cells(Cells),
}

impl ColumnText {
    fn new(field: &FieldRef, array: &ArrayRef) -> Result<Self, EncodeError> {
        match array.as_string_opt::<i32>() {
            Some(texts) => Ok(ColumnText::Text(texts.clone())),
            None => Ok(ColumnText::Cells(Cells::new(field, array, FORMAT)?)),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            ColumnText::Text(texts) => texts.is_null(row),
            ColumnText::Cells(cells) => cells.is_null(row),
        }
    }

    fn push(
        &self,
        row: usize,
        dialect: &Dialect,
        line: &mut Vec<u8>,
        scratch: &mut Vec<u8>,
    ) -> Option<()> {
        match self {
            ColumnText::Text(texts) => dialect.push(texts.value(row).as_bytes(), line),
            ColumnText::Cells(cells) => {
                scratch.clear();
                cells.push_text(row, scratch)?;
                dialect.push(scratch, line);
            }
        }
        Some(())
    }
}

/// Appends a JSON value: a scalar's own text, a nested value's JSON text.
#[inline]
fn push_json(raw: &[u8], dialect: &Dialect, line: &mut Vec<u8>, scratch: &mut Vec<u8>) {
    match raw {
        [b'"', inner @ .., b'"'] => {
            if memchr::memchr(b'\\', inner).is_some() {
                scratch.clear();
                // Escapes of a checked record are well-formed.
                let _ = json::unescape_into(raw, scratch);
                dialect.push(scratch, line);
            } else if dialect.quote == b'"' {
                dialect.push_plain(inner, line);
            } else {
                dialect.push(inner, line);
            }
        }
        [b'{' | b'[', ..] => dialect.push(raw, line),
        _ => dialect.push_plain(raw, line),
    }
}

/// Ends a line. An empty one would be no record to most readers.
fn end_line(start: usize, line: &mut Vec<u8>, schema: &Schema) -> Result<(), EncodeError> {
    if line.len() == start {
        let field = schema.fields().first();
        return Err(EncodeError::Unsupported {
            format: FORMAT,
            column: field.map(|field| field.name().clone()).unwrap_or_default(),
            data_type: DataType::Null,
            hint: "a null alone on a line is a blank line, which readers skip: set csv.null",
        });
    }
    line.push(b'\n');
    Ok(())
}
