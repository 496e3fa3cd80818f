//! The text of a check, without what differs from run to run.

use crate::kit::Ran;

/// What was printed, with the name of the unit in place of how long each thing took.
pub(crate) fn lines(ran: &Ran) -> String {
    ran.to_string().lines().map(untimed).collect()
}

fn untimed(line: &str) -> String {
    let statuses = ["passed ", "warned ", "failed ", "skipped"];
    let is_timed = statuses.iter().any(|status| line.starts_with(status));
    match line.split_at_checked(9).zip(line.split_at_checked(18)) {
        Some(((status, _), (_, rest))) if is_timed => format!("{status}{rest}\n"),
        _ => format!("{line}\n"),
    }
}
