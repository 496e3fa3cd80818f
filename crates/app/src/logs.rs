//! Logs, for whoever isn't watching.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::cli::LogFormat;
use crate::failure::{Exit, Failure};

/// What would tell secrets, whatever is asked for: a command that gives credentials, with its
/// arguments; and requests and answers of STS, where LOG_SENSITIVE_BODIES or LOG_SIGNABLE_BODY is
/// set.
const HUSHED: [&str; 3] = [
    "aws_config::credential_process",
    "aws_smithy_runtime::client::orchestrator",
    "aws_sigv4",
];

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
    let layer = match format {
        LogFormat::Text => fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(std::io::stderr).boxed(),
    };
    let layer = layer.with_filter(filter.and(filter_fn(may_be_told)));
    tracing_subscriber::registry().with(layer).init();
    Ok(())
}

fn may_be_told(metadata: &Metadata<'_>) -> bool {
    let is_hushed = || {
        HUSHED
            .iter()
            .any(|hushed| metadata.target().starts_with(hushed))
    };
    *metadata.level() < Level::TRACE || !is_hushed()
}
