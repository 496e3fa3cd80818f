//! `spile load`: runs a load, follows it, and reports.

use std::sync::Arc;

use chrono::{SecondsFormat, Utc};
use spile_core::ledger::{RunRecord, Shelf};
use spile_core::{
    Bucket, Buckets, Ending, Job, MemoryPlan, Outcome, Progress, Report, RunFacts, SchemaMemory,
    Source, StreamPlan, WriteMode, Zone,
};
use tokio::time::Instant;

use crate::cli::{LoadArgs, OutputFormat};
use crate::config::{self, ConfigFault, ConfigFaults};
use crate::failure::{Exit, Failure};
use crate::input::{InputEnd, SourceProgram};
use crate::job::{self, Prepared};
use crate::on_complete::Listener;
use crate::progress::ProgressLine;
use crate::signals::Signals;
use crate::states::{StateForm, States};
use crate::stores::{Around, Stores};
use crate::stream::RunIdentity;
use crate::{on_complete, record, report, selection, stores, terminal};

/// How a load has ended that could begin.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    /// Why it has failed, where it has.
    pub(crate) failure: Option<Failure>,
}

/// Loads, and reports to people or programs, also where nothing could be loaded.
pub(crate) fn run(args: &LoadArgs) -> Result<Exit, Failure> {
    let ended = run_to_report(args)?;
    // The report has told of it already: it ends the program all the same.
    ended.failure.iter().for_each(Failure::say);
    Ok(ended.exit)
}

/// Like [`run`], for whoever says by itself why the load has failed, where it has.
pub(crate) fn run_to_report(args: &LoadArgs) -> Result<Ended, Failure> {
    let started_at = Utc::now();
    let mut facts = RunFacts {
        connection_id: args.settings.connection_id.clone(),
        connection_run_id: args.settings.connection_run_id.clone(),
        timezone: None,
        load_time: None,
        started_at,
        seconds: 0.0,
        retries: 0,
    };
    let result = runtime().and_then(|runtime| {
        let prepared = {
            let _for_signals = runtime.enter();
            prepare(args, &mut facts)?
        };
        let retry = prepared.retry.clone();
        let result = runtime.block_on(load(prepared, args, facts.clone()));
        // A source that still waits for its input must not hold the program up.
        runtime.shutdown_background();
        facts.retries = retry.count();
        result
    });
    if let (Err(failure), OutputFormat::Json) = (&result, args.output_format) {
        print_json(&Report::of_nothing(facts, failure.report()))?;
    }
    result
}

/// Checks all settings and opens the inputs. Notes what tells the run from others as soon as it is
/// known, for the report of a run that can't begin.
fn prepare(args: &LoadArgs, facts: &mut RunFacts) -> Result<Prepared, Failure> {
    let loaded = config::load(&args.settings, &args.files, std::env::vars_os())?;
    let settings = &loaded.settings;
    facts.connection_id.clone_from(&settings.connection.id);
    facts
        .connection_run_id
        .clone_from(&settings.connection_run_id);
    let command = args.command_line();
    let prepared = job::prepare(loaded, command.as_ref(), facts.started_at)?;
    if args.output_format == OutputFormat::Json && prepared.states.is_some() {
        let message = "the states of the source go to stdout, and the report can't go there too";
        let fault = ConfigFault::new("--output-format", message);
        return Err(fault
            .hint("leave it out: the report for people goes to stderr")
            .into());
    }
    let identity = &prepared.planner.identity;
    facts.connection_run_id = Some(identity.connection_run_id.clone());
    facts.timezone = Some(prepared.planner.zone.name().to_owned());
    facts.load_time = Some(identity.load_time);
    Ok(prepared)
}

/// The runtime that serves requests. Reading and encoding have threads of their own.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.map_err(|error| Failure::new(Exit::Bug, format!("failed to start: {error}")))
}

