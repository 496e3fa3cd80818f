//! `spile runs show`.

use std::collections::BTreeMap;

use indicatif::HumanBytes;
use spile_core::CursorRange;
use spile_core::ledger::{ColumnRecord, KeptRun, ObjectRecord, OpenUpload, RunStatus};

use super::ShowArgs;
use super::list::time;
use crate::cli::OutputFormat;
use crate::failure::{Exit, Failure};
use crate::report::plural;
use crate::table::shown;
use crate::{kept, terminal};

pub(super) async fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let run = kept.run(&args.run, args.attempt).await?;
    match args.output_format {
        OutputFormat::Json => terminal::print(&json(&run)?),
        OutputFormat::Text => terminal::print(&text(&run)),
    }
}

/// The manifest, as it stands in the bucket, on one line; of a run without one, what is known.
fn json(run: &KeptRun) -> Result<String, Failure> {
    let text = match &run.manifest {
        Some(manifest) => serde_json::to_string(manifest),
        None => serde_json::to_string(run),
    };
    text.map_err(|error| Failure::of(Exit::Bug, &error, None))
}

fn text(run: &KeptRun) -> String {
    let mut text = facts(run);
    let mut streams: BTreeMap<_, Vec<&ObjectRecord>> = BTreeMap::new();
    for object in &run.objects {
        streams
            .entry(object.stream_name())
            .or_default()
            .push(object);
    }
    for (stream, objects) in streams {
        text += &format!(
            "\nstream {}: {}\n",
            shown(&stream.to_string()),
            sum(&objects)
        );
        for object in &objects {
            text += &line(object);
        }
        for columns in columns(run, &objects) {
            text += &format!("  columns: {columns}\n");
        }
    }
    if !run.quarantine.is_empty() {
        let rows = run.summary.rejected;
        text += &format!("\nquarantine: {}\n", plural(rows, "bad record"));
        text.extend(run.quarantine.iter().map(line));
    }
    if !run.uploads.is_empty() {
        text += "\nbegun, and neither published nor removed:\n";
        text.extend(run.uploads.iter().map(upload));
    }
    text
}

fn facts(run: &KeptRun) -> String {
    let summary = &run.summary;
    let of_all: Vec<&ObjectRecord> = run.objects.iter().collect();
    let status = match summary.status {
        RunStatus::Unfinished => "unfinished: `spile recover` sees to it".to_owned(),
        status => status.word().to_owned(),
    };
    let facts = [
        ("run", Some(summary.connection_run_id.clone())),
        ("connection", summary.connection_id.clone()),
        ("attempt", Some(summary.attempt.to_string())),
        ("status", Some(status)),
        ("started", Some(time(summary.started_at))),
        ("published", summary.published_at.map(time)),
        ("load time", summary.load_time.map(time)),
        ("time zone", Some(run.timezone.clone())),
        ("destination", summary.destination.clone()),
        ("loaded", Some(sum(&of_all))),
        ("checkpoint", summary.checkpoint.clone()),
    ];
    let line = |(name, value): (&str, Option<String>)| {
        let value = shown(&value?);
        Some(format!("{name:<13}{value}\n"))
    };
    facts.into_iter().filter_map(line).collect()
}

fn sum(objects: &[&ObjectRecord]) -> String {
    let rows = objects.iter().map(|object| object.rows).sum();
    let bytes = objects.iter().map(|object| object.bytes).sum();
    format!(
        "{} in {} ({})",
        plural(rows, "record"),
        plural(objects.len() as u64, "object"),
        HumanBytes(bytes)
    )
}

fn line(object: &ObjectRecord) -> String {
    let rows = plural(object.rows, "record");
    let cursors = object.cursors.map(range);
    let cursors = cursors.map(|range| format!("  {range}"));
    format!(
        "  {}  {rows}  {}{}\n",
        object.key,
        HumanBytes(object.bytes),
        cursors.unwrap_or_default()
    )
}

/// The first and the last cursor.
pub(crate) fn range(cursors: CursorRange) -> String {
    format!("{} to {}", cursors.first, cursors.last)
}

/// The columns of some objects, once each.
fn columns(run: &KeptRun, objects: &[&ObjectRecord]) -> Vec<String> {
    let schemas = run.schemas.iter().filter(|schema| {
        let is_used = |object: &&ObjectRecord| object.schema == schema.fingerprint;
        !schema.columns.is_empty() && objects.iter().any(is_used)
    });
    let column = |column: &ColumnRecord| shown(&format!("{} {}", column.name, column.column_type));
    schemas
        .map(|schema| {
            let columns: Vec<String> = schema.columns.iter().map(column).collect();
            columns.join(", ")
        })
        .collect()
}

fn upload(upload: &OpenUpload) -> String {
    let bytes = upload.bytes.map(|bytes| format!("  {}", HumanBytes(bytes)));
    let id = upload.upload.as_ref().map(|id| format!("  upload {id}"));
    format!(
        "  {}{}{}\n",
        upload.key,
        bytes.unwrap_or_default(),
        id.unwrap_or_default()
    )
}
