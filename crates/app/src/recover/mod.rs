//! `spile recover`: sees to the runs that have died.

mod lines;

use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use spile_core::ErrorReport;
use spile_core::ledger::{
    LeftAlone, Manifest, Outbox, RecoverAll, Recovered, Recovery, Unrecovered,
};

pub(crate) use self::lines::in_short;
use crate::cli::{OutputFormat, SettingArgs};
use crate::failure::{Exit, Failure};
use crate::kept::Kept;
use crate::on_complete::{Listener, OutboxError, Told};
use crate::record::ledger_failure;
use crate::surroundings::Machine;
use crate::{kept, load, terminal};

pub(crate) const HELP: &str = "\
Give it the flags, the environment and the file of the load, without its input. It is safe at any \
time, and again: a run that is alive is left alone, and one that was seen to before stays as it is. \
The next run of a connection recovers the last one by itself; this is for all others, and for \
whoever doesn't want to wait. Whoever is to be told of whole runs, by the settings in [on_complete], \
and couldn't be yet, is told now: of the runs of --connection-id, or of those that have none.

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
    /// Runs that somebody was told of.
    told: Vec<WholeRun<'a>>,
    /// Runs that somebody is still to be told of.
    untold: Vec<WholeRun<'a>>,
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

/// A whole run.
#[derive(Serialize)]
struct WholeRun<'a> {
    connection_id: Option<&'a str>,
    connection_run_id: &'a str,
    attempt: u32,
}

/// What has become of the runs that somebody is to be told of.
struct Notices {
    told: Vec<Manifest>,
    untold: Vec<Manifest>,
    failures: Vec<OutboxError>,
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

impl<'a> WholeRun<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        Self {
            connection_id: manifest.connection_id.as_deref(),
            connection_run_id: &manifest.connection_run_id,
            attempt: manifest.attempt,
        }
    }
}

pub(crate) fn run(args: &RecoverArgs) -> Result<Exit, Failure> {
    load::runtime()?.block_on(recover(args))
}

async fn recover(args: &RecoverArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let listener = Listener::open(&kept.settings.on_complete);
    let listener = listener.map_err(|fault| kept.places.place(fault.into()))?;
    let is_below = kept.basis.state.is_within(&kept.basis.destination);
    let all = RecoverAll {
        shelf: kept.shelf.clone(),
        buckets: kept.buckets.clone(),
        // A state of its own may be that of several destinations.
        destination: (!is_below).then(|| kept.buckets.loaded.location()),
        retry: kept.retry.clone(),
        home: kept.home.clone(),
        surroundings: Arc::new(Machine),
    };
    let done = all.run().await.map_err(|error| ledger_failure(&error))?;
    let notices = tell(&kept, listener.as_ref()).await?;
    let exit = exit(&done, &notices);
    let location = kept.shelf.location();
    match args.output_format {
        OutputFormat::Json => terminal::print(&json(&done, &notices, &location, exit)?)?,
        OutputFormat::Text => terminal::print(&lines::text(&done, &notices, &location))?,
    };
    for failure in failures(&done, &notices) {
        terminal::say(&failure.to_string());
    }
    Ok(exit)
}

/// Tells whoever is to be told of the runs of the connection, or of those without one. Where it isn't
/// said who that is, it is only looked.
async fn tell(kept: &Kept, listener: Option<&Listener>) -> Result<Notices, Failure> {
    let outbox = Outbox::new(kept.shelf.clone(), kept.home.clone());
    // Other connections have listeners of their own.
    let own = kept.basis.identity.connection_id.as_ref();
    let is_own = |run: &Manifest| run.connection_id.as_ref() == own;
    let told = match listener {
        Some(listener) => listener.tell_all(&outbox, is_own, &kept.retry).await,
        None => Told::default(),
    };
    let left = outbox.untold().await;
    let (untold, faults) = left.map_err(|error| ledger_failure(&error))?;
    let failures = match listener {
        Some(_) => told.failures,
        None => faults.into_iter().map(OutboxError::from).collect(),
    };
    Ok(Notices {
        told: told.runs,
        untold,
        failures,
    })
}

fn failures(done: &Recovered, notices: &Notices) -> Vec<Failure> {
    let of_runs = done.failed.iter().map(|run| &run.error);
    let all = of_runs.chain(&done.faults).map(ledger_failure);
    all.chain(notices.failures.iter().map(not_told)).collect()
}

fn not_told(error: &OutboxError) -> Failure {
    match error {
        OutboxError::Ledger(error) => ledger_failure(error),
        OutboxError::Tell(error) => {
            let hint = "the run is whole all the same: see to whoever is to be told of it, and run \
                        `spile recover` again";
            Failure::of(Exit::RetriesUsedUp, error, Some(hint))
        }
    }
}

fn exit(done: &Recovered, notices: &Notices) -> Exit {
    let is_lost = done.recovered.iter().any(|run| !run.lost.is_empty());
    match failures(done, notices).first() {
        Some(failure) => failure.exit,
        None if is_lost => Exit::Refused,
        None => Exit::Done,
    }
}

fn json(
    done: &Recovered,
    notices: &Notices,
    location: &str,
    exit: Exit,
) -> Result<String, Failure> {
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
        told: notices.told.iter().map(WholeRun::of).collect(),
        untold: notices.untold.iter().map(WholeRun::of).collect(),
        faults: faults.collect(),
    };
    serde_json::to_string(&done).map_err(|error| Failure::of(Exit::Bug, &error, None))
}
