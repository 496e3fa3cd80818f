//! Which columns of a stream's records are kept, and what they are called.

mod claims;
mod columns;
mod error;
mod keys;
mod names;
mod objects;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::column_marks::{declared_schema, json_text_field};
use crate::records::Records;
pub use error::ReshapeError;
use names::Names;

/// Which top-level columns of a stream's records are kept, and what they are called.
///
/// Records stay in their form: of JSON text the kept fields are copied byte for byte, of the others
/// the columns are shared. A field that a record has twice stays there twice, and the last counts as
/// before.
///
/// ```
/// use spile_core::{JsonRecords, Records, Reshape, ReshapeConfig, Span};
///
/// let config = ReshapeConfig {
///     exclude: vec!["secret_*".to_owned()],
///     rename: [("ts".to_owned(), "at".to_owned())].into(),
///     ..ReshapeConfig::default()
/// };
/// let reshape = Reshape::new(&config)?.expect("something changes");
/// assert_eq!(reshape.name_of("ts"), Some("at"));
/// assert_eq!(reshape.name_of("secret_key"), None);
///
/// let text = r#"{"id":1.10,"ts":"2025-04-14","secret_key":"x"}"#;
/// let span = Span { start: 0, end: text.len() as u32 };
/// let records = Records::Json(JsonRecords::new(text.into(), vec![span])?);
/// let Records::Json(reshaped) = reshape.apply(&records)? else { unreachable!() };
/// assert_eq!(reshaped.record(0), br#"{"id":1.10,"at":"2025-04-14"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reshape {
    names: Names,
}

/// How the columns of a stream's records are to be changed. All names but new ones are those that
/// records come with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReshapeConfig {
    /// Globs of the columns that are kept; all where there are none.
    pub include: Vec<String>,
    /// Globs of columns that are left out, included or not.
    pub exclude: Vec<String>,
    /// New names by old ones, neither of which are globs.
    pub rename: BTreeMap<String, String>,
    /// Where unknown fields go, if they aren't columns of their own.
    pub rest: Option<RestColumn>,
}

/// A column of JSON text for the fields of JSON records that the schema of their source doesn't tell
/// of. Records of other forms have no such fields: their columns are known, and stay.
///
/// Its value is an object of the fields that are kept and unknown, in their order and by their old
/// names, one of its own name among them: `{"id":1,"_rest":{"a":1,"_rest":2}}`. A record without
/// such fields doesn't have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestColumn {
    /// The name of the column.
    pub name: String,
    /// The fields that are columns of their own: those that the schema tells of, and whatever else
    /// is declared or has a use, as a cursor has.
    pub known: Vec<String>,
}

impl Reshape {
    /// `None` where nothing is to be changed, so that the usual path pays nothing.
    ///
    /// # Errors
    /// A text that is no glob, a name that is empty, and names that two columns would have. Which
    /// columns stay is known here only where there is a rest; otherwise their names are compared
    /// when records or declared columns are seen.
    pub fn new(config: &ReshapeConfig) -> Result<Option<Self>, ReshapeError> {
        Ok(Names::new(config)?.map(|names| Self { names }))
    }

    /// The same number of records in the same order. Where they come in other words, their buffer is
    /// a new one, in which each is a line: where they were read, only the old one tells.
    ///
    /// # Errors
    /// A [`ReshapeError`], as an external error: a record with a column that is renamed and another
    /// one that has the new name and stays, or with unknown fields so deep that there is no room for
    /// them in the column of the rest. Otherwise text that doesn't fit 32 bits.
    pub fn apply(&self, records: &Records) -> Result<Records, ArrowError> {
        Ok(match records {
            Records::Json(json) => {
                let reshaped = objects::reshape(&self.names, json)?;
                reshaped.map_or_else(|| records.clone(), Records::Json)
            }
            Records::Text(table) => Records::Text(columns::reshape(&self.names, table)?),
            Records::Columns(table) => Records::Columns(columns::reshape(&self.names, table)?),
        })
    }

    /// A column's name afterwards, `None` where it is left out or goes into the column of the rest.
    pub fn name_of<'a>(&'a self, column: &'a str) -> Option<&'a str> {
        self.names.name_of(column)
    }

    /// The columns of a declared schema afterwards, with their marks. Where there is a rest, its
    /// column is declared behind them.
    ///
    /// # Errors
    /// A column that is renamed to the name of another one that stays.
    pub fn schema(&self, declared: &SchemaRef) -> Result<SchemaRef, ReshapeError> {
        let fields = declared.fields().iter();
        let fates = || {
            fields
                .clone()
                .map(|field| self.names.of_field(field.name()))
        };
        self.names.check(fates())?;
        let columns = fields.clone().zip(fates());
        let columns = columns.filter_map(|(field, fate)| self.names.column(field, fate));
        let rest = declared_schema(self.names.rest().map(|rest| json_text_field(&rest.name)));
        let columns = columns.chain(rest.fields().iter().cloned());
        let metadata = declared.metadata().clone();
        Ok(SchemaRef::new(Schema::new_with_metadata(
            columns.collect::<Vec<_>>(),
            metadata,
        )))
    }
}
