//! The report for people.

use indicatif::{HumanBytes, HumanCount};
use spile_core::{ObjectReport, Report, Status};

use crate::recover;

/// More objects than this are summed up.
const OBJECTS_SHOWN: usize = 20;

/// The report as text. `place` is where the objects are.
pub(crate) fn text(report: &Report, place: &str) -> String {
    let mut text = String::new();
    if let Some(recovery) = &report.recovered {
        text += &format!("recovered {}\n", recover::in_short(recovery));
    }
    let hidden = report.objects.len().saturating_sub(OBJECTS_SHOWN);
    let shown = &report.objects[..report.objects.len() - hidden];
    let width = shown
        .iter()
        .map(|object| object.key.chars().count())
        .max()
        .unwrap_or_default();
    for object in shown {
        text.push_str(&line(object, width));
    }
    if hidden > 0 {
        text.push_str(&format!(
            "  … and {} more\n",
            plural(hidden as u64, "object")
        ));
    }
    for object in report.quarantine.iter().take(OBJECTS_SHOWN) {
        let rows = plural(object.rows, "bad record");
        text += &format!("  in quarantine: {}  {rows}\n", object.key);
    }
    for staged in &report.staged {
        let rows = plural(staged.rows, "record");
        text += &format!("  still staged, not published: {}  {rows}\n", staged.key);
    }
    text + &summary(report, place)
}

fn line(object: &ObjectReport, width: usize) -> String {
    let rows = plural(object.rows, "record");
    format!(
        "  {:width$}  {rows:>16}  {:>10}\n",
        object.key,
        HumanBytes(object.bytes).to_string()
    )
}

fn summary(report: &Report, place: &str) -> String {
    let what = match report.status {
        Status::Done => "loaded",
        Status::Interrupted => "interrupted: loaded",
        Status::Failed => "failed: loaded only",
    };
    let mut text = format!(
        "{what} {} in {} ({}) into {place} in {}",
        plural(report.rows, "record"),
        plural(report.objects.len() as u64, "object"),
        HumanBytes(report.bytes),
        seconds(report.seconds),
    );
    if report.rejected > 0 {
        let rejected = plural(report.rejected, "record");
        text.push_str(&format!(", with {rejected} in quarantine"));
    }
    if report.rows_read > report.rows + report.rejected {
        text.push_str(&format!(", of {} read", HumanCount(report.rows_read)));
    }
    if report.retries > 0 {
        text.push_str(&format!(
            ", with {}",
            plural_of(report.retries, "retry", "retries")
        ));
    }
    text + "\n"
}

/// A count with its noun.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    plural_of(count, noun, &format!("{noun}s"))
}

fn plural_of(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        HumanCount(count),
        if count == 1 { one } else { many }
    )
}

fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}
