//! Records to batches of columns.

use std::ops::Range;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, JsonRecords, Misfit};

use super::nested::refuse_nulls;
use super::{Column, Failure};
use crate::keys::Keys;
use crate::shred::Slots;

/// Makes batches of JSON records by one schema.
#[derive(Debug)]
pub(crate) struct RowDecoder {
    schema: SchemaRef,
    keys: Keys,
    slots: Slots,
    columns: Vec<Column>,
}

/// The records before the first that doesn't fit, and that.
pub(crate) struct Decoded {
    pub(crate) batch: RecordBatch,
    pub(crate) misfit: Option<Misfit>,
}

impl RowDecoder {
    pub(crate) fn new(schema: &SchemaRef) -> Result<Self, EncodeError> {
        let fields = schema.fields();
        let keys = Keys::new(fields.iter().map(|field| field.name().as_str()));
        let columns: Vec<Column> = fields.iter().map(Column::new).collect::<Result<_, _>>()?;
        let physical: Vec<_> = columns
            .iter()
            .map(|column| FieldRef::clone(&column.field))
            .collect();
        let schema = Schema::new_with_metadata(physical, schema.metadata().clone());
        Ok(Self {
            schema: SchemaRef::new(schema),
            keys,
            slots: Slots::default(),
            columns,
        })
    }

    /// Decodes some of the records. Where one doesn't fit, the columns are built once more without
    /// it: that is rare, since it also ends the object.
    pub(crate) fn decode(
        &mut self,
        records: &JsonRecords,
        range: Range<usize>,
    ) -> Result<Decoded, EncodeError> {
        let text = records.text();
        let spans = records.spans().get(range).unwrap_or_default();
        let unknown = self.slots.shred(text, spans, &mut self.keys);
        let rows = unknown.as_ref().map_or(spans.len(), |unknown| unknown.row);
        let misfit = unknown.map(|unknown| unknown.misfit(text));
        self.before_misfit(text, rows, misfit)
    }

    /// Builds the first rows: fewer than are asked for where one of them doesn't fit.
    fn before_misfit(
        &mut self,
        text: &[u8],
        mut rows: usize,
        mut misfit: Option<Misfit>,
    ) -> Result<Decoded, EncodeError> {
        loop {
            match self.build(text, rows) {
                Ok(batch) => return Ok(Decoded { batch, misfit }),
                Err(Failure::Misfit(earlier)) => {
                    rows = earlier.at;
                    misfit = Some(earlier);
                }
                Err(Failure::Encode(error)) => return Err(error),
            }
        }
    }

    /// Gives back the memory that is needed during one call only: thousands of objects can be open.
    pub(crate) fn release(&mut self) {
        self.slots = Slots::default();
        self.columns.iter_mut().for_each(Column::release);
    }

    /// What it takes up between calls, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.columns.len() * Column::BYTES
    }

    fn build(&mut self, text: &[u8], rows: usize) -> Result<RecordBatch, Failure> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter_mut().enumerate() {
            let array = column.build(text, &self.slots.column(at)[..rows])?;
            refuse_nulls(&column.field, &array, None)?;
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(
            SchemaRef::clone(&self.schema),
            arrays,
            &options,
        )?)
    }
}
