//! `spile import`: configurations of other loaders, as Spile's own.

mod airbyte;

use clap::{Args, Subcommand};

use crate::failure::{Exit, Failure};
use crate::terminal;

pub(crate) const HELP: &str = "\
Examples:
  spile import airbyte destination.json > spile.toml
  spile plan users.csv --stream users --config spile.toml

Nothing is asked of Airbyte or of a store, and no secret is printed. Exit codes: 0 done (there may \
be warnings), 2 usage, 3 the configuration can't be used.";

/// What `spile import` is told.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    of: ImportOf,
}

#[derive(Debug, Subcommand)]
enum ImportOf {
    /// Print the configuration for what an S3 destination of Airbyte is configured to write
    ///
    /// Keys stay as they are, in Airbyte's syntax; comments show them beside Airbyte's own. What has
    /// no counterpart is said in comments and on stderr.
    Airbyte(AirbyteArgs),
}

#[derive(Args, Debug)]
struct AirbyteArgs {
    /// The configuration of the destination, as JSON, or - for stdin
    ///
    /// It is the object that has s3_bucket_name and format.
    #[arg(value_name = "CONFIG.json")]
    config: String,
}

pub(crate) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let ImportOf::Airbyte(args) = &args.of;
    let imported = airbyte::import(&args.config)?;
    for loss in &imported.losses {
        terminal::say(&format!("warning: {loss}\n"));
    }
    terminal::print(&imported.text)
}

/// What has been made of another loader's configuration.
struct Imported {
    /// Spile's, as TOML.
    text: String,
    /// What it doesn't keep.
    losses: Vec<String>,
}
