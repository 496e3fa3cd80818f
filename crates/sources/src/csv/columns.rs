//! Turns the fields of a text into Arrow columns.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::scan::{Field, Kind};

/// Which fields are null, and how quotes are written inside of a field.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    is_empty_null: bool,
    /// None of them empty.
    null: Vec<String>,
    quote: u8,
}

/// As many rows as stay in the processor's nearer caches while each of their columns is visited.
const ROWS_AT_ONCE: usize = 256;

impl Cells {
    pub(crate) fn new(null: &[String], quote: Option<u8>) -> Self {
        let (empty, null): (Vec<_>, Vec<_>) = null.iter().cloned().partition(String::is_empty);
        Self {
            is_empty_null: !empty.is_empty(),
            null,
            quote: quote.unwrap_or_default(),
        }
    }

    /// The columns of `fields`, which lie row by row. Rows are taken some at a time and then column
    /// by column, which keeps one builder at hand instead of all in turn.
    pub(crate) fn columns(
        &self,
        text: &str,
        fields: &[Field],
        schema: &SchemaRef,
    ) -> Result<RecordBatch, ArrowError> {
        let width = schema.fields().len();
        let (rows, bytes) = (fields.len() / width, text.len() / width);
        let column = || StringBuilder::with_capacity(rows, bytes);
        let mut columns: Vec<StringBuilder> = (0..width).map(|_| column()).collect();
        for rows in fields.chunks(width * ROWS_AT_ONCE) {
            for (index, column) in columns.iter_mut().enumerate() {
                rows.iter()
                    .skip(index)
                    .step_by(width)
                    .for_each(|field| self.append(text, *field, column));
            }
        }
        let columns = columns
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef);
        RecordBatch::try_new(Arc::clone(schema), columns.collect())
    }

    /// What stands between quotes, with doubled ones made single.
    pub(crate) fn unescape(&self, cell: &str) -> String {
        let quote = char::from(self.quote);
        cell.replace(&format!("{quote}{quote}"), &quote.to_string())
    }

    #[inline]
    fn append(&self, text: &str, field: Field, column: &mut StringBuilder) {
        let cell = text.get(field.start()..field.end()).unwrap_or_default();
        match field.kind() {
            Kind::Bare if self.is_null(cell) => column.append_null(),
            Kind::Bare | Kind::Quoted => column.append_value(cell),
            Kind::Escaped => self.append_unescaped(cell, column),
        }
    }

    /// Copies what lies between doubled quotes straight into the column.
    fn append_unescaped(&self, cell: &str, column: &mut StringBuilder) {
        let (quote, mut rest) = (char::from(self.quote), cell);
        while let Some(at) = rest.find(quote) {
            let (piece, doubled) = rest.split_at(at + 1);
            // A builder in memory takes any text.
            let _ = column.write_str(piece);
            rest = doubled.strip_prefix(quote).unwrap_or(doubled);
        }
        let _ = column.write_str(rest);
        column.append_value("");
    }

    #[inline]
    fn is_null(&self, cell: &str) -> bool {
        if cell.is_empty() {
            self.is_empty_null
        } else {
            self.null.iter().any(|null| null == cell)
        }
    }
}
