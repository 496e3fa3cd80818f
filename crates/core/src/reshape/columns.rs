//! Tables with other columns.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;

use super::names::{Fate, Names};

/// The columns of a table that stay, by their new names. None is copied.
pub(super) fn reshape(names: &Names, table: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = table.schema_ref();
    let fates = schema.fields().iter().map(|it| names.of_column(it.name()));
    let fates: Vec<Fate> = fates.collect();
    if fates.iter().all(|fate| matches!(fate, Fate::Stays { .. })) {
        return Ok(table.clone());
    }
    names.check(fates.iter().copied())?;
    let columns = schema.fields().iter().zip(table.columns()).zip(fates);
    let afterwards = |((field, array), fate)| Some((names.column(field, fate)?, Arc::clone(array)));
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.filter_map(afterwards).unzip();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    // Without a column, nothing else would tell how many records there are.
    let rows = RecordBatchOptions::new().with_row_count(Some(table.num_rows()));
    RecordBatch::try_new_with_options(SchemaRef::new(schema), arrays, &rows)
}
