//! Batches of other sources, as batches of an object's schema.

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, Misfit, Span};

use super::{Column, Failure, physical, refuse_nulls, text};
use crate::cells::{Cells, out_of_range};
use crate::unknown::first_unknown;

/// The only format that has columns of types.
const FORMAT: &str = "parquet";

type Conformed = (RecordBatch, Option<Misfit>);

/// Texts as values of their columns' types: the rows before the first that doesn't fit, and that.
pub(crate) fn texts(batch: &RecordBatch, schema: &SchemaRef) -> Result<Conformed, EncodeError> {
    before_misfit(batch, schema, typed, first_unknown(batch, schema))
}

/// Columns as columns of the schema's types, which may be wider.
pub(crate) fn columns(batch: &RecordBatch, schema: &SchemaRef) -> Result<Conformed, EncodeError> {
    before_misfit(batch, schema, widen, first_unknown(batch, schema))
}

/// The first row that doesn't fit. Columns that the schema doesn't have are passed over.
pub(crate) fn misfit_of_texts(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<Option<Misfit>, EncodeError> {
    Ok(before_misfit(batch, schema, typed, None)?.1)
}

/// Like [`misfit_of_texts`], of columns with types.
pub(crate) fn misfit_of_columns(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<Option<Misfit>, EncodeError> {
    Ok(before_misfit(batch, schema, widen, None)?.1)
}

type Make = fn(&ArrayRef, &FieldRef, &FieldRef) -> Result<ArrayRef, Failure>;

fn typed(texts: &ArrayRef, _: &FieldRef, to: &FieldRef) -> Result<ArrayRef, Failure> {
    text::column(texts, to)
}

/// Builds the first rows, up to the first that doesn't fit: the one that is known, or an earlier
/// one.
fn before_misfit(
    batch: &RecordBatch,
    schema: &SchemaRef,
    make: Make,
    mut misfit: Option<Misfit>,
) -> Result<Conformed, EncodeError> {
    loop {
        let rows = misfit.as_ref().map_or(batch.num_rows(), |misfit| misfit.at);
        match build(&batch.slice(0, rows), schema, make) {
            Ok(batch) => return Ok((batch, misfit)),
            Err(Failure::Misfit(earlier)) => misfit = Some(earlier),
            Err(Failure::Encode(error)) => return Err(error),
        }
    }
}

fn build(batch: &RecordBatch, schema: &SchemaRef, make: Make) -> Result<RecordBatch, Failure> {
    let mut arrays = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        arrays.push(match batch.schema_ref().index_of(field.name()) {
            Ok(at) => make(batch.column(at), &batch.schema_ref().fields()[at], field)?,
            Err(_) => new_null_array(physical(field).data_type(), batch.num_rows()),
        });
    }
    let fields: Vec<FieldRef> = schema.fields().iter().map(physical).collect();
    for (field, array) in fields.iter().zip(&arrays) {
        refuse_nulls(field, array, None)?;
    }
    let schema = SchemaRef::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
}

fn widen(array: &ArrayRef, from: &FieldRef, to: &FieldRef) -> Result<ArrayRef, Failure> {
    if from.data_type() == to.data_type() && !to.data_type().is_null() {
        return Ok(ArrayRef::clone(array));
    }
    match (from.data_type(), to.data_type()) {
        (DataType::Float16 | DataType::Float32, DataType::Float64) => {
            Ok(cast(array, &DataType::Float64)?)
        }
        _ => by_text(array, from, to),
    }
}

/// Writes each value as JSON and reads it as the wider type, which takes it exactly or not at all.
fn by_text(array: &ArrayRef, from: &FieldRef, to: &FieldRef) -> Result<ArrayRef, Failure> {
    let cells = Cells::new(from, array, FORMAT)?;
    let mut column = Column::new(to)?;
    let (mut text, mut slots) = (Vec::new(), Vec::with_capacity(array.len()));
    for row in 0..array.len() {
        let start = offset(text.len())?;
        if !cells.is_null(row) {
            cells
                .push_json(row, &mut text)
                .ok_or_else(|| out_of_range(FORMAT))?;
        }
        let end = offset(text.len())?;
        let null = start == end;
        slots.push(if null {
            crate::shred::ABSENT
        } else {
            Span { start, end }
        });
    }
    column.build(&text, &slots)
}

fn offset(length: usize) -> Result<u32, Failure> {
    u32::try_from(length).map_err(|_| super::too_long())
}
