//! What was recovered, for people.

use indicatif::HumanBytes;
use spile_core::ledger::{
    AttemptStatus, Left, LeftAlone, Leftover, Manifest, Recovered, Recovery, Unrecovered,
};

use super::Notices;
use crate::report::plural;
use crate::table::shown;

/// What was done about all runs.
pub(super) fn text(done: &Recovered, notices: &Notices, location: &str) -> String {
    let recovered = done.recovered.iter().map(recovery);
    let left_alone = done.left_alone.iter().map(left_alone);
    let failed = done.failed.iter().map(failed);
    let told = notices.told.iter().map(told);
    let untold = notices.untold.iter().map(untold);
    let of_runs = recovered.chain(left_alone).chain(failed);
    let text: String = of_runs.chain(told).chain(untold).collect();
    match text.is_empty() {
        true => format!("there is nothing to recover in {location}\n"),
        false => text,
    }
}

/// A run as people call it.
fn name(connection_id: Option<&str>, run_id: &str, attempt: u32) -> String {
    let attempt = match attempt {
        1 => String::new(),
        attempt => format!(", attempt {attempt}"),
    };
    let of = connection_id.map(|id| format!(" of connection {id}"));
    shown(&format!("run {run_id}{}{attempt}", of.unwrap_or_default()))
}

/// A recovery in one line.
pub(crate) fn in_short(recovery: &Recovery) -> String {
    let name = name(
        recovery.connection_id.as_deref(),
        &recovery.run_id,
        recovery.attempt,
    );
    let left = match recovery.left.len() + recovery.unknown.len() {
        0 => String::new(),
        left => format!(", {} left", plural(left as u64, "upload")),
    };
    let lost = match recovery.lost.len() {
        0 => String::new(),
        lost => format!(", {} lost", plural(lost as u64, "object")),
    };
    format!(
        "{name}: {}; {} there, {} removed{left}{lost}",
        status(recovery.status),
        match recovery.published {
            1 => "1 object of it is".to_owned(),
            count => format!("{count} objects of it are"),
        },
        plural(recovery.removed as u64, "upload"),
    )
}

fn status(status: AttemptStatus) -> &'static str {
    match status {
        AttemptStatus::Done => "it was done",
        AttemptStatus::Interrupted => "it was interrupted",
        AttemptStatus::Failed => "it has failed",
        AttemptStatus::Undone => "it had died, and is undone",
        AttemptStatus::Finished => "it had died while it published, and is whole now",
    }
}

fn recovery(recovery: &Recovery) -> String {
    let mut text = in_short(recovery) + "\n";
    for leftover in &recovery.left {
        text += &left(leftover);
    }
    for key in &recovery.unknown {
        text += &format!(
            "  unknown: an upload may have begun at {key}; whether it has can't be looked for without \
             s3:ListBucketMultipartUploads\n"
        );
    }
    for record in &recovery.lost {
        let rows = plural(record.rows, "record");
        text += &format!(
            "  lost: {} ({rows}): it was removed, another object stands there, or the store refuses it\n",
            record.key
        );
    }
    if let Some(checkpoint) = &recovery.checkpoint {
        text += &format!("  checkpoint: {}\n", shown(checkpoint));
    }
    if recovery.status != AttemptStatus::Finished {
        text += match recovery.checkpoint {
            Some(_) => "  repeat it by --resume (from the checkpoint) or --redo (from the start)\n",
            None => "  repeat it by --redo (from the start)\n",
        };
    }
    text
}

fn left(leftover: &Leftover) -> String {
    let bytes = leftover.bytes;
    let bytes = bytes.map(|bytes| format!(" ({})", HumanBytes(bytes)));
    format!(
        "  left: upload {} at {}{}: {}\n",
        leftover.upload,
        leftover.key,
        bytes.unwrap_or_default(),
        shown(&leftover.reason)
    )
}

fn left_alone(run: &LeftAlone) -> String {
    let id = &run.connection_run_id;
    let name = name(run.connection_id.as_deref(), id, run.attempt);
    let why = match &run.why {
        Left::Held {
            connection_run_id, ..
        } if connection_run_id == id => "it is alive".to_owned(),
        Left::Held {
            connection_run_id, ..
        } => format!("run {connection_run_id} is alive, and holds the connection"),
        Left::Elsewhere { destination } => {
            format!("its objects are in {destination}: say so by --to")
        }
    };
    format!("{name}: left alone, since {}\n", shown(&why))
}

fn of_manifest(manifest: &Manifest) -> String {
    let id = &manifest.connection_run_id;
    name(manifest.connection_id.as_deref(), id, manifest.attempt)
}

fn told(manifest: &Manifest) -> String {
    format!("{}: told of\n", of_manifest(manifest))
}

fn untold(manifest: &Manifest) -> String {
    let name = of_manifest(manifest);
    format!("{name}: it is whole, and whoever is to be told of it, by [on_complete], wasn't yet\n")
}

fn failed(run: &Unrecovered) -> String {
    let name = name(
        run.connection_id.as_deref(),
        &run.connection_run_id,
        run.attempt,
    );
    format!("{name}: not recovered, for the reason below\n")
}
