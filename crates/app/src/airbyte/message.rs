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
    let error = json!({
        "message": message,
        "internal_message": failure.to_string(),
        "failure_type": failure_type(failure.exit),
    });
    let trace = json!({
        "type": "ERROR",
        "emitted_at": Utc::now().timestamp_millis(),
        "error": error,
    });
    json!({"type": "TRACE", "trace": trace}).to_string()
}

/// Who can do something about it: whoever has configured it, nobody but time, or whoever maintains the
/// source or Spile.
fn failure_type(exit: Exit) -> &'static str {
    match exit {
        Exit::Configuration | Exit::Refused | Exit::Credentials => "config_error",
        Exit::Held | Exit::RetriesUsedUp => "transient_error",
        _ => "system_error",
    }
}
