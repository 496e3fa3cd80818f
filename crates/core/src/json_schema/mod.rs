//! The columns that a JSON Schema tells of records, as Singer's and Airbyte's sources send one.

mod bounds;
mod error;
mod read;
#[cfg(test)]
mod tests;
mod types;

use arrow::datatypes::Field;

pub use self::error::{JsonSchemaError, JsonSchemaErrorKind};
use self::read::{field, fields_of};
use self::types::Schemas;
use crate::column_marks::{declared, declared_kind};
use crate::column_type::ColumnType;
use crate::json;

/// A column, as a JSON Schema tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaColumn {
    /// The name of the property.
    pub name: String,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Whether all values are of this type, and one that isn't makes its record a bad one. Where a
    /// schema says less than that (a `number` may have any digits, a `date-time` any offset or none),
    /// the type is one to begin with, which widens where a value needs more; a bad one is then a value of
    /// another kind, as a text among numbers.
    pub is_exact: bool,
}

impl SchemaColumn {
    /// The column, which is marked as declared: by its type where that is exact, else by its kind.
    pub fn field(&self) -> Field {
        let field = self.column_type.field(&self.name);
        match self.is_exact {
            true => declared(field),
            false => declared_kind(field),
        }
    }
}

/// The columns that a JSON Schema tells of its records, in the order of its properties. One without
/// properties tells of none.
///
/// | schema | column |
/// |---|---|
/// | `boolean` | `bool` |
/// | `integer` | `int64`; by its bounds `uint64` or `decimal(38, 0)` |
/// | `number` | `float64`, to begin with |
/// | `number` with `multipleOf`, or with `precision` and `scale` | `decimal(p, s)` |
/// | `string` | `text` |
/// | `string` with the format `date`, `date-time`, `time` | `date`, `timestamp_utc`, `time`, to begin with |
/// | `string` with `contentEncoding` `base64` | `binary` |
/// | `array` whose items have a type | `list(T)` |
/// | `object` with `additionalProperties: false` | `struct(…)` |
/// | all else: other objects and arrays, unions, no type at all | `json` |
///
/// Airbyte's `airbyte_type` and its well-known types are exact, but for times: sources call times zoned
/// that have no offset. A `null` among the types says nothing,
/// since every column can be null. References within the schema are followed; one that leads back to
/// itself ends in `json`.
///
/// ```
/// use spile_core::columns_of_json_schema;
///
/// let schema = br#"{"type": "object", "properties": {
///     "id": {"type": "integer"},
///     "amount": {"type": ["null", "number"], "multipleOf": 0.01}
/// }}"#;
/// let columns = columns_of_json_schema(schema)?;
/// assert_eq!((&*columns[0].name, columns[0].column_type.to_string()), ("id", "int64".to_owned()));
/// assert_eq!(columns[1].column_type.to_string(), "decimal(38, 2)");
/// # Ok::<(), spile_core::JsonSchemaError>(())
/// ```
///
/// # Errors
/// Text that is no JSON object, keywords with values that can't be theirs, and references that lead
/// nowhere; each with the place in the schema.
pub fn columns_of_json_schema(schema: &[u8]) -> Result<Vec<SchemaColumn>, JsonSchemaError> {
    json::check(schema).map_err(JsonSchemaError::no_json)?;
    let schemas = Schemas::of(schema);
    let Some(properties) = field(schema, "properties") else {
        return Ok(Vec::new());
    };
    let properties = fields_of(properties).ok_or_else(|| {
        JsonSchemaError::new("/properties", JsonSchemaErrorKind::Keyword("an object"))
    })?;
    let columns = properties.into_iter().map(|(name, property)| {
        let place = format!("/properties/{name}");
        let told = schemas.type_of(property, &place)?;
        Ok(SchemaColumn {
            name,
            column_type: told.column_type,
            is_exact: told.is_exact,
        })
    });
    columns.collect()
}
