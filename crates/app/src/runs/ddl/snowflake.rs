//! A stage and an external table for Snowflake.

use arrow::datatypes::{DataType, Field};
use spile_core::is_json_text;

use super::duckdb::{identifier, literal};
use super::table::{Family, TableOf};
use crate::failure::Failure;

pub(super) fn statement(table: &TableOf) -> Result<String, Failure> {
    table.needs_columns()?;
    let stage = identifier(&format!("{}_stage", table.name));
    let columns = table.columns.iter().enumerate();
    let columns: Vec<String> = columns
        .map(|(at, field)| column(table, at, field))
        .collect();
    let url = literal(&format!("{}/{}", table.location, table.folder()));
    let remark = match table.family == Family::Csv && !table.is_positional() {
        true => {
            "-- warning: objects have their columns in different orders, and Snowflake tells them \
             by where they stand\n"
        }
        false => "",
    };
    Ok(format!(
        "{remark}-- the integration is yours: it is how Snowflake is let into the bucket\n\
         CREATE STAGE IF NOT EXISTS {stage}\n  URL = {url}\n  STORAGE_INTEGRATION = \
         my_integration;\nCREATE EXTERNAL TABLE {} (\n{}\n)\n  LOCATION = @{stage}\n  \
         FILE_FORMAT = ({})\n  PATTERN = {}\n  AUTO_REFRESH = FALSE;\n",
        identifier(&table.name),
        columns.join(",\n"),
        file_format(table),
        literal(pattern(table.family)),
    ))
}

fn column(table: &TableOf, at: usize, field: &Field) -> String {
    let name = identifier(field.name());
    let value = match table.family {
        Family::Csv => format!("VALUE:c{}", at + 1),
        _ => format!("VALUE:{name}"),
    };
    let is_text_of_json = is_json_text(field) || (table.family == Family::Csv && is_nested(field));
    match type_of(field) {
        None if is_text_of_json => format!("  {name} VARIANT AS (PARSE_JSON({value}::VARCHAR))"),
        None => format!("  {name} VARIANT AS ({value})"),
        Some(word) => format!("  {name} {word} AS ({value}::{word})"),
    }
}

fn is_nested(field: &Field) -> bool {
    field.data_type().is_nested()
}

/// None where a value may be anything.
fn type_of(field: &Field) -> Option<String> {
    Some(match field.data_type() {
        _ if is_json_text(field) || is_nested(field) => return None,
        DataType::Boolean => "BOOLEAN".to_owned(),
        integer if integer.is_integer() => "NUMBER(38, 0)".to_owned(),
        DataType::Float32 | DataType::Float64 => "FLOAT".to_owned(),
        DataType::Decimal128(digits, places) => format!("NUMBER({digits}, {places})"),
        DataType::Binary | DataType::LargeBinary => "BINARY".to_owned(),
        DataType::Date32 | DataType::Date64 => "DATE".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "TIME".to_owned(),
        DataType::Timestamp(_, None) => "TIMESTAMP_NTZ".to_owned(),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMP_TZ".to_owned(),
        _ => "VARCHAR".to_owned(),
    })
}

fn file_format(table: &TableOf) -> String {
    match table.family {
        Family::Parquet => "TYPE = PARQUET".to_owned(),
        Family::Jsonl => "TYPE = JSON".to_owned(),
        Family::Csv => format!(
            "TYPE = CSV FIELD_DELIMITER = {} FIELD_OPTIONALLY_ENCLOSED_BY = {} SKIP_HEADER = {} \
             NULL_IF = ({})",
            literal(table.delimiter()),
            literal(table.quote()),
            u8::from(table.has_header()),
            literal(table.null()),
        ),
    }
}

fn pattern(family: Family) -> &'static str {
    match family {
        Family::Parquet => ".*[.]parquet",
        Family::Jsonl => ".*[.]jsonl.*",
        Family::Csv => ".*[.]csv.*",
    }
}
