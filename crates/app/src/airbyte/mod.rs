//! `spile airbyte`: a destination of Airbyte. All it says is a message a line, on stdout.

mod log;
mod message;

use std::ffi::OsString;

use clap::{Args, Subcommand};

pub(crate) use self::log::LogLayer;
use self::message::{connection_status, trace_error, trace_usage};
use crate::cli::{LoadArgs, SettingArgs};
use crate::config::in_settings;
use crate::failure::{Exit, Failure};
use crate::settings_schema::airbyte_spec;
use crate::{check, load, terminal};

pub(crate) const HELP: &str = "\
Examples:
  Show what can be configured:
    spile airbyte spec
  Prove that a configuration works:
    spile airbyte check --config config.json
  Load what a source writes:
    source-faker read --config source.json --catalog catalog.json \\
      | spile airbyte write --config config.json --catalog catalog.json

A load by `spile load --catalog catalog.json -- source-faker read …` also goes by the exit status of the \
source.

Exit codes: 0 done (with bad records set aside, too), 2 usage, 3 configuration, 4 input, 5 destination refused, 6 credentials, \
7 another run holds the connection, 70 a bug, 75 retries used up (run it again), 130 and 143 \
interrupted.";

/// What a destination is asked for.
#[derive(Args, Clone, Debug)]
pub(crate) struct AirbyteArgs {
    #[command(subcommand)]
    command: AirbyteCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum AirbyteCommand {
    /// Print the specification of the configuration
    Spec,
    /// Check that a load with a configuration would work
    Check {
        /// Read the configuration from this file
        #[arg(long, value_name = "FILE")]
        config: String,
    },
    /// Load the messages on stdin, and give back the states that are safe
    Write {
        /// Read the configuration from this file
        #[arg(long, value_name = "FILE")]
        config: String,
        /// Read the configured catalog from this file
        #[arg(long, value_name = "FILE")]
        catalog: String,
    },
}

pub(crate) fn run(args: &AirbyteArgs) -> Result<Exit, Failure> {
    match &args.command {
        AirbyteCommand::Spec => terminal::print(&airbyte_spec()),
        AirbyteCommand::Check { config } => check(config),
        AirbyteCommand::Write { config, catalog } => write(config, catalog),
    }
}

/// What is wrong is a result, too.
fn check(config: &str) -> Result<Exit, Failure> {
    let fault = check::fault(settings(config));
    let fault = fault.unwrap_or_else(|failure| Some(failure.to_string()));
    let fault = fault.as_deref().map(in_settings);
    terminal::print(&connection_status(fault.as_deref()))
}

fn write(config: &str, catalog: &str) -> Result<Exit, Failure> {
    let ended = load::run_to_report(&LoadArgs {
        files: vec!["-".to_owned()],
        settings: SettingArgs {
            input_format: Some("airbyte".to_owned()),
            catalog: Some(catalog.to_owned()),
            ..settings(config)
        },
        ..LoadArgs::default()
    });
    let ended = ended.map_err(|failure| {
        let failure = failure.in_settings();
        tell(&failure);
        failure
    })?;
    if let Some(failure) = ended.failure.map(Failure::in_settings) {
        failure.say();
        tell(&failure);
    }
    Ok(ended.exit.of_connector())
}

/// Says why a load has failed, or why there is none. Where it can't be said, the exit code is what tells.
pub(crate) fn tell(failure: &Failure) {
    let _unread = terminal::print(&trace_error(failure));
}

/// Says what is wrong with a command line, where it is one of a destination's.
pub(crate) fn tell_of_usage(error: &clap::Error, arguments: impl Iterator<Item = OsString>) {
    if error.use_stderr() && is_command(arguments) {
        let _unread = terminal::print(&trace_usage(error));
    }
}

/// Whether the words behind the program's name begin with this command, but for options of all commands.
fn is_command(mut arguments: impl Iterator<Item = OsString>) -> bool {
    while let Some(word) = arguments.next() {
        match word.to_str() {
            Some("--log" | "--log-format") => {
                arguments.next();
            }
            Some(word) if word.starts_with('-') => {}
            word => return word == Some("airbyte"),
        }
    }
    false
}

fn settings(config: &str) -> SettingArgs {
    SettingArgs {
        config: vec![config.to_owned()],
        ..SettingArgs::default()
    }
}
