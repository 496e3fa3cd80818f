//! `spile verify`: reads the objects of a run again, and compares them with its manifest.

mod decode;
mod object;
mod outcome;

use std::sync::Arc;

use clap::Args;
use futures::stream::{self, StreamExt};
use spile_core::ledger::{KeptRun, Manifest, ObjectRecord};
use spile_core::{Bucket, StreamDeclaration, StreamPlan, Zone};

use self::decode::Reading;
use self::object::{Checking, Found};
use self::outcome::Outcome;
use crate::cli::{OutputFormat, SettingArgs};
use crate::config::ConfigFaults;
use crate::failure::{Exit, Failure};
use crate::kept::{self, Kept};
use crate::stream::StreamPlanner;
use crate::{load, terminal};

pub(crate) const HELP: &str = "\
Give it the flags, the environment and the file of the load, without its input: they say where the \
objects are, how their csv is written, and which field is the cursor. Two objects at a time are read \
whole, into memory, and compared by bytes, checksum (CRC-64/NVME), records and cursors.

Exit codes: 0 all is as the manifest says, 2 usage, 3 configuration or no such whole run, \
5 destination refused, 6 credentials, 8 something differs, 75 retries used up (run it again).";

/// What `spile verify` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    /// The run's id, as `spile runs list` tells it
    #[arg(value_name = "RUN")]
    run: String,

    #[command(flatten)]
    settings: SettingArgs,

    /// Set the form of the result: text for people or json for programs, both on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    output_format: OutputFormat,
}

/// Objects that are in memory at once.
const OBJECTS: usize = 2;

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    load::runtime()?.block_on(verify(args))
}

async fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let kept = kept::open(&args.settings).await?;
    let run = kept.run(&args.run, None).await?;
    let manifest = run.manifest.as_ref().ok_or_else(|| not_whole(&run))?;
    let checks = checks(&kept, manifest)?;
    let checks = checks
        .iter()
        .map(|(checking, record)| checking.check(record));
    let mut checked = stream::iter(checks).buffered(OBJECTS);
    let mut outcome = Outcome::of(manifest);
    while let Some(found) = checked.next().await {
        let found: Found = found?;
        outcome.add(found);
    }
    let exit = outcome.exit();
    match args.output_format {
        OutputFormat::Json => terminal::print(&outcome.json()?)?,
        OutputFormat::Text => terminal::print(&outcome.text())?,
    };
    Ok(exit)
}

fn not_whole(run: &KeptRun) -> Failure {
    let summary = &run.summary;
    let (id, status) = (&summary.connection_run_id, summary.status.word());
    let message = format!("run {id} has no manifest to compare with: its status is {status}");
    Failure::new(Exit::Configuration, message)
        .hint("only a whole run can be verified; `spile recover` sees to one that has died")
}

/// The objects of a manifest, each with what it takes to check it.
fn checks<'a>(
    kept: &Kept,
    manifest: &'a Manifest,
) -> Result<Vec<(Arc<Checking>, &'a ObjectRecord)>, Failure> {
    let mut faults = ConfigFaults::default();
    // Cursors are told in the zone of the run, whatever the settings are by now.
    let zone = Zone::named(&manifest.timezone).unwrap_or(kept.basis.zone);
    let planner = StreamPlanner {
        zone,
        ..kept.planner()
    };
    let mut checks = Vec::new();
    for stream in &manifest.streams {
        let Some(name) = stream.objects.first().map(ObjectRecord::stream_name) else {
            continue;
        };
        if let Some(plan) = planner.plan(&StreamDeclaration::named(name), &mut faults) {
            let checking = Arc::new(checking(kept, &plan, zone, manifest, &mut faults));
            let of_stream = |record| (Arc::clone(&checking), record);
            checks.extend(stream.objects.iter().map(of_stream));
        }
    }
    kept.places.place(faults).or(Some(()))?;
    let of_lines = Arc::new(Checking {
        bucket: Arc::clone(quarantine(kept, manifest)?),
        retry: kept.retry.clone(),
        reading: Reading::lines(zone),
        schemas: Vec::new(),
    });
    let quarantine = manifest.quarantine.iter();
    checks.extend(quarantine.map(|record| (Arc::clone(&of_lines), record)));
    Ok(checks)
}

/// Where the bad records of a run are.
fn quarantine<'a>(kept: &'a Kept, manifest: &Manifest) -> Result<&'a Arc<dyn Bucket>, Failure> {
    let Some(there) = &manifest.quarantine_destination else {
        return Ok(&kept.buckets.loaded);
    };
    let here = kept.buckets.quarantine.as_ref();
    here.filter(|here| here.location() == *there)
        .ok_or_else(|| {
            let message = format!("its bad records are in {there}, and that isn't set");
            Failure::new(Exit::Configuration, message)
                .hint("give the settings of the load: --on-bad-record quarantine and --quarantine")
        })
}

fn checking(
    kept: &Kept,
    plan: &StreamPlan,
    zone: Zone,
    manifest: &Manifest,
    faults: &mut ConfigFaults,
) -> Checking {
    Checking {
        bucket: Arc::clone(&kept.buckets.loaded),
        retry: kept.retry.clone(),
        reading: Reading::new(plan, zone, &kept.settings.destination.csv, faults),
        schemas: manifest.schemas.clone(),
    }
}
