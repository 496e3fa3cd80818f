//! What is wrong with a JSON Schema.

use std::fmt;

use crate::json::JsonError;

/// Why no columns can be made of a JSON Schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonSchemaError {
    /// The place in the schema, as a JSON pointer.
    pub place: String,
    /// What is wrong there.
    pub kind: JsonSchemaErrorKind,
}

/// What is wrong at a place of a JSON Schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonSchemaErrorKind {
    /// It is no JSON object.
    Json(JsonError),
    /// A keyword has a value that it can't have; what it can.
    Keyword(&'static str),
    /// A reference leads nowhere.
    Reference(String),
}

impl JsonSchemaError {
    pub(super) fn new(place: &str, kind: JsonSchemaErrorKind) -> Self {
        let place = place.to_owned();
        Self { place, kind }
    }

    pub(super) fn no_json(error: JsonError) -> Self {
        Self::new("", JsonSchemaErrorKind::Json(error))
    }
}

impl fmt::Display for JsonSchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place.as_str() {
            "" => "the schema",
            place => place,
        };
        match &self.kind {
            JsonSchemaErrorKind::Json(error) => write!(f, "{place}: {error}"),
            JsonSchemaErrorKind::Keyword(expected) => write!(f, "{place}: expected {expected}"),
            JsonSchemaErrorKind::Reference(to) => {
                write!(f, "{place}: the reference `{to}` leads nowhere")
            }
        }
    }
}

impl std::error::Error for JsonSchemaError {}
