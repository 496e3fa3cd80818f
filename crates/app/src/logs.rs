//! Logs, for whoever isn't watching.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;
use crate::failure::{Exit, Failure};

/// What would tell secrets, whatever is asked for: a command that gives credentials, with its
/// arguments.
const HUSHED: [&str; 1] = ["aws_config::credential_process=debug"];

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
    let filter = HUSHED
        .iter()
        .fold(filter, |filter, hushed| match hushed.parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
