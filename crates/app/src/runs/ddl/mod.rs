//! `spile runs ddl`: a table over the objects of a stream that count.

mod athena;
mod duckdb;
mod snowflake;
mod table;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::FieldRef;
use clap::{Args, ValueEnum};
use serde::Serialize;
use spile_core::ledger::{Home, SchemaRecord, StreamIndex};
use spile_core::{StreamDeclaration, StreamName, StreamPlan, parse_columns};

use self::table::TableOf;
use crate::cli::{OutputFormat, SettingArgs};
use crate::config::ConfigFaults;
use crate::failure::{Exit, Failure, error_hint};
use crate::kept::{self, Kept};
use crate::record::ledger_failure;
use crate::terminal;

pub(super) const HELP: &str = "\
The objects that count are those that runs of the connection have written and no later one has \
replaced. DuckDB's view names each of them, and Snowflake's and Athena's tables take all objects \
below the folder that they have in common: run this again after loads that replace, or begin \
further folders. jsonl objects have no columns, and those of csv are texts unless they were declared: \
--columns says what they are.

Example:
  spile runs ddl orders --dialect duckdb --to ./lake --connection-id shop | duckdb lake.db";

#[derive(Args, Clone, Debug)]
pub(super) struct DdlArgs {
    /// The stream's name
    #[arg(id = "of_stream", value_name = "STREAM")]
    stream: String,

    /// Set the namespace of the stream, where its source has them
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,

    /// Set who is to read the table
    #[arg(long, value_enum)]
    dialect: Dialect,

    /// Set the types of columns that csv and jsonl objects don't have: 'id int64, at timestamp_utc'
    ///
    /// The types are those of --schema. Of jsonl, the table has these columns alone.
    #[arg(long, value_name = "COLUMNS")]
    columns: Option<String>,

    #[command(flatten)]
    settings: SettingArgs,

    /// Set the form: text is the statement alone, json an object that has it
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    output_format: OutputFormat,
}

/// Who reads a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Dialect {
    #[value(name = "duckdb")]
    #[serde(rename = "duckdb")]
    DuckDb,
    Athena,
    Snowflake,
}

/// A statement, for programs.
#[derive(Serialize)]
struct Statement<'a> {
    schema_version: u32,
    dialect: Dialect,
    stream: &'a str,
    objects: usize,
    warnings: &'a [String],
    statement: &'a str,
}

pub(super) async fn run(args: &DdlArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let stream = StreamName {
        namespace: args.namespace.as_deref().map(Into::into),
        name: args.stream.as_str().into(),
    };
    let home = kept.home.clone().ok_or_else(without_connection)?;
    let (index, columns) = look_up(&kept, &home, &stream).await?;
    let plan = plan(&kept, &stream)?;
    let declared = declared(args, &plan)?;
    let csv = kept.settings.destination.csv.clone();
    let format = plan.encoding.extension();
    let mut table = TableOf::new(&stream, &index, &columns, format)?;
    table.location = kept.buckets.loaded.location();
    table.csv = csv;
    table.declare(&declared);
    if args.dialect != Dialect::DuckDb {
        table.is_in_a_bucket()?;
        let others = others(&kept, &table).await?;
        table.warn_of(&others);
    }
    let statement = match args.dialect {
        Dialect::DuckDb => duckdb::statement(&table, &kept.settings.destination),
        Dialect::Athena => athena::statement(&table)?,
        Dialect::Snowflake => snowflake::statement(&table)?,
    };
    let warnings: String = table
        .warnings
        .iter()
        .map(|it| format!("-- warning: {it}\n"))
        .collect();
    let text = format!("{}{warnings}{statement}", table.comment());
    match args.output_format {
        OutputFormat::Text => terminal::print(&text),
        OutputFormat::Json => terminal::print(&json(args, &table, &text)?),
    }
}

fn json(args: &DdlArgs, table: &TableOf, statement: &str) -> Result<String, Failure> {
    let statement = Statement {
        schema_version: 1,
        dialect: args.dialect,
        stream: &table.stream,
        objects: table.objects.len(),
        warnings: &table.warnings,
        statement,
    };
    serde_json::to_string(&statement).map_err(|error| Failure::of(Exit::Bug, &error, None))
}

fn without_connection() -> Failure {
    let message = "which objects of a stream count is kept of connections alone";
    Failure::new(Exit::Configuration, message).hint("give its id: --connection-id")
}

async fn look_up(
    kept: &Kept,
    home: &Home,
    stream: &StreamName,
) -> Result<(StreamIndex, BTreeMap<String, SchemaRecord>), Failure> {
    let catalogue = kept.catalogue();
    let index = catalogue.index(home, stream).await;
    let index = index.map_err(|error| ledger_failure(&error))?;
    if index.objects.is_empty() {
        let message = format!("the connection has no objects of a stream {stream}");
        let failure = Failure::new(Exit::Configuration, message);
        return Err(failure.hint("`spile runs show RUN` names the streams of a run"));
    }
    let columns = catalogue.columns(home, &index).await;
    let columns = columns.map_err(|error| ledger_failure(&error))?;
    Ok((index, columns))
}

fn plan(kept: &Kept, stream: &StreamName) -> Result<StreamPlan, Failure> {
    let mut faults = ConfigFaults::default();
    let declaration = StreamDeclaration::named(stream.clone());
    let plan = kept.planner().plan(&declaration, &mut faults);
    Ok(kept.places.place(faults).or(plan)?)
}

/// Columns whose types are said here, or in the settings.
fn declared(args: &DdlArgs, plan: &StreamPlan) -> Result<Vec<FieldRef>, Failure> {
    let Some(columns) = &args.columns else {
        let declared = plan.declared.iter();
        return Ok(declared
            .flat_map(|schema| schema.fields().iter().cloned())
            .collect());
    };
    let columns = parse_columns(columns).map_err(|error| {
        let message = format!("--columns: {error}");
        Failure::new(Exit::Configuration, message).hint("write 'id int64, at timestamp_utc'")
    })?;
    Ok(columns.into_iter().map(Arc::new).collect())
}

/// The keys of objects below the table's folder that don't belong to it.
async fn others(kept: &Kept, table: &TableOf) -> Result<Vec<String>, Failure> {
    let (bucket, folder) = (Arc::clone(&kept.buckets.loaded), table.folder());
    let listed = kept.retry.run(|| bucket.list(folder)).await;
    let listed = listed.map_err(|error| {
        let (exit, hint) = error_hint(&error);
        Failure::of(exit, &error, hint)
    })?;
    let keys = listed.into_iter().map(|object| object.key.to_string());
    Ok(keys.filter(|key| !table.has(key)).collect())
}
