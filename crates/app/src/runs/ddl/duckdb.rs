//! A view for DuckDB.

use arrow::datatypes::{DataType, Field};
use spile_core::is_json_text;
use spile_encoders::Compression;

use super::table::{Family, Object, TableOf};
use crate::config::DestinationSettings;

pub(super) fn statement(table: &TableOf, settings: &DestinationSettings) -> String {
    let name = identifier(&table.name);
    let body = match table.family {
        Family::Parquet => {
            let objects: Vec<&Object> = table.objects.iter().collect();
            let files = files(table, &objects);
            format!("SELECT * FROM read_parquet({files}, union_by_name = true)")
        }
        Family::Csv => of_groups(table, csv),
        Family::Jsonl => of_groups(table, jsonl),
    };
    format!(
        "{}CREATE OR REPLACE VIEW {name} AS\n{body};\n",
        secret(table, settings)
    )
}

fn of_groups(table: &TableOf, of: fn(&TableOf, &[&Object]) -> String) -> String {
    let groups = groups(table);
    let selects: Vec<String> = groups.iter().map(|group| of(table, group)).collect();
    selects.join("\nUNION ALL BY NAME\n")
}

/// How S3 is reached is nothing that a view says.
fn secret(table: &TableOf, settings: &DestinationSettings) -> String {
    if !table.location.starts_with("s3://") {
        return String::new();
    }
    let mut options = vec!["TYPE s3".to_owned(), "PROVIDER credential_chain".to_owned()];
    options.extend(
        settings
            .region
            .as_ref()
            .map(|region| format!("REGION {}", literal(region))),
    );
    if let Some(endpoint) = &settings.endpoint {
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        options.push(format!("ENDPOINT {}", literal(host.trim_end_matches('/'))));
        options.push("URL_STYLE 'path'".to_owned());
        options.extend((scheme == "http").then(|| "USE_SSL false".to_owned()));
    }
    let options = options.join(", ");
    format!("-- DuckDB needs credentials: CREATE SECRET (…), with {options}\n")
}

/// Objects with the same columns and compression are read at once: csv tells columns by where they
/// stand.
fn groups(table: &TableOf) -> Vec<Vec<&Object>> {
    let mut groups: Vec<Vec<&Object>> = Vec::new();
    for object in &table.objects {
        let is_alike = |group: &&mut Vec<&Object>| {
            let first = &group[0];
            let columns = table.family == Family::Jsonl || first.columns == object.columns;
            columns && first.compression == object.compression
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.push(object),
            None => groups.push(vec![object]),
        }
    }
    groups
}

fn csv(table: &TableOf, group: &[&Object]) -> String {
    let own = |name: &String| table.columns.iter().find(|field| field.name() == name);
    let columns = group[0].columns.iter().filter_map(own);
    let options = [
        "auto_detect = false".to_owned(),
        format!("header = {}", table.has_header()),
        format!("delim = {}", literal(table.delimiter())),
        format!("quote = {}", literal(table.quote())),
        format!("escape = {}", literal(table.quote())),
        format!("nullstr = {}", literal(table.null())),
        "allow_quoted_nulls = false".to_owned(),
        format!("compression = {}", compression(group[0].compression)),
        format!("columns = {}", columns_of(columns.map(|field| &**field))),
    ];
    let files = files(table, group);
    format!("SELECT * FROM read_csv({files}, {})", options.join(", "))
}

fn jsonl(table: &TableOf, group: &[&Object]) -> String {
    let columns = match table.columns.is_empty() {
        // What types there are is found out by looking at every record.
        true => "union_by_name = true, sample_size = -1".to_owned(),
        false => format!(
            "columns = {}",
            columns_of(table.columns.iter().map(|field| &**field))
        ),
    };
    let (files, compression) = (files(table, group), compression(group[0].compression));
    format!(
        "SELECT * FROM read_json({files}, format = 'newline_delimited', \
         compression = {compression}, {columns})"
    )
}

fn compression(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "'none'",
        Compression::Gzip => "'gzip'",
        Compression::Zstd => "'zstd'",
    }
}

/// Their paths, one a line. In DuckDB's, some characters stand for others.
fn files(table: &TableOf, objects: &[&Object]) -> String {
    let path = |object: &&Object| {
        let mut path = String::new();
        for c in format!("{}/{}", table.location, object.key).chars() {
            match c {
                '*' | '?' | '[' => path.extend(['[', c, ']']),
                c => path.push(c),
            }
        }
        format!("  {}", literal(&path))
    };
    let paths: Vec<String> = objects.iter().map(path).collect();
    format!("[\n{}\n]", paths.join(",\n"))
}

fn columns_of<'a>(columns: impl Iterator<Item = &'a Field>) -> String {
    let column = |field: &Field| format!("{}: {}", literal(field.name()), literal(&type_of(field)));
    let columns: Vec<String> = columns.map(column).collect();
    format!("{{{}}}", columns.join(", "))
}

fn type_of(field: &Field) -> String {
    match field.data_type() {
        DataType::Utf8 if is_json_text(field) => "JSON".to_owned(),
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Int8 => "TINYINT".to_owned(),
        DataType::Int16 => "SMALLINT".to_owned(),
        DataType::Int32 => "INTEGER".to_owned(),
        DataType::Int64 => "BIGINT".to_owned(),
        DataType::UInt8 => "UTINYINT".to_owned(),
        DataType::UInt16 => "USMALLINT".to_owned(),
        DataType::UInt32 => "UINTEGER".to_owned(),
        DataType::UInt64 => "UBIGINT".to_owned(),
        DataType::Float32 => "FLOAT".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(digits, places) => format!("DECIMAL({digits}, {places})"),
        DataType::Binary | DataType::LargeBinary => "BLOB".to_owned(),
        DataType::Date32 | DataType::Date64 => "DATE".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "TIME".to_owned(),
        DataType::Timestamp(_, None) => "TIMESTAMP".to_owned(),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMPTZ".to_owned(),
        DataType::List(item) | DataType::LargeList(item) => format!("{}[]", type_of(item)),
        DataType::Struct(fields) => {
            let field = |field: &Field| format!("{} {}", identifier(field.name()), type_of(field));
            let fields: Vec<String> = fields.iter().map(|it| field(it)).collect();
            format!("STRUCT({})", fields.join(", "))
        }
        _ => "VARCHAR".to_owned(),
    }
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
