//! The columns of a stream as a document.

use arrow::datatypes::{Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::column_type::ColumnType;
use crate::source::StreamName;

/// The version of the form that is written.
const VERSION: u32 = 1;

/// What is remembered of a stream: one JSON object, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Document {
    schema_version: u32,
    connection_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    stream: String,
    /// The kind of the schema: `csv` or `parquet`.
    format: String,
    columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Column {
    name: String,
    /// In the words of [`ColumnType`].
    #[serde(rename = "type")]
    column_type: String,
}

/// The part of every version that says which it is.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

impl Document {
    /// What is to be remembered of a stream, or `None` where the type of a column has no word.
    pub(super) fn new(
        connection_id: &str,
        stream: &StreamName,
        kind: &str,
        schema: &SchemaRef,
    ) -> Option<Self> {
        let columns = schema.fields().iter().map(|field| {
            Some(Column {
                name: field.name().clone(),
                column_type: ColumnType::of(field)?.to_string(),
            })
        });
        Some(Self {
            schema_version: VERSION,
            connection_id: connection_id.to_owned(),
            namespace: stream.namespace.as_deref().map(str::to_owned),
            stream: stream.name.to_string(),
            format: kind.to_owned(),
            columns: columns.collect::<Option<_>>()?,
        })
    }

    /// Reads a document of a version that this program knows.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let Version { schema_version } = from_json(text)?;
        if schema_version != VERSION {
            return Err(format!(
                "its schema_version is {schema_version}, and only {VERSION} is known"
            ));
        }
        from_json(text)
    }

    pub(super) fn text(&self) -> Result<String, String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        Ok(text + "\n")
    }

    /// Whether it says what schemas of a kind say.
    pub(super) fn is_of(&self, kind: &str) -> bool {
        self.format == kind
    }

    /// Its columns, if there are any.
    pub(super) fn schema(&self) -> Result<Option<SchemaRef>, String> {
        let mut fields: Vec<Field> = Vec::with_capacity(self.columns.len());
        for Column { name, column_type } in &self.columns {
            if fields.iter().any(|field| field.name() == name) {
                return Err(format!("two columns are called `{name}`"));
            }
            let parsed: ColumnType = column_type
                .parse()
                .map_err(|error| format!("of column `{name}`, can't {error}"))?;
            fields.push(parsed.field(name));
        }
        Ok((!fields.is_empty()).then(|| SchemaRef::new(Schema::new(fields))))
    }
}

fn from_json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}
