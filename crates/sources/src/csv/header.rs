//! Names of the columns.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as Column, Schema, SchemaRef};

use super::columns::Cells;
use super::scan::{Field, Kind};

/// `column_1`, `column_2`, ….
pub(crate) fn numbered(width: usize) -> SchemaRef {
    schema(
        (1..=width)
            .map(|number| format!("column_{number}"))
            .collect(),
    )
}

/// The header's names. Where the delimiter is a `guess`, one column whose name holds another usual
/// delimiter is taken for a wrong guess.
pub(crate) fn named(
    text: &str,
    fields: &[Field],
    cells: &Cells,
    guess: Option<u8>,
) -> Result<SchemaRef, String> {
    let name = |field: &Field| {
        let name = text.get(field.start()..field.end()).unwrap_or_default();
        if field.kind() == Kind::Escaped {
            cells.unescape(name)
        } else {
            name.to_owned()
        }
    };
    let names: Vec<String> = fields.iter().map(name).collect();
    expect_distinct(&names)?;
    if let ([name], Some(guess)) = (names.as_slice(), guess) {
        expect_guessed(name, char::from(guess))?;
    }
    Ok(schema(names))
}

fn expect_distinct(names: &[String]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(format!("column {} has no name in the header", index + 1));
        }
        if !seen.insert(name.as_str()) {
            return Err(format!("the header names column `{name}` twice"));
        }
    }
    Ok(())
}

fn expect_guessed(name: &str, guess: char) -> Result<(), String> {
    if name.contains('\r') {
        return Err("lines end with a carriage return alone, not with a line feed".to_owned());
    }
    match name
        .chars()
        .find(|other| matches!(other, ',' | ';' | '\t' | '|'))
    {
        Some(found) => Err(format!(
            "the header has no {guess:?} and seems to be delimited by {found:?}: set `csv.delimiter`"
        )),
        None => Ok(()),
    }
}

fn schema(names: Vec<String>) -> SchemaRef {
    let column = |name| Column::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(
        names.into_iter().map(column).collect::<Vec<_>>(),
    ))
}
