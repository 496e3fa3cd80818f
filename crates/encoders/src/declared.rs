//! Records against the columns that were declared for them.

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, JsonRecords, Misfit, Records, is_declared, is_marked};

use crate::decode::{Column, conform};
use crate::keys::Keys;
use crate::shred::{self, Slots};

/// The first record with a value that its declared column doesn't take.
pub(crate) fn first_misfit(
    declared: &SchemaRef,
    records: &Records,
) -> Result<Option<Misfit>, EncodeError> {
    match records {
        Records::Json(records) => of_json(declared, records),
        Records::Text(batch) => conform::misfit_of_texts(batch, &exact(declared)),
        Records::Columns(batch) => conform::misfit_of_columns(batch, &exact(declared)),
    }
}

/// The columns of which more is declared than the kind of their values: texts have none, and columns their types.
fn exact(declared: &SchemaRef) -> SchemaRef {
    let fields = declared.fields().iter();
    let fields: Vec<FieldRef> = fields.filter(|it| is_declared(it)).cloned().collect();
    SchemaRef::new(Schema::new(fields))
}

fn of_json(declared: &SchemaRef, records: &JsonRecords) -> Result<Option<Misfit>, EncodeError> {
    let fields = declared.fields();
    let mut columns = DeclaredColumns::of(declared)?;
    let mut keys = Keys::new(fields.iter().map(|field| field.name().as_str()));
    let mut slots = Slots::default();
    for range in shred::chunks(records) {
        let start = range.start;
        let spans = records.spans().get(range).unwrap_or_default();
        slots.shred_known(records.text(), spans, &mut keys);
        if let Some(misfit) = columns.misfit(records.text(), &slots, spans.len())? {
            let at = start + misfit.at;
            return Ok(Some(Misfit { at, ..misfit }));
        }
    }
    Ok(None)
}

/// The columns of a schema that were declared.
pub(crate) struct DeclaredColumns {
    /// They alone.
    schema: SchemaRef,
    /// By their places among all.
    columns: Vec<(usize, Column)>,
}

impl DeclaredColumns {
    pub(crate) fn of(schema: &SchemaRef) -> Result<Self, EncodeError> {
        let fields = schema.fields().iter().enumerate();
        let declared: Vec<(usize, &FieldRef)> = fields.filter(|(_, it)| is_marked(it)).collect();
        let columns = declared
            .iter()
            .map(|(at, field)| Ok((*at, Column::new(field)?)));
        let columns = columns.collect::<Result<_, EncodeError>>()?;
        let fields = declared
            .into_iter()
            .map(|(_, field)| FieldRef::clone(field));
        let schema = SchemaRef::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self { schema, columns })
    }

    /// The first of some records with a value that its column doesn't take.
    pub(crate) fn misfit_of(&self, records: &Records) -> Result<Option<Misfit>, EncodeError> {
        match self.columns.is_empty() {
            true => Ok(None),
            false => first_misfit(&self.schema, records),
        }
    }

    /// The first of some rows with a value that its column doesn't take.
    pub(crate) fn misfit(
        &mut self,
        text: &[u8],
        slots: &Slots,
        mut rows: usize,
    ) -> Result<Option<Misfit>, EncodeError> {
        let mut first = None;
        for (at, column) in &mut self.columns {
            if let Some(misfit) = column.first_misfit(text, &slots.column(*at)[..rows])? {
                rows = misfit.at;
                first = Some(misfit);
            }
        }
        Ok(first)
    }

    /// What they take up, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.columns.len() * Column::BYTES
    }
}
