//! `spile plan`: a load into a bucket that keeps nothing, and what can be said of its keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use indicatif::HumanBytes;
use serde::Serialize;
use spile_core::{Bucket, Ending, Outcome, StreamName, StreamPlan, WriteMode};
use spile_macros_template::{Granularity, KeyLint, Repeats};

use crate::cli::{LoadArgs, OutputFormat};
use crate::dry_bucket::DryBucket;
use crate::failure::{Exit, Failure};
use crate::job::Prepared;
use crate::load::KeptOfRun;
use crate::report::plural;
use crate::source_objects::NoStore;
use crate::{config, job, load, selection, terminal};

/// What a load would do.
#[derive(Debug, Serialize)]
struct Plan {
    schema_version: u32,
    rows: u64,
    periods: usize,
    objects: Vec<PlannedObject>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PlannedObject {
    stream: String,
    key: String,
    rows: u64,
    bytes: u64,
}

/// Keys shown to people.
const KEYS_SHOWN: usize = 20;

/// Plans a load and tells of it.
pub(crate) fn run(args: &LoadArgs) -> Result<Exit, Failure> {
    let mut loaded = config::load(&args.settings, &args.files, std::env::vars_os())?;
    // The keys can be told wherever they are to be.
    let url = &mut loaded.settings.destination.url;
    url.get_or_insert_with(|| ".".to_owned());
    let runtime = load::runtime()?;
    let mut prepared = {
        let _for_signals = runtime.enter();
        job::prepare(loaded, args.command_line().as_ref(), Utc::now())?
    };
    prepared.read_objects(Arc::new(NoStore::PLAN));
    let repeating = repeating(&prepared);
    let bucket: Arc<dyn Bucket> = Arc::new(DryBucket::like(&prepared.planner.destination.place));
    let result = runtime.block_on(load::run_to_end(
        prepared,
        bucket.into(),
        KeptOfRun::default(),
        args.quiet,
    ));
    runtime.shutdown_background();
    let (outcome, signal) = result?;
    match &outcome.ending {
        Ending::Failed(error) => return Err(error.into()),
        Ending::Interrupted => return Ok(signal.unwrap_or(Exit::Interrupted)),
        Ending::Done => {}
    }
    let plan = Plan::of(&outcome, repeating);
    match args.output_format {
        OutputFormat::Text => terminal::print(&plan.text()),
        OutputFormat::Json => {
            let json = serde_json::to_string(&plan);
            terminal::print(&json.map_err(|error| Failure::of(Exit::Bug, &error, None))?)
        }
    }
}

/// Warnings of streams whose keys a later run has too.
fn repeating(prepared: &Prepared) -> Vec<String> {
    let warning = |(stream, plan): &(StreamName, StreamPlan)| {
        let when = when(plan.keys.repeats())?;
        let what = match plan.write {
            WriteMode::Append => {
                "what is there stays, and a further run takes the next numbers (-00002, …)"
            }
            WriteMode::Replace(_) => {
                "a further run takes the next numbers (-00002, …), and what is there of the \
                 periods that it covers goes"
            }
            WriteMode::Overwrite => {
                "a further run replaces what is there, but leaves objects whose keys it doesn't \
                 reach"
            }
        };
        Some(format!("the keys of stream {stream} repeat {when}: {what}"))
    };
    prepared.streams.iter().filter_map(warning).collect()
}

fn when(repeats: Repeats) -> Option<&'static str> {
    match repeats {
        Repeats::Never => None,
        Repeats::Within(Granularity::Year) => Some("in runs of the same year"),
        Repeats::Within(Granularity::Month) => Some("in runs of the same month"),
        Repeats::Within(Granularity::Day) => Some("in runs of the same day"),
        Repeats::Within(Granularity::Hour) => Some("in runs of the same hour"),
        Repeats::Within(Granularity::Minute) => Some("in runs of the same minute"),
        Repeats::Within(_) | Repeats::Always => Some("from run to run"),
    }
}

impl Plan {
    fn of(outcome: &Outcome, mut warnings: Vec<String>) -> Self {
        let alike = outcome.routes - outcome.distinct_routes;
        if alike > 0 {
            warnings.push(format!(
                "{alike} of {} periods have the key of another one and take numbers: add macros \
                 that tell them apart, such as {{cursor_year}} or {{stream_name}}",
                outcome.routes
            ));
        }
        warnings.extend(selection::unmatched(outcome));
        let rejected: u64 = outcome.quarantine.iter().map(|receipt| receipt.rows).sum();
        if rejected > 0 {
            let records = plural(rejected, "bad record");
            warnings.push(format!("{records} would go to quarantine"));
        }
        let mut lint = KeyLint::new();
        for receipt in &outcome.receipts {
            warnings.extend(lint.check(&receipt.key).iter().map(ToString::to_string));
        }
        let object = |receipt: &spile_core::Receipt| PlannedObject {
            stream: receipt.stream.to_string(),
            key: receipt.key.to_string(),
            rows: receipt.rows,
            bytes: receipt.bytes,
        };
        Self {
            schema_version: 1,
            rows: outcome.receipts.iter().map(|receipt| receipt.rows).sum(),
            periods: outcome.routes,
            objects: outcome.receipts.iter().map(object).collect(),
            warnings,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for object in self.objects.iter().take(KEYS_SHOWN) {
            let PlannedObject {
                key, rows, bytes, ..
            } = object;
            let rows = plural(*rows, "record");
            text += &format!("  {key}  ({rows}, {})\n", HumanBytes(*bytes));
        }
        if self.objects.len() > KEYS_SHOWN {
            text += &format!("  … and {} more\n", self.objects.len() - KEYS_SHOWN);
        }
        let keys: BTreeSet<&str> = self.objects.iter().map(|object| &*object.key).collect();
        text += &format!(
            "{} of {}: {}, {}\n",
            plural(self.rows, "record"),
            plural(self.periods as u64, "period"),
            plural(self.objects.len() as u64, "object"),
            plural(keys.len() as u64, "key"),
        );
        for warning in &self.warnings {
            text += &format!("warning: {warning}\n");
        }
        text
    }
}
