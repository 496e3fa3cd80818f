//! `spile runs`: what is kept of runs.

mod ddl;
mod list;
mod show;

use clap::{Args, Subcommand};

use self::ddl::DdlArgs;
pub(crate) use self::show::range;
use crate::cli::{OutputFormat, SettingArgs};
use crate::failure::{Exit, Failure};
use crate::load;

pub(crate) const HELP: &str = "\
Give it the flags, the environment and the file of the load, without its input: --to says where \
runs are kept (below _spile/, unless destination.state_url says otherwise).

Examples:
  spile runs list --to s3://landing/raw
  spile runs show 4f7c1c5e-… --to s3://landing/raw --output-format json

Exit codes: 0 done, 2 usage, 3 configuration or no such run, 5 destination refused or a document \
that can't be understood, 6 credentials, 75 retries used up.";

/// What `spile runs` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    command: RunsCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum RunsCommand {
    /// List all runs that something is kept of, the newest first
    ///
    /// A run is whole (all of it is published), alive (somebody works on it), failed, interrupted,
    /// undone (it died, and what it had begun was removed) or unfinished (it died, and nobody has
    /// seen to it yet: `spile recover` does).
    List(ListArgs),
    /// Show what a run has come to: its objects, columns and checkpoint
    ///
    /// Of a whole run, json prints its manifest; of another one, what its journal says.
    Show(ShowArgs),
    /// Print a table definition over the objects of a stream that count
    #[command(after_help = ddl::HELP)]
    Ddl(DdlArgs),
}

#[derive(Args, Clone, Debug)]
struct ListArgs {
    #[command(flatten)]
    settings: SettingArgs,

    /// Set the form of the list: text for people or json for programs, both on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    output_format: OutputFormat,
}

#[derive(Args, Clone, Debug)]
struct ShowArgs {
    /// The run's id, as `spile runs list` tells it
    #[arg(value_name = "RUN")]
    run: String,

    /// Show another attempt at the run than the last one
    #[arg(long, value_name = "NUMBER")]
    attempt: Option<u32>,

    #[command(flatten)]
    settings: SettingArgs,

    /// Set the form: text for people or json for programs, both on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    output_format: OutputFormat,
}

pub(crate) fn run(args: &RunsArgs) -> Result<Exit, Failure> {
    let runtime = load::runtime()?;
    match &args.command {
        RunsCommand::List(args) => runtime.block_on(list::run(args)),
        RunsCommand::Show(args) => runtime.block_on(show::run(args)),
        RunsCommand::Ddl(args) => runtime.block_on(ddl::run(args)),
    }
}
