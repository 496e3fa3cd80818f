//! `spile runs list`.

use chrono::{DateTime, SecondsFormat, Utc};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;
use spile_core::ledger::{RunStatus, RunSummary, Runs};

use super::ListArgs;
use crate::cli::OutputFormat;
use crate::failure::{Exit, Failure};
use crate::record::ledger_failure;
use crate::table::{Column, Table};
use crate::{kept, terminal};

/// The list for programs.
#[derive(Serialize)]
struct List<'a> {
    schema_version: u32,
    /// Where it is kept.
    location: &'a str,
    runs: &'a [RunSummary],
}

pub(super) async fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let found = kept.catalogue().runs(kept.home.as_ref()).await;
    let found = found.map_err(|error| ledger_failure(&error))?;
    let location = kept.shelf.location();
    match args.output_format {
        OutputFormat::Json => terminal::print(&json(&found, &location)?)?,
        OutputFormat::Text => print(&found, &location)?,
    };
    Ok(tell_faults(&found))
}

fn json(found: &Runs, location: &str) -> Result<String, Failure> {
    let list = List {
        schema_version: 1,
        location,
        runs: &found.runs,
    };
    serde_json::to_string(&list).map_err(|error| Failure::of(Exit::Bug, &error, None))
}

fn print(found: &Runs, location: &str) -> Result<Exit, Failure> {
    if found.runs.is_empty() {
        terminal::say(&format!("nothing is kept of any run in {location}\n"));
        return Ok(Exit::Done);
    }
    let printed = terminal::print(&text(&found.runs))?;
    let is_unfinished = |run: &RunSummary| run.status == RunStatus::Unfinished;
    if found.runs.iter().any(is_unfinished) {
        terminal::say("hint: `spile recover` sees to what is unfinished\n");
    }
    Ok(printed)
}

fn text(runs: &[RunSummary]) -> String {
    let mut table = Table::new([
        ("RUN", Column::Text),
        ("ATTEMPT", Column::Number),
        ("STATUS", Column::Text),
        ("STARTED", Column::Text),
        ("OBJECTS", Column::Number),
        ("RECORDS", Column::Number),
        ("SIZE", Column::Number),
        ("CONNECTION", Column::Text),
    ]);
    for run in runs {
        table.row([
            run.connection_run_id.clone(),
            run.attempt.to_string(),
            run.status.word().to_owned(),
            time(run.started_at),
            HumanCount(run.objects).to_string(),
            HumanCount(run.rows).to_string(),
            HumanBytes(run.bytes).to_string(),
            run.connection_id.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

/// A time of the record, as RFC 3339.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What can't be understood is told after all that can.
fn tell_faults(found: &Runs) -> Exit {
    let mut exit = Exit::Done;
    for failure in found.faults.iter().map(ledger_failure) {
        terminal::say(&failure.to_string());
        exit = failure.exit;
    }
    exit
}
