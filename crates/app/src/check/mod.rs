//! `spile check`: proves that a load would work, without loading anything.

mod lines;
mod outcome;

use std::time::Instant;

use chrono::Utc;
use spile_core::{BucketErrorKind, ObjectKey};
use spile_store_s3::FolderBucket;
use spile_store_s3::check::{Checklist, Finding, Verdict};

use crate::cli::{CheckArgs, OutputFormat};
use crate::config;
use crate::credentials::Asking;
use crate::destination::Place;
use crate::failure::{Exit, Failure};
use crate::rehearsal::{self, Rehearsed};
use crate::signals::Signals;
use crate::{bucket, load, terminal};
use outcome::Outcome;

const CONFIGURATION: &str = "configuration";

/// Checks, and tells of each finding as it comes; programs are told of all at the end.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let runtime = load::runtime()?;
    let (findings, signal) = runtime.block_on(async {
        let signals = Signals::watch();
        let stop = signals.stop();
        let tell = |finding: &Finding| tell(finding, args.output_format);
        let list = Checklist::new(tell, move || *stop.borrow());
        let mut list = list.showing_external_id(args.show_external_id);
        check(args, &mut list).await;
        (list.into_findings(), signals.received())
    });
    runtime.shutdown_background();
    let outcome = Outcome::of(&findings, signal);
    terminal::print(&match args.output_format {
        OutputFormat::Text => outcome.summary(),
        OutputFormat::Json => outcome.json()?,
    })?;
    Ok(outcome.exit)
}

fn tell(finding: &Finding, format: OutputFormat) {
    if format == OutputFormat::Text {
        // Whoever reads may have seen enough; what was written is removed all the same.
        let _unread = terminal::print(&lines::of(finding));
    }
}

async fn check(args: &CheckArgs, list: &mut Checklist<'_>) {
    let began = Instant::now();
    let loaded = config::load(&args.settings, &[], std::env::vars_os()).map_err(Failure::from);
    let rehearsed = loaded.and_then(|loaded| rehearsal::rehearse(loaded, Utc::now()));
    let rehearsed = match rehearsed {
        Ok(rehearsed) => rehearsed,
        Err(failure) => return list.note(CONFIGURATION, failed(&failure), began.elapsed()),
    };
    match &rehearsed.destination.place {
        Place::Folder(path) => {
            list.note(CONFIGURATION, configured(&rehearsed), began.elapsed());
            FolderBucket::check(path, list).await;
        }
        Place::Bucket(name) => check_bucket(name, &rehearsed, began, list).await,
    }
}

async fn check_bucket(name: &str, rehearsed: &Rehearsed, began: Instant, list: &mut Checklist<'_>) {
    let asking = Asking {
        settings: &rehearsed.settings,
        bucket: name,
        prefix: &rehearsed.destination.prefix,
        run_id: &rehearsed.run_id,
    };
    let config = bucket::s3_config(&asking).map_err(Failure::from);
    let config = config.and_then(|config| {
        let valid = config.validate();
        valid.map_err(|error| bucket::not_connected(&error))?;
        Ok(config)
    });
    match config {
        Ok(config) => {
            list.note(CONFIGURATION, configured(rehearsed), began.elapsed());
            config.check(list).await;
        }
        Err(failure) => list.note(CONFIGURATION, failed(&failure), began.elapsed()),
    }
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
