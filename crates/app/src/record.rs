//! The record that is kept of a load.

use std::sync::Arc;

use spile_core::ledger::{
    Again, Home, LedgerError, Leftover, Recovery, RunRecord, RunStart, Shelf,
};
use spile_core::{BucketError, BucketErrorKind, Buckets, PublishMode};

use crate::failure::{Exit, Failure, error_hint};
use crate::job::Prepared;
use crate::surroundings::Machine;

/// Begins the record. Of a repeated run, the time of its first attempt holds, and a resumed one goes
/// on from its last checkpoint.
pub(crate) async fn begin(
    prepared: &mut Prepared,
    buckets: &Buckets,
    shelf: &Shelf,
    again: Again,
) -> Result<RunRecord, Failure> {
    let identity = &prepared.planner.identity;
    let retry = prepared.retry.clone();
    let start = RunStart {
        shelf: shelf.clone(),
        buckets: buckets.clone(),
        retry,
        home: Home::new(identity.connection_id.as_deref()),
        run_id: identity.connection_run_id.clone(),
        again,
        load_time: identity.load_time,
        timezone: prepared.planner.zone.name().to_owned(),
        as_a_whole: prepared.publish == PublishMode::Run,
        is_told: prepared.planner.settings.on_complete.is_given(),
        destination: buckets.loaded.location(),
        spile_version: env!("CARGO_PKG_VERSION").to_owned(),
        surroundings: Arc::new(Machine),
    };
    let record = RunRecord::begin(start).await;
    let record = record.map_err(failure_to_begin)?;
    record.recovered().into_iter().for_each(warn_of_rest);
    match prepared.repeat(record.load_time(), record.checkpoint()) {
        Ok(()) => Ok(record),
        Err(failure) => {
            record.call_off().await;
            Err(failure)
        }
    }
}

/// Says what a recovery had to leave: nobody else may hear of it.
fn warn_of_rest(recovery: &Recovery) {
    for Leftover {
        key,
        upload,
        reason,
        ..
    } in &recovery.left
    {
        tracing::warn!(run_id = recovery.run_id, %key, upload, reason, "an upload is left");
    }
    for key in &recovery.unknown {
        tracing::warn!(
            run_id = recovery.run_id,
            %key,
            "an upload may be left: whether it is can't be looked for without \
             s3:ListBucketMultipartUploads"
        );
    }
}

/// The first that a load asks of a bucket is about documents that its user has never heard of: what
/// it is for has to be told, and where all requests fail, not which one was the first.
fn failure_to_begin(error: LedgerError) -> Failure {
    let error = match error {
        LedgerError::Bucket(error) => LedgerError::Bucket(BucketError {
            action: match is_of_whole_bucket(error.kind) {
                true => "begin the record of the run".to_owned(),
                false => format!("begin the record of the run ({})", error.action),
            },
            ..error
        }),
        error => error,
    };
    ledger_failure(&error)
}

/// A failure to read or write what is kept of runs.
pub(crate) fn ledger_failure(error: &LedgerError) -> Failure {
    let (exit, hint) = ledger_hint(error);
    let failure = Failure::of(exit, error, None);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Whether another request would fare no better.
fn is_of_whole_bucket(kind: BucketErrorKind) -> bool {
    use BucketErrorKind as Kind;
    matches!(
        kind,
        Kind::NoSuchBucket
            | Kind::Unauthenticated
            | Kind::Expired
            | Kind::WrongRegion
            | Kind::Unreachable
            | Kind::ReadOnly
    )
}

/// What a journal has failed with, its causes too: that it can't be written any further says less.
pub(crate) fn first_failure(error: &LedgerError) -> &LedgerError {
    match error {
        LedgerError::Journal(error) => first_failure(error),
        error => error,
    }
}

/// The exit code of an error of what is kept of runs, and what to do about it.
pub(crate) fn ledger_hint(error: &LedgerError) -> (Exit, Option<String>) {
    match error {
        // Its keys come from no template.
        LedgerError::Bucket(error) if error.kind == BucketErrorKind::InvalidKey => {
            let hint = "give what is kept of runs another place, by destination.state_url";
            (Exit::Refused, Some(hint.to_owned()))
        }
        LedgerError::Bucket(error) => {
            let (exit, hint) = error_hint(error);
            (exit, hint.map(str::to_owned))
        }
        LedgerError::Journal(error) => ledger_hint(error),
        LedgerError::Document { .. } => {
            let hint = "mend that object, or have the version of spile read it that wrote it";
            (Exit::Refused, Some(hint.to_owned()))
        }
        LedgerError::Key { .. } => (Exit::Configuration, None),
        LedgerError::Held { holder, until, .. } => {
            let hint = format!(
                "wait until it has ended; it works as `{holder}`, and is taken for dead where \
                 nothing is heard of it until {}",
                until.format("%Y-%m-%d %H:%M:%S UTC")
            );
            (Exit::Held, Some(hint))
        }
        LedgerError::Elsewhere { destination, .. } => {
            let hint = format!(
                "give the settings of that load, here or to `spile recover`, which sees to a run that has \
                 died: its objects are in {destination}"
            );
            (Exit::Configuration, Some(hint))
        }
        LedgerError::Behind { .. } => {
            let hint = "repeat it from its start, by --redo: they would come twice";
            (Exit::Configuration, Some(hint.to_owned()))
        }
        LedgerError::Replaced { .. } => {
            let hint = "load it again from its start: by --redo, or under another run id";
            (Exit::Configuration, Some(hint.to_owned()))
        }
        LedgerError::TakenOver => {
            let hint = "it was not heard of for too long, as where a machine sleeps: run it again";
            (Exit::Held, Some(hint.to_owned()))
        }
        LedgerError::RunExists { .. } => {
            let hint = "say what the source does: --redo where it replays from its start, --resume \
                        where it goes on from the last checkpoint; or give another run id";
            (Exit::Configuration, Some(hint.to_owned()))
        }
        LedgerError::NoSuchRun { .. } => {
            let hint = "`spile runs list` lists all runs that something is kept of";
            (Exit::Configuration, Some(hint.to_owned()))
        }
        _ => (Exit::Bug, None),
    }
}
