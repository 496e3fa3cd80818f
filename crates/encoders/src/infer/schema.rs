//! The schema that an object begins with.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, JsonRecords, Records, json};

use super::columns::{appended, join_fields};
use super::facts::{Facts, ObjectFacts};
use crate::decode::{self, Column, Failure};
use crate::keys::{self, Keys};
use crate::shred::{self, Slots};

/// The columns of `known` in their order, widened and appended to so that every record of `sample`
/// fits. A known column that takes the whole sample stays as it is.
///
/// # Errors
/// Two columns of one name.
pub fn of_sample(known: Option<&SchemaRef>, sample: &Records) -> Result<SchemaRef, EncodeError> {
    let mut fields: Vec<FieldRef> = Vec::new();
    let mut metadata = Default::default();
    if let Some(known) = known {
        fields.extend(known.fields().iter().cloned());
        metadata = known.metadata().clone();
    }
    let fields = match sample {
        Records::Json(records) => of_json(&fields, records),
        Records::Text(batch) => of_text(fields, batch)?,
        Records::Columns(batch) => of_columns(fields, batch)?,
    };
    Ok(SchemaRef::new(Schema::new_with_metadata(fields, metadata)))
}

/// The columns of `known`, then those that the sample has besides, of any type.
pub(crate) fn names_of_sample(
    known: Option<&SchemaRef>,
    sample: &Records,
) -> Result<SchemaRef, EncodeError> {
    let fields = known
        .map(|known| known.fields().to_vec())
        .unwrap_or_default();
    let fields = match sample {
        Records::Json(records) => append_names(fields, records),
        Records::Text(batch) | Records::Columns(batch) => {
            merge(fields, batch, |_, at| batch.schema_ref().field(at).clone())?
        }
    };
    Ok(SchemaRef::new(Schema::new(fields)))
}

fn append_names(mut fields: Vec<FieldRef>, records: &JsonRecords) -> Vec<FieldRef> {
    let mut keys = Keys::new(fields.iter().map(|field| field.name().as_str()));
    for record in records.iter() {
        let mut next = 0;
        for (key, _) in json::fields(record) {
            next = 1 + keys.column(key, next).unwrap_or_else(|| {
                let name = keys::name(key).unwrap_or_default();
                keys.push(&name);
                fields.push(FieldRef::new(Field::new(name, DataType::Utf8, true)));
                fields.len() - 1
            });
        }
    }
    fields
}

/// A column that takes the values of both: the union of what their types say.
pub fn join(known: &Field, other: &Field) -> Field {
    join_fields(known, other)
}

fn of_json(known: &[FieldRef], records: &JsonRecords) -> Vec<FieldRef> {
    let mut seen = ObjectFacts::default();
    records.iter().for_each(|record| seen.see(record));
    let mut fitting = Fitting::new(known, records);
    let mut fields = Vec::with_capacity(seen.fields.len().max(known.len()));
    for (at, field) in known.iter().enumerate() {
        let fits = fitting.fits(at, field, records);
        let facts = std::mem::take(seen.field_mut(field.name()));
        fields.push(if fits {
            FieldRef::clone(field)
        } else {
            widened(field, facts)
        });
    }
    let is_new = |name: &str| !known.iter().any(|field| field.name() == name);
    let new = seen.fields.iter().filter(|(name, _)| is_new(name));
    fields.extend(new.map(|(name, facts)| FieldRef::new(facts.field(name))));
    fields
}

fn widened(known: &Field, seen: Facts) -> FieldRef {
    let field = Facts::of_field(known).union(seen).field(known.name());
    FieldRef::new(field)
}

/// Tells which known columns take all of a sample, by trying.
struct Fitting {
    chunks: Vec<Slots>,
}

impl Fitting {
    fn new(known: &[FieldRef], records: &JsonRecords) -> Self {
        let keys = &mut Keys::new(known.iter().map(|field| field.name().as_str()));
        let cut = |range| {
            let mut slots = Slots::default();
            slots.shred_known(records.text(), &records.spans()[range], keys);
            slots
        };
        Self {
            chunks: if known.is_empty() {
                vec![]
            } else {
                shred::chunks(records).map(cut).collect()
            },
        }
    }

    fn fits(&mut self, at: usize, field: &FieldRef, records: &JsonRecords) -> bool {
        let Ok(mut column) = Column::new(field) else {
            return true;
        };
        let mut builds = |slots: &Slots| column.build(records.text(), slots.column(at));
        self.chunks.iter().all(|slots| {
            builds(slots).is_ok_and(|array| field.is_nullable() || array.null_count() == 0)
        })
    }
}

fn of_text(known: Vec<FieldRef>, batch: &RecordBatch) -> Result<Vec<FieldRef>, EncodeError> {
    merge(known, batch, |known, at| {
        text_field(known, batch.schema_ref().field(at), batch.column(at))
    })
}

fn text_field(known: Option<&FieldRef>, field: &Field, texts: &ArrayRef) -> Field {
    let fits =
        |known: &&FieldRef| !matches!(decode::text::column(texts, known), Err(Failure::Misfit(_)));
    if let Some(known) = known.filter(fits) {
        return known.as_ref().clone();
    }
    let mut facts = known
        .map(|known| Facts::of_field(known))
        .unwrap_or_default();
    let texts = texts.as_string_opt::<i32>();
    texts
        .into_iter()
        .flatten()
        .flatten()
        .for_each(|text| facts.see_text(text));
    facts.text_field(field.name())
}

fn of_columns(known: Vec<FieldRef>, batch: &RecordBatch) -> Result<Vec<FieldRef>, EncodeError> {
    merge(known, batch, |known, at| {
        let field = batch.schema_ref().field(at);
        known.map_or_else(|| field.clone(), |known| join_fields(known, field))
    })
}

/// The known columns, then those that a batch has besides; each made by `field` from what is known
/// and the place in the batch.
fn merge(
    known: Vec<FieldRef>,
    batch: &RecordBatch,
    field: impl Fn(Option<&FieldRef>, usize) -> Field,
) -> Result<Vec<FieldRef>, EncodeError> {
    let began = known.is_empty();
    let mut fields = known;
    let mut names = HashSet::new();
    for (at, column) in batch.schema_ref().fields().iter().enumerate() {
        let name = column.name();
        if !names.insert(name) {
            return Err(twice(column));
        }
        match fields.iter().position(|field| field.name() == name) {
            Some(place) => fields[place] = FieldRef::new(field(Some(&fields[place]), at)),
            None if began => fields.push(FieldRef::new(field(None, at))),
            None => fields.push(appended(&field(None, at))),
        }
    }
    Ok(fields)
}

fn twice(field: &Field) -> EncodeError {
    EncodeError::Unsupported {
        format: "any format",
        column: field.name().clone(),
        data_type: field.data_type().clone(),
        hint: "another column has the same name",
    }
}