async fn load(mut prepared: Prepared, args: &LoadArgs, facts: RunFacts) -> Result<Ended, Failure> {
    let began = Instant::now();
    let planner = &prepared.planner;
    let listener = Listener::open(&planner.settings.on_complete);
    let listener = listener.map_err(|fault| planner.places.place(fault.into()))?;
    let run_id = planner.identity.connection_run_id.clone();
    let retry = prepared.retry.clone();
    let quarantine = prepared.quarantine.as_ref();
    let around = Around {
        settings: &planner.settings,
        destination: &planner.destination,
        state: &prepared.state,
        quarantine: quarantine.map(|quarantine| &quarantine.place),
        run_id: &run_id,
        retry: &retry,
    };
    let Stores {
        buckets,
        state,
        objects,
    } = stores::open(&around).await?;
    let place = buckets.loaded.location();
    // Before anything is written.
    divide_memory(&prepared, &*buckets.loaded)?;
    let shelf = Shelf::new(Arc::clone(&state), &prepared.state.prefix, retry.clone());
    let record = record::begin(&mut prepared, &buckets, &shelf, args.again()).await?;
    let facts = RunFacts {
        load_time: Some(record.load_time()),
        ..facts
    };
    let memory = schema_memory(&prepared, state);
    tracing::info!(run_id = facts.connection_run_id, %place, "the run begins");
    tell_of_guess(&prepared);
    prepared.read_objects(objects);
    let kept = KeptOfRun {
        record: Some(record),
        memory,
        states: prepared.states,
    };
    let (outcome, signal) = run_to_end(prepared, buckets, kept, args.quiet).await?;
    let failure = match &outcome.ending {
        Ending::Failed(error) => Some(Failure::from(error)),
        Ending::Done | Ending::Interrupted => None,
    };
    let facts = RunFacts {
        seconds: began.elapsed().as_secs_f64(),
        retries: retry.count(),
        ..facts
    };
    if let Some(message) = selection::unmatched(&outcome) {
        tracing::warn!("{message}");
    }
    let report = Report::new(facts, &outcome, failure.as_ref().map(Failure::report));
    tracing::info!(status = ?report.status, rows = report.rows, "the run has ended");
    tell(&report, &place, args)?;
    if let Some(listener) = listener {
        // Whether this run is whole or not, others may be that nobody was told of.
        let connection_id = report.connection_id.as_deref();
        on_complete::tell(&listener, shelf, connection_id, &run_id, &retry).await;
    }
    let exit = match &failure {
        Some(failure) => failure.exit,
        None if matches!(outcome.ending, Ending::Interrupted) => {
            signal.unwrap_or(Exit::Interrupted)
        }
        None if has_rejected(&outcome) => Exit::Rejected,
        None => Exit::Done,
    };
    Ok(Ended { exit, failure })
}

/// What is kept of a run, where anything is.
#[derive(Default)]
pub(crate) struct KeptOfRun {
    record: Option<RunRecord>,
    memory: Option<SchemaMemory>,
    /// How its states are given back.
    states: Option<StateForm>,
}

/// What earlier runs have found of columns, where the connection has an id: without one, no run knows
/// another. `bucket` is that of the state.
fn schema_memory(prepared: &Prepared, bucket: Arc<dyn Bucket>) -> Option<SchemaMemory> {
    let connection_id = prepared.planner.identity.connection_id.as_deref()?;
    let (prefix, retry) = (&prepared.state.prefix, prepared.retry.clone());
    Some(SchemaMemory::new(bucket, prefix, connection_id, retry))
}

/// Whether bad records were set aside, by this attempt at the run or by an earlier one.
fn has_rejected(outcome: &Outcome) -> bool {
    let manifest = outcome.manifest.as_ref();
    !outcome.quarantine.is_empty() || manifest.is_some_and(|manifest| manifest.rejected > 0)
}

/// A pipe whose writer died ends like any other, and what it leaves out is replaced all the same.
fn tell_of_guess(prepared: &Prepared) {
    let replaces = |plan: &StreamPlan| matches!(plan.write, WriteMode::Overwrite);
    let mut plans = prepared.streams.iter().map(|(_, plan)| plan);
    if prepared.input_end == InputEnd::Guessed && plans.any(replaces) {
        tracing::info!(
            "the end of a pipe is taken for the end of its source, and objects are replaced then: \
             --eof-is-complete says that it is so"
        );
    }
}

