//! Logs, for whoever isn't watching.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;
use crate::failure::{Exit, Failure};

/// Writes logs to stderr. What can't be logged is told at once.
pub(crate) fn start(format: LogFormat, filter: Option<&str>) -> Result<(), Failure> {
    let usual = if std::io::stderr().is_terminal() {
        "warn"
    } else {
        "warn,spile=info"
    };
    let filter = EnvFilter::try_new(filter.unwrap_or(usual)).map_err(|error| {
        Failure::new(Exit::Configuration, format!("--log: {error}"))
            .hint("write error, warn, info, debug or trace")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
