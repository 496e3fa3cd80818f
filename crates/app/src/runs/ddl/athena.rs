//! An external table for Athena.

use arrow::datatypes::{DataType, Field};

use super::duckdb::literal;
use super::table::{Family, TableOf};
use crate::failure::Failure;

pub(super) fn statement(table: &TableOf) -> Result<String, Failure> {
    table.needs_columns()?;
    let column =
        |field: &Field| format!("  {} {}", identifier(field.name()), type_of(field, table));
    let columns: Vec<String> = table.columns.iter().map(|field| column(field)).collect();
    let location = literal(&format!("{}/{}", table.location, table.folder()));
    Ok(format!(
        "{}CREATE EXTERNAL TABLE {} (\n{}\n)\n{}\nLOCATION {location}{};\n",
        remarks(table),
        identifier(&table.name),
        columns.join(",\n"),
        stored(table),
        properties(table),
    ))
}

fn remarks(table: &TableOf) -> String {
    let mut remarks = String::new();
    if table.family == Family::Csv {
        remarks += "-- OpenCSVSerde reads all values as text, and takes a backslash for an escape: \
                    where values may hold one, load parquet\n";
        if !table.is_positional() {
            remarks += "-- warning: objects have their columns in different orders, and Athena tells \
                        them by where they stand\n";
        }
    }
    remarks
}

fn stored(table: &TableOf) -> String {
    match table.family {
        Family::Parquet => "STORED AS PARQUET".to_owned(),
        Family::Jsonl => {
            "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\nSTORED AS TEXTFILE".to_owned()
        }
        Family::Csv => format!(
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'\n\
             WITH SERDEPROPERTIES ('separatorChar' = {}, 'quoteChar' = {})\nSTORED AS TEXTFILE",
            literal(table.delimiter()),
            literal(table.quote()),
        ),
    }
}

fn properties(table: &TableOf) -> &'static str {
    match table.family {
        Family::Csv if table.has_header() => "\nTBLPROPERTIES ('skip.header.line.count' = '1')",
        _ => "",
    }
}

fn type_of(field: &Field, table: &TableOf) -> String {
    match (table.family, field.data_type()) {
        (Family::Csv, _) => "string".to_owned(),
        // There is no type for times: parquet has microseconds in their place.
        (Family::Parquet, DataType::Time64(_)) => "bigint".to_owned(),
        (_, data_type) => word(data_type),
    }
}

fn word(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 => "tinyint".to_owned(),
        DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "int".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::UInt64 => "decimal(20, 0)".to_owned(),
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Decimal128(digits, places) => format!("decimal({digits}, {places})"),
        DataType::Binary | DataType::LargeBinary => "binary".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::List(item) | DataType::LargeList(item) => {
            format!("array<{}>", word(item.data_type()))
        }
        DataType::Struct(fields) => {
            let field =
                |field: &Field| format!("{}:{}", identifier(field.name()), word(field.data_type()));
            let fields: Vec<String> = fields.iter().map(|it| field(it)).collect();
            format!("struct<{}>", fields.join(","))
        }
        _ => "string".to_owned(),
    }
}

fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
