//! What the metadata of a column says of it.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field};

const TEXT: &str = "spile.text";
const JSON: &str = "json";

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