/// Runs a prepared load into buckets; also says which signal ended it early.
pub(crate) async fn run_to_end(
    mut prepared: Prepared,
    buckets: Buckets,
    kept: KeptOfRun,
    quiet: bool,
) -> Result<(Outcome, Option<Exit>), Failure> {
    let progress = Arc::new(Progress::default());
    // It ends with this function.
    let program = prepared.program.take();
    let signals = program
        .as_ref()
        .map_or_else(Signals::watch, SourceProgram::signals);
    // A program says on stderr what it does, and would tear a line there to pieces.
    let is_quiet = quiet || program.is_some();
    let input_bytes = prepared.inputs.input_bytes();
    let line = ProgressLine::follow(Arc::clone(&progress), input_bytes, is_quiet);
    let (job, inputs) = job(prepared, &*buckets.loaded, kept)?;
    let records = inputs.into_source();
    let source: Box<dyn Source> = match &program {
        Some(program) => Box::new(program.heeding_signals(records)),
        None => Box::new(records),
    };
    let outcome = spile_core::run(job, source, buckets, signals.stop(), progress).await;
    if let Some(line) = line {
        line.end();
    }
    Ok((outcome, signals.received()))
}

fn job(
    prepared: Prepared,
    bucket: &dyn Bucket,
    kept: KeptOfRun,
) -> Result<(Job, spile_sources::Inputs), Failure> {
    let memory = divide_memory(&prepared, bucket)?;
    let job = Job {
        quarantine: prepared
            .quarantine
            .map(|quarantine| quarantine.of_run(prepared.planner.clone())),
        zone: prepared.planner.zone,
        metadata: metadata(&prepared.planner.identity, prepared.planner.zone),
        selection: prepared.selection,
        plans: prepared.planner.plans(),
        schema_memory: kept.memory,
        roll: prepared.roll,
        memory,
        upload_concurrency: prepared.upload_concurrency,
        retry: prepared.retry,
        now: Utc::now(),
        publish: prepared.publish,
        cuts: prepared.cuts,
        sink: kept.states.map(|form| Box::new(States(form)) as _),
        in_place: false,
        record: kept.record,
    };
    Ok((job, prepared.inputs))
}

/// What each object says of its run: with it, the values of all macros can be told again.
fn metadata(identity: &RunIdentity, zone: Zone) -> Vec<(String, String)> {
    let load_time = identity.load_time;
    let load_time = load_time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let of_run = [
        ("spile-run-id", identity.connection_run_id.as_str()),
        ("spile-load-time", &load_time),
        ("spile-timezone", zone.name()),
    ];
    of_run
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn divide_memory(prepared: &Prepared, bucket: &dyn Bucket) -> Result<MemoryPlan, ConfigFaults> {
    let divide = |object_bytes| {
        let Prepared {
            memory_bytes, roll, ..
        } = prepared;
        MemoryPlan::divide(*memory_bytes, roll, bucket.part_limits(), object_bytes)
    };
    let known = prepared.streams.iter();
    let known = known.map(|(_, plan)| Arc::clone(&plan.encoding));
    let others = match prepared.inputs.has_others() {
        true => prepared.planner.encodings(),
        false => Vec::new(),
    };
    let encodings = known.chain(others);
    let objects = encodings.map(|encoding| encoding.object_memory_bytes());
    let object_bytes = objects.max().unwrap_or_default();
    divide(object_bytes).map_err(|error| {
        let least = error.least.div_ceil(1 << 20);
        let message = format!("{} bytes are too little", error.given);
        let fault = ConfigFault::new("limits.memory", message).hint(match divide(0) {
            Ok(_) => format!(
                "compressing an object at this level takes {}MiB: give at least {least}MiB, or \
                 choose a lower level",
                object_bytes.div_ceil(1 << 20)
            ),
            Err(_) => format!("give at least {least}MiB, or a smaller --object-size"),
        });
        prepared.planner.places.place(fault.into())
    })
}

fn tell(report: &Report, place: &str, args: &LoadArgs) -> Result<(), Failure> {
    if args.output_format == OutputFormat::Json {
        print_json(report)?;
    } else if !args.quiet {
        terminal::say(&report::text(report, place));
    }
    Ok(())
}

fn print_json(report: &Report) -> Result<Exit, Failure> {
    let text = serde_json::to_string(report);
    terminal::print(&text.map_err(|error| Failure::of(Exit::Bug, &error, None))?)
}
