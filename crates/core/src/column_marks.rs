//! What the metadata of a column says of it.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::json::Kind;

const TEXT: &str = "spile.text";
const JSON: &str = "json";
const TYPE: &str = "spile.type";
const DECLARED: &str = "declared";
const KINDS: [(&str, Kind); 4] = [
    ("number", Kind::Number),
    ("string", Kind::String),
    ("array", Kind::Array),
    ("object", Kind::Object),
];

/// Whether a column holds JSON text: each value stands in it as it stood in its record, a string
/// with its quotes. The column's metadata says so: `spile.text = json`.
pub fn is_json_text(field: &Field) -> bool {
    field.metadata().get(TEXT).is_some_and(|text| text == JSON)
}

/// A column of JSON text, which can be null.
pub fn json_text_field(name: &str) -> Field {
    let metadata = HashMap::from([(TEXT.to_owned(), JSON.to_owned())]);
    Field::new(name, DataType::Utf8, true).with_metadata(metadata)
}

/// A schema of columns that were declared: their types never change. Their metadata says so, while
/// objects are made; objects themselves don't tell.
pub fn declared_schema(columns: impl IntoIterator<Item = Field>) -> SchemaRef {
    let declared = columns.into_iter().map(declared);
    SchemaRef::new(Schema::new(declared.collect::<Vec<_>>()))
}

/// A column, marked as one that was declared.
pub fn declared(mut column: Field) -> Field {
    let metadata = column.metadata_mut();
    metadata.insert(TYPE.to_owned(), DECLARED.to_owned());
    column
}

/// Whether a column's type was declared.
pub fn is_declared(field: &Field) -> bool {
    let mark = field.metadata().get(TYPE);
    mark.is_some_and(|mark| mark == DECLARED)
}

/// A column whose type is one to begin with, marked as one that takes values of that type's kind alone: it
/// widens for other numbers, but never for a text among them.
pub fn declared_kind(mut column: Field) -> Field {
    let kind = match column.data_type() {
        data_type if data_type.is_numeric() => Kind::Number,
        DataType::List(_) => Kind::Array,
        DataType::Struct(_) => Kind::Object,
        data_type if data_type.is_temporal() => Kind::String,
        _ => return column,
    };
    if let Some((mark, _)) = KINDS.iter().find(|(_, known)| *known == kind) {
        let metadata = column.metadata_mut();
        metadata.insert(TYPE.to_owned(), (*mark).to_owned());
    }
    column
}

/// The only kind of value that a column takes, beside null, where that is all that was declared of it.
pub fn only_kind(field: &Field) -> Option<Kind> {
    let mark = field.metadata().get(TYPE)?;
    let known = KINDS.iter().find(|(known, _)| known == mark);
    known.map(|(_, kind)| *kind)
}

/// Whether anything was declared of a column.
pub fn is_marked(field: &Field) -> bool {
    field.metadata().contains_key(TYPE)
}

/// A column, marked as another is.
pub fn marked_like(mut column: Field, other: &Field) -> Field {
    let metadata = column.metadata_mut();
    match other.metadata().get(TYPE) {
        Some(mark) => metadata.insert(TYPE.to_owned(), mark.clone()),
        None => metadata.remove(TYPE),
    };
    column
}

/// A column as any other of its type, declared or not.
pub fn undeclared(mut column: Field) -> Field {
    column.metadata_mut().remove(TYPE);
    column
}
