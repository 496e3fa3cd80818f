//! Batches of other sources, as batches of an object's schema.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, Misfit};

use super::{Failure, physical, refuse_nulls, text, typed};
use crate::unknown::first_unknown;

type Conformed = (RecordBatch, Option<Misfit>);

/// Texts as values of their columns' types: the rows before the first that doesn't fit, and that.
pub(crate) fn texts(batch: &RecordBatch, schema: &SchemaRef) -> Result<Conformed, EncodeError> {
    before_misfit(batch, schema, of_texts, first_unknown(batch, schema))
}

/// Columns as columns of the schema's types, which may be wider.
pub(crate) fn columns(batch: &RecordBatch, schema: &SchemaRef) -> Result<Conformed, EncodeError> {
    before_misfit(batch, schema, of_columns, first_unknown(batch, schema))
}

/// The first row that doesn't fit. Columns that the schema doesn't have are passed over.
pub(crate) fn misfit_of_texts(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<Option<Misfit>, EncodeError> {
    Ok(before_misfit(batch, schema, of_texts, None)?.1)
}

/// Like [`misfit_of_texts`], of columns with types.
pub(crate) fn misfit_of_columns(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<Option<Misfit>, EncodeError> {
    Ok(before_misfit(batch, schema, of_columns, None)?.1)
}

type Make = fn(&ArrayRef, &FieldRef, &FieldRef) -> Result<ArrayRef, Failure>;

fn of_texts(texts: &ArrayRef, _: &FieldRef, to: &FieldRef) -> Result<ArrayRef, Failure> {
    text::column(texts, to)
}

fn of_columns(array: &ArrayRef, from: &FieldRef, to: &FieldRef) -> Result<ArrayRef, Failure> {
    typed::column(array, from, to)
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
