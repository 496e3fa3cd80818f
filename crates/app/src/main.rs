//! The `spile` program: it wires sources, encoders and stores to the core, and talks to people.

mod airbyte;
mod bucket;
mod check;
mod choices;
mod cli;
mod config;
mod credentials;
mod declaration;
mod destination;
mod dry_bucket;
mod encoding;
mod failure;
mod hints;
mod import;
mod input;
mod job;
mod kept;
mod key_template;
mod load;
mod logs;
mod macros;
mod on_complete;
mod plan;
mod progress;
mod protocol;
mod quarantine;
mod record;
mod recover;
mod rehearsal;
mod report;
mod runs;
mod selection;
mod settings_schema;
mod setup;
mod signals;
mod singer;
mod source_objects;
mod states;
mod stores;
mod stream;
mod surroundings;
mod table;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::failure::{Exit, Failure};

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| refuse(error));
    // The panic has been told of where it happened; what is left to do is its exit code.
    let result = std::panic::catch_unwind(|| run(&cli));
    let exit = result.unwrap_or(Ok(Exit::Bug)).unwrap_or_else(|failure| {
        failure.say();
        failure.exit
    });
    ExitCode::from(exit as u8)
}

/// Tells what is wrong with a command line.
fn refuse(mut error: clap::Error) -> ! {
    if error.kind() == ErrorKind::UnknownArgument {
        // It would be to put the argument behind `--`, where a program is expected.
        error.remove(ContextKind::Suggested);
    }
    airbyte::tell_of_usage(&error, std::env::args_os().skip(1));
    error.exit()
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let format = match &cli.command {
        Command::Airbyte(_) => logs::Form::Airbyte,
        _ => logs::Form::of(cli.log_format),
    };
    if let Err(failure) = logs::start(format, cli.log.as_deref()) {
        if format == logs::Form::Airbyte {
            airbyte::tell(&failure);
        }
        return Err(failure);
    }
    match &cli.command {
        Command::Load(args) if args.dry_run => plan::run(args),
        Command::Load(args) => load::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Singer(args) => singer::run(args),
        Command::Airbyte(args) => airbyte::run(args),
        Command::Setup(args) => setup::run(args),
        Command::Check(args) => check::run(args),
        Command::Runs(args) => runs::run(args),
        Command::Recover(args) => recover::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Import(args) => import::run(args),
        Command::Macros { output_format } => {
            let list = macros::list(*output_format)
                .map_err(|error| Failure::of(Exit::Bug, &error, None))?;
            terminal::print(&list)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "spile", &mut script);
            terminal::print(&String::from_utf8_lossy(&script))
        }
    }
}
