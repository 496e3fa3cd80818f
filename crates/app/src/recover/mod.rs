//! `spile recover`: sees to the runs that have died.

mod lines;

use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use spile_core::ErrorReport;
use spile_core::ledger::{LeftAlone, RecoverAll, Recovered, Recovery, Unrecovered};

pub(crate) use self::lines::in_short;
use crate::cli::{OutputFormat, SettingArgs};
use crate::failure::{Exit, Failure};
use crate::record::ledger_failure;
use crate::surroundings::Machine;
use crate::{kept, load, terminal};

pub(crate) const HELP: &str = "\
Give it the flags, the environment and the file of the load, without its input. It is safe at any \
time, and again: a run that is alive is left alone, and one that was seen to before stays as it is. \
The next run of a connection recovers the last one by itself; this is for all others, and for \
whoever doesn't want to wait.

Exit codes: 0 done, 2 usage, 3 configuration, 5 destination refused or something is lost, \
6 credentials, 75 retries used up (run it again).";

/// What `spile recover` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    settings: SettingArgs,

    /// Set the form of the result: text for people or json for programs, both on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    output_format: OutputFormat,
}

/// What was done, for programs.
#[derive(Serialize)]
struct Done<'a> {
    schema_version: u32,
    /// Where runs are kept.
    location: &'a str,
    exit_code: u8,
    recovered: &'a [Recovery],
    left_alone: &'a [LeftAlone],
    failed: Vec<FailedRun<'a>>,
    /// Documents that can't be understood.
    faults: Vec<ErrorReport>,
}

#[derive(Serialize)]
struct FailedRun<'a> {
    connection_id: Option<&'a str>,
    connection_run_id: &'a str,
    attempt: u32,
    error: ErrorReport,
}

impl<'a> FailedRun<'a> {
    fn of(run: &'a Unrecovered) -> Self {
        Self {
            connection_id: run.connection_id.as_deref(),
            connection_run_id: &run.connection_run_id,
            attempt: run.attempt,
            error: ledger_failure(&run.error).report(),
        }
    }
}

pub(crate) fn run(args: &RecoverArgs) -> Result<Exit, Failure> {
    load::runtime()?.block_on(recover(args))
}

async fn recover(args: &RecoverArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let is_below = kept.basis.state.is_within(&kept.basis.destination);
    let all = RecoverAll {
        shelf: kept.shelf.clone(),
        bucket: Arc::clone(&kept.bucket),
        // A state of its own may be that of several destinations.
        destination: (!is_below).then(|| kept.bucket.location()),
        retry: kept.retry.clone(),
        home: kept.home.clone(),
        surroundings: Arc::new(Machine),
    };
    let done = all.run().await.map_err(|error| ledger_failure(&error))?;
    let exit = exit(&done);
    let location = kept.shelf.location();
    match args.output_format {
        OutputFormat::Json => terminal::print(&json(&done, &location, exit)?)?,
        OutputFormat::Text => terminal::print(&lines::text(&done, &location))?,
    };
    for failure in failures(&done) {
        terminal::say(&failure.to_string());
    }
    Ok(exit)
}

fn failures(done: &Recovered) -> Vec<Failure> {
    let of_runs = done.failed.iter().map(|run| &run.error);
    let all = of_runs.chain(&done.faults);
    all.map(ledger_failure).collect()
}

fn exit(done: &Recovered) -> Exit {
    let is_lost = done.recovered.iter().any(|run| !run.lost.is_empty());
    match failures(done).first() {
        Some(failure) => failure.exit,
        None if is_lost => Exit::Refused,
        None => Exit::Done,
    }
}

fn json(done: &Recovered, location: &str, exit: Exit) -> Result<String, Failure> {
    let faults = done
        .faults
        .iter()
        .map(|fault| ledger_failure(fault).report());
    let done = Done {
        schema_version: 1,
        location,
        exit_code: exit as u8,
        recovered: &done.recovered,
        left_alone: &done.left_alone,
        failed: done.failed.iter().map(FailedRun::of).collect(),
        faults: faults.collect(),
    };
    serde_json::to_string(&done).map_err(|error| Failure::of(Exit::Bug, &error, None))
}
