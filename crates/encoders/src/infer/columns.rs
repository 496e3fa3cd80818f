//! Facts about columns of Arrow.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use spile_core::{EncodeError, is_json_text, json_text_field};

use super::facts::Facts;
use crate::decode::typed::{self, Texts};

/// A column that takes what `known` took, as far as types tell, and the values of another: as it
/// is where it takes them, else as both types say, and where that loses some, as the values say.
pub(super) fn widened(
    known: &FieldRef,
    other: &Field,
    values: &ArrayRef,
) -> Result<Field, EncodeError> {
    let joined = FieldRef::new(join_fields(known, other));
    for wide in [known, &joined] {
        if typed::takes(values, other, wide) {
            return Ok(wide.as_ref().clone());
        }
    }
    let mut seen = Facts::of_field(known);
    let texts = Texts::of(values, other)?;
    texts.iter().for_each(|value| seen.see_json(value));
    let wide = FieldRef::new(seen.field(known.name()));
    Ok(if typed::takes(values, other, &wide) {
        wide.as_ref().clone()
    } else {
        json_text_field(known.name())
    })
}

/// A column for both, judged by their types: as it was where that is the one.
pub(super) fn join_fields(known: &Field, other: &Field) -> Field {
    let nullable = known.is_nullable() || other.is_nullable();
    joined(known, other).with_nullable(nullable)
}

fn joined(known: &Field, other: &Field) -> Field {
    let alike = is_json_text(known) == is_json_text(other);
    let typed = |data_type| known.clone().with_data_type(data_type);
    match (known.data_type(), other.data_type()) {
        (a, b) if a == b && alike => known.clone(),
        (_, DataType::Null) => known.clone(),
        (DataType::Null, _) => other.clone().with_name(known.name()),
        (DataType::Struct(a), DataType::Struct(b)) => typed(DataType::Struct(join_structs(a, b))),
        (DataType::List(a), DataType::List(b)) => {
            typed(DataType::List(Arc::new(join_fields(a, b))))
        }
        _ => {
            let union = Facts::of_field(known).union(Facts::of_field(other));
            union.field(known.name())
        }
    }
}

fn join_structs(known: &Fields, other: &Fields) -> Fields {
    let join = |field: &FieldRef| match other.find(field.name()) {
        Some((_, other)) => FieldRef::new(join_fields(field, other)),
        None => nullable(field),
    };
    let new = other
        .iter()
        .filter(|field| known.find(field.name()).is_none());
    known
        .iter()
        .map(join)
        .chain(new.map(|field| nullable(field)))
        .collect()
}

/// A column that some records don't have.
pub(super) fn nullable(field: &Field) -> FieldRef {
    FieldRef::new(field.clone().with_nullable(true))
}
