//! Columns that an object doesn't have.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, Schema};
use spile_core::Misfit;

/// The first row with a value in a column that isn't in the object's schema.
pub(crate) fn first_unknown(batch: &RecordBatch, schema: &Schema) -> Option<Misfit> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    let new = columns.filter(|(field, _)| schema.index_of(field.name()).is_err());
    let first = |(field, array)| Some((first_value(array)?, field));
    let (at, field): (usize, &FieldRef) = new.filter_map(first).min_by_key(|(at, _)| *at)?;
    Some(Misfit {
        at,
        column: field.name().clone(),
        expected: None,
        found: format!("a column of {}", field.data_type()),
    })
}

/// The first row that isn't null.
pub(crate) fn first_value(array: &ArrayRef) -> Option<usize> {
    let nulls = array.logical_nulls();
    (0..array.len()).find(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row)))
}
