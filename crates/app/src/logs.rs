//! Logs, for whoever isn't watching.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::airbyte;
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

/// The form of logs, and where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people, to stderr.
    Text,
    /// For programs, to stderr.
    Json,
    /// For Airbyte's platform, to stdout.
    Airbyte,
}

impl Form {
    pub(crate) fn of(format: LogFormat) -> Self {
        match format {
            LogFormat::Text => Self::Text,
            LogFormat::Json => Self::Json,
        }
    }
}

/// Writes logs. What can't be logged is told at once.
pub(crate) fn start(format: Form, filter: Option<&str>) -> Result<(), Failure> {
    let usual = if format != Form::Airbyte && std::io::stderr().is_terminal() {
        "warn"
    } else {
        "warn,spile=info"
    };
    let filter = EnvFilter::try_new(filter.unwrap_or(usual)).map_err(|error| {
        Failure::new(Exit::Configuration, format!("--log: {error}"))
            .hint("write error, warn, info, debug or trace")
    })?;
    let layer = match format {
        Form::Text => fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .boxed(),
        Form::Json => fmt::layer().json().with_writer(std::io::stderr).boxed(),
        Form::Airbyte => airbyte::LogLayer.boxed(),
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
