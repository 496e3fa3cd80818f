//! Turns the fields of a text into Arrow columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::scan::{Field, Kind};

/// Which fields are null, and how quotes are written inside of a field.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    pub(crate) null: Vec<String>,
    pub(crate) quote: u8,
}

impl Cells {
    /// The columns of `fields`, which lie row by row. Going through them column by column keeps one
    /// builder at hand instead of all in turn.
    pub(crate) fn columns(
        &self,
        text: &str,
        fields: &[Field],
        schema: &SchemaRef,
    ) -> Result<RecordBatch, ArrowError> {
        let width = schema.fields().len();
        let column = |index| self.column(text, fields.iter().skip(index).step_by(width).copied());
        RecordBatch::try_new(Arc::clone(schema), (0..width).map(column).collect())
    }

    fn column(&self, text: &str, fields: impl ExactSizeIterator<Item = Field> + Clone) -> ArrayRef {
        let bytes = fields
            .clone()
            .map(|field| field.end() - field.start())
            .sum();
        let mut column = StringBuilder::with_capacity(fields.len(), bytes);
        for field in fields {
            let cell = text.get(field.start()..field.end()).unwrap_or_default();
            match field.kind() {
                Kind::Bare if self.is_null(cell) => column.append_null(),
                Kind::Bare | Kind::Quoted => column.append_value(cell),
                Kind::Escaped => column.append_value(self.unescape(cell)),
            }
        }
        Arc::new(column.finish())
    }

    /// What stands between quotes, with doubled ones made single.
    pub(crate) fn unescape(&self, cell: &str) -> String {
        let quote = char::from(self.quote);
        cell.replace(&format!("{quote}{quote}"), &quote.to_string())
    }

    #[inline]
    fn is_null(&self, cell: &str) -> bool {
        self.null.iter().any(|null| null == cell)
    }
}
