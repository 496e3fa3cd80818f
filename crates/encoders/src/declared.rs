//! Records against the columns that were declared for them.

use arrow::datatypes::SchemaRef;
use spile_core::{EncodeError, JsonRecords, Misfit, Records};

use crate::decode::{RowDecoder, conform};
use crate::shred;

/// The first record with a value that its declared column doesn't take.
pub(crate) fn first_misfit(
    declared: &SchemaRef,
    records: &Records,
) -> Result<Option<Misfit>, EncodeError> {
    match records {
        Records::Json(records) => of_json(declared, records),
        Records::Text(batch) => conform::misfit_of_texts(batch, declared),
        Records::Columns(batch) => conform::misfit_of_columns(batch, declared),
    }
}

fn of_json(declared: &SchemaRef, records: &JsonRecords) -> Result<Option<Misfit>, EncodeError> {
    let mut decoder = RowDecoder::new(declared)?;
    for range in shred::chunks(records) {
        let start = range.start;
        if let Some(misfit) = decoder.misfit(records, range)? {
            let at = start + misfit.at;
            return Ok(Some(Misfit { at, ..misfit }));
        }
    }
    Ok(None)
}
