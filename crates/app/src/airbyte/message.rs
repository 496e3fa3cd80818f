//! The messages that a destination says.

use chrono::Utc;
use serde_json::json;

use crate::failure::{Exit, Failure};

/// What has come of a check.
pub(super) fn connection_status(fault: Option<&str>) -> String {
    let status = match fault {
        None => json!({"status": "SUCCEEDED"}),
        Some(fault) => json!({"status": "FAILED", "message": fault.trim_end()}),
    };
    json!({"type": "CONNECTION_STATUS", "connectionStatus": status}).to_string()
}

/// Why a load has failed.
pub(super) fn trace_error(failure: &Failure) -> String {
    let report = failure.report();
    let message = match &report.hint {
        None => report.message.clone(),
        Some(hint) => format!("{}\n{hint}", report.message),
    };
    trace(&message, &failure.to_string(), failure_type(failure.exit))
}

/// What is wrong with a command line.
pub(super) fn trace_usage(error: &clap::Error) -> String {
    let told = error.to_string();
    let lines = told.lines().take_while(|line| !line.is_empty());
    let message = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    trace(message, &told, CONFIG)
}

fn trace(message: &str, internal: &str, failure_type: &str) -> String {
    let trace = json!({
        "type": "ERROR",
        "emitted_at": Utc::now().timestamp_millis(),
        "error": {
            "message": message,
            "internal_message": internal,
            "failure_type": failure_type,
        },
    });
    json!({"type": "TRACE", "trace": trace}).to_string()
}

const CONFIG: &str = "config_error";

/// Who can do something about it: whoever has configured it, nobody but time, or whoever maintains the
/// source or Spile.
fn failure_type(exit: Exit) -> &'static str {
    match exit {
        Exit::Configuration | Exit::Refused | Exit::Credentials => CONFIG,
        Exit::Held | Exit::RetriesUsedUp => "transient_error",
        _ => "system_error",
    }
}
