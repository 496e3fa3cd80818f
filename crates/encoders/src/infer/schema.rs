//! The schema that an object begins with.

use std::collections::HashSet;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use spile_core::{EncodeError, JsonRecords, Records, json, only_kind};

use super::columns::{self, join_fields, nullable};
use super::facts::{Facts, ObjectFacts};
use crate::decode::{self, Column, Failure, refuse_nulls};
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
            let named = |_: Option<&FieldRef>, at| Ok(batch.schema_ref().field(at).clone());
            merge(fields, batch, named)?
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
        let fits = |field: &FieldRef| fitting.fits(at, field, records);
        let facts = std::mem::take(seen.field_mut(field.name()));
        let as_known = first_fitting(field, fits);
        fields.push(as_known.unwrap_or_else(|| widened(field, facts)));
    }
    let is_new = |name: &str| !known.iter().any(|field| field.name() == name);
    let new = seen.fields.iter().filter(|(name, _)| is_new(name));
    fields.extend(new.map(|(name, facts)| FieldRef::new(facts.field(name))));
    fields
}

/// A column as it is known, or with room for nulls: the first that fits.
fn first_fitting(known: &FieldRef, mut fits: impl FnMut(&FieldRef) -> bool) -> Option<FieldRef> {
    if fits(known) {
        return Some(FieldRef::clone(known));
    }
    let known = (!known.is_nullable()).then(|| nullable(known));
    known.filter(|known| fits(known))
}

fn widened(known: &Field, seen: Facts) -> FieldRef {
    let seen = match only_kind(known) {
        Some(kind) => seen.only(kind),
        None => seen,
    };
    FieldRef::new(Facts::of_field(known).union(seen).field(known.name()))
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
        self.chunks.iter().all(|slots| {
            let built = column.build(records.text(), slots.column(at));
            built.is_ok_and(|array| refuse_nulls(field, &array, None).is_ok())
        })
    }
}

fn of_text(known: Vec<FieldRef>, batch: &RecordBatch) -> Result<Vec<FieldRef>, EncodeError> {
    merge(known, batch, |known, at| {
        Ok(text_field(
            known,
            batch.schema_ref().field(at),
            batch.column(at),
        ))
    })
}

fn text_field(known: Option<&FieldRef>, field: &Field, texts: &ArrayRef) -> Field {
    let fits = |known: &FieldRef| {
        let column = decode::text::column(texts, known);
        let column = column.and_then(|column| refuse_nulls(known, &column, None));
        !matches!(column, Err(Failure::Misfit(_)))
    };
    if let Some(known) = known.and_then(|known| first_fitting(known, fits)) {
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
        match known {
            Some(known) => columns::widened(known, field, batch.column(at)),
            None => Ok(field.clone()),
        }
    })
}

/// The known columns, then those that a batch has besides; each made by `field` from what is known
/// and the place in the batch.
fn merge(
    known: Vec<FieldRef>,
    batch: &RecordBatch,
    field: impl Fn(Option<&FieldRef>, usize) -> Result<Field, EncodeError>,
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
            Some(place) => fields[place] = FieldRef::new(field(Some(&fields[place]), at)?),
            None if began => fields.push(FieldRef::new(field(None, at)?)),
            None => fields.push(nullable(&field(None, at)?)),
        }
    }
    if batch.num_rows() > 0 {
        let missing = fields
            .iter_mut()
            .filter(|field| !names.contains(field.name()));
        missing.for_each(|field| *field = nullable(field));
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
