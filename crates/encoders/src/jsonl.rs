//! jsonl: one object a line.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use spile_core::{EncodeError, Encoder, Encoding, JsonRecords, Misfit, Records, WriteError};

use crate::cells::{Cells, nested, out_of_range};
use crate::format::Format;
use crate::sink::{Codec, Sink};
use crate::{canonical, escape, infer};

const FORMAT: &str = "jsonl";

/// Makes jsonl objects.
#[derive(Debug)]
pub(crate) struct JsonlEncoding {
    pub(crate) format: Format,
    pub(crate) codec: Codec,
}

impl Encoding for JsonlEncoding {
    fn extension(&self) -> &str {
        self.format.extension()
    }

    fn content_type(&self) -> &str {
        self.format.content_type()
    }

    /// Each line says for itself what it holds.
    fn schema_kind(&self) -> Option<&'static str> {
        None
    }

    fn misfit(&self, _: &SchemaRef, _: &Records) -> Result<Option<Misfit>, EncodeError> {
        Ok(None)
    }

    /// Of texts the types, which tell numbers from text. Of other records none: each line says for
    /// itself what it holds.
    fn schema(
        &self,
        known: Option<&SchemaRef>,
        sample: &Records,
    ) -> Result<SchemaRef, EncodeError> {
        match sample {
            Records::Text(_) => infer::of_sample(known, sample),
            Records::Json(_) | Records::Columns(_) => {
                Ok(known.map_or_else(|| SchemaRef::new(Schema::empty()), Arc::clone))
            }
        }
    }

    fn object_memory_bytes(&self) -> usize {
        self.codec.memory_bytes()
    }

    fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>, EncodeError> {
        let (schema, sink) = (Arc::clone(schema), Sink::new(self.codec));
        Ok(Box::new(JsonlEncoder { schema, sink }))
    }
}

struct JsonlEncoder {
    schema: SchemaRef,
    sink: Sink,
}

impl Encoder for JsonlEncoder {
    fn write(&mut self, records: &Records) -> Result<(), WriteError> {
        match records {
            Records::Json(records) => push_records(records, self.sink.text()),
            Records::Text(batch) => self.write_text(batch),
            Records::Columns(batch) => self.write_columns(batch)?,
        }
        Ok(self.sink.settle()?)
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
        self.sink.memory_bytes()
    }

    fn pending_bytes(&self) -> usize {
        self.sink.pending_bytes()
    }
}

impl JsonlEncoder {
    fn write_text(&mut self, batch: &RecordBatch) {
        let column = |(field, array): (_, &Arc<dyn Array>)| self.text_column(field, array);
        let fields = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|field| field.name().as_str());
        let columns: Vec<TextColumn> = fields.zip(batch.columns()).filter_map(column).collect();
        let text = self.sink.text();
        for row in 0..batch.num_rows() {
            let mut separator = b'{';
            for column in &columns {
                text.push(separator);
                column.push(row, text);
                separator = b',';
            }
            text.extend_from_slice(if separator == b'{' { b"{}\n" } else { b"}\n" });
        }
    }

    fn text_column(&self, name: &str, array: &Arc<dyn Array>) -> Option<TextColumn> {
        let texts = array.as_string_opt::<i32>()?.clone();
        let is_value = match self
            .schema
            .field_with_name(name)
            .map(|field| field.data_type())
        {
            Ok(DataType::Boolean) => |text: &str| canonical::boolean(text).is_some(),
            Ok(data_type) if data_type.is_numeric() => canonical::is_number,
            _ => |_: &str| false,
        };
        Some(TextColumn {
            key: escape::key(name),
            texts,
            is_value,
        })
    }

    fn write_columns(&mut self, batch: &RecordBatch) -> Result<(), EncodeError> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            columns.push((escape::key(field.name()), Cells::new(field, array, FORMAT)?));
        }
        let text = self.sink.text();
        for row in 0..batch.num_rows() {
            let columns = columns.iter().map(|(key, cells)| (key.as_slice(), cells));
            nested::push_object(columns, row, text).ok_or_else(|| out_of_range(FORMAT))?;
            text.push(b'\n');
        }
        Ok(())
    }
}

/// A column of texts, some of which may stand as values.
struct TextColumn {
    key: Vec<u8>,
    texts: StringArray,
    /// Whether a text is a value that is written as the same text.
    is_value: fn(&str) -> bool,
}

impl TextColumn {
    fn push(&self, row: usize, text: &mut Vec<u8>) {
        text.extend_from_slice(&self.key);
        if self.texts.is_null(row) {
            text.extend_from_slice(b"null");
            return;
        }
        let value = self.texts.value(row);
        match (self.is_value)(value) {
            true => text.extend_from_slice(value.as_bytes()),
            false => escape::push_quoted(value.as_bytes(), text),
        }
    }
}

/// Appends records' own text, a line each. Records that stand line by line in their buffer, as
/// those of a jsonl file do, are copied at once.
fn push_records(records: &JsonRecords, text: &mut Vec<u8>) {
    let buffer = records.text();
    text.reserve(records.text_bytes() + records.len());
    let mut spans = records.spans().iter().peekable();
    while let Some(first) = spans.next() {
        let mut end = first.end;
        while buffer.get(end as usize) == Some(&b'\n')
            && let Some(next) = spans.next_if(|next| next.start == end + 1)
        {
            end = next.end;
        }
        text.extend_from_slice(
            buffer
                .get(first.start as usize..end as usize)
                .unwrap_or_default(),
        );
        text.push(b'\n');
    }
}
