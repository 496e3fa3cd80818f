//! `spile check`: proves that a load would work, without loading anything.

mod granting;
mod lines;
mod outcome;

use std::time::{Duration, Instant};

use chrono::Utc;
use spile_core::{BucketErrorKind, ObjectKey};
use spile_store_s3::check::{Checklist, Finding, Status, Verdict};
use spile_store_s3::{FolderBucket, S3Config};

use crate::cli::{CheckArgs, OutputFormat, SettingArgs};
use crate::config;
use crate::credentials::Asking;
use crate::destination::{Destination, Place};
use crate::failure::{Exit, Failure};
use crate::rehearsal::{self, Rehearsed};
use crate::signals::Signals;
use crate::{bucket, job, load, terminal};
use outcome::Outcome;

const CONFIGURATION: &str = "configuration";
/// Somebody waits for what a check finds: what fails is found, and not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks, and tells of each finding as it comes; programs are told of all at the end.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let (findings, signal) = find(args, |finding| tell(finding, args.output_format))?;
    let outcome = Outcome::of(&findings, signal);
    terminal::print(&match args.output_format {
        OutputFormat::Text => outcome.summary(),
        OutputFormat::Json => outcome.json()?,
    })?;
    Ok(outcome.exit)
}

/// What keeps a load from working, in words; `None` where nothing does.
pub(crate) fn fault(settings: SettingArgs) -> Result<Option<String>, Failure> {
    let args = CheckArgs {
        settings,
        show_external_id: false,
        output_format: OutputFormat::Text,
    };
    let (findings, signal) = find(&args, |_| {})?;
    let failed = |one: &&Finding| one.verdict.status == Status::Failed;
    let failed: String = findings.iter().filter(failed).map(lines::of).collect();
    Ok(match signal {
        Some(_) => Some("it was interrupted".to_owned()),
        None => (!failed.is_empty()).then_some(failed),
    })
}

/// All findings, and the exit code of the signal that has ended the check early.
fn find(
    args: &CheckArgs,
    tell: impl Fn(&Finding) + Send,
) -> Result<(Vec<Finding>, Option<Exit>), Failure> {
    let runtime = load::runtime()?;
    let found = runtime.block_on(async {
        let signals = Signals::watch();
        let stop = signals.stop();
        let list = Checklist::new(tell, move || *stop.borrow());
        let mut list = list.showing_external_id(args.show_external_id);
        check(args, &mut list).await;
        (list.into_findings(), signals.received())
    });
    runtime.shutdown_background();
    Ok(found)
}

fn tell(finding: &Finding, format: OutputFormat) {
    if format == OutputFormat::Text {
        // Whoever reads may have seen enough; what was written is removed all the same.
        let _unread = terminal::print(&lines::of(finding));
    }
}

/// What is to be tried out, once its settings are known to be right.
enum Target {
    Folder(String),
    Bucket(Box<S3Config>),
}

async fn check(args: &CheckArgs, list: &mut Checklist<'_>) {
    let began = Instant::now();
    let (destination, state) = match configure(args) {
        Ok((rehearsed, destination, state)) => {
            list.note(CONFIGURATION, configured(&rehearsed), began.elapsed());
            (destination, state)
        }
        Err(failure) => return list.note(CONFIGURATION, failed(&failure), began.elapsed()),
    };
    match destination {
        Target::Folder(path) => FolderBucket::check(path, list).await,
        Target::Bucket(config) => config.check(list).await,
    }
    match state {
        Some(Target::Folder(path)) => FolderBucket::check_state(path, list).await,
        Some(Target::Bucket(config)) => config.check_state(list).await,
        None => {}
    }
}

/// The destination, and the place of the state where that is another.
fn configure(args: &CheckArgs) -> Result<(Rehearsed, Target, Option<Target>), Failure> {
    let loaded = config::load(&args.settings, &[], std::env::vars_os())?;
    let rehearsed = rehearsal::rehearse(loaded, Utc::now())?;
    let destination = target(&rehearsed.destination, &rehearsed)?;
    let state = rehearsed.state.as_ref();
    let state = state.map(|state| target(state, &rehearsed)).transpose()?;
    Ok((rehearsed, destination, state))
}

fn target(at: &Destination, rehearsed: &Rehearsed) -> Result<Target, Failure> {
    let bucket = match &at.place {
        Place::Folder(path) => return Ok(Target::Folder(path.clone())),
        Place::Bucket(bucket) => bucket,
    };
    let config = bucket::s3_config(&Asking {
        settings: &rehearsed.settings,
        bucket,
        prefix: &at.prefix,
        run_id: &rehearsed.run_id,
        retry: &job::retry(&rehearsed.settings, PATIENCE),
    })?;
    let valid = config.validate();
    valid.map_err(|error| bucket::not_connected(&error))?;
    Ok(Target::Bucket(Box::new(config)))
}

fn configured(rehearsed: &Rehearsed) -> Verdict {
    let key = |key: &ObjectKey| format!("keys are like {key}");
    let keys: Vec<String> = rehearsed.keys.iter().map(key).collect();
    let keys = keys.join("\n");
    match rehearsed.warnings.is_empty() {
        true => Verdict::passed(keys),
        false => Verdict::warned(format!("{keys}\n{}", rehearsed.warnings.join("\n"))),
    }
}

/// What is wrong with the settings.
fn failed(failure: &Failure) -> Verdict {
    let text = failure.to_string();
    let text = text.trim_end().replace("\n  ", "\n");
    Verdict::failed(BucketErrorKind::Refused, text.replace("error: ", ""))
}
