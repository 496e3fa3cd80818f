//! `spile singer`: the target of a Singer tap.

use clap::Args;

use crate::cli::{LoadArgs, SettingArgs};
use crate::failure::{Exit, Failure};
use crate::settings_schema::{AboutFormat, singer_about};
use crate::{load, terminal};

pub(crate) const HELP: &str = "\
Examples:
  Load what a tap writes, and keep its last state:
    tap-github --config tap.json | spile singer --config spile.json > states.jsonl
    tail -n 1 states.jsonl > state.json
  Have Spile run the tap, so that its exit status counts:
    spile load --input-format singer --config spile.json -- tap-github --config tap.json

The settings are those of `spile load`, in a file or in the environment.

Exit codes: 0 done (with bad records set aside, too), 2 usage, 3 configuration, 4 input, 5 destination refused, 6 credentials, \
7 another run holds the connection, 70 a bug, 75 retries used up (run it again), 130 and 143 \
interrupted.";

/// What a target is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct SingerArgs {
    /// Read settings from a TOML, YAML or JSON file; of several, the later win. ENV stands for the
    /// environment, which is read anyway
    #[arg(long, short, value_name = "FILE")]
    config: Vec<String>,

    /// Read messages from this file instead of stdin
    #[arg(long, value_name = "FILE")]
    input: Option<String>,

    /// Tell name, version, capabilities and settings, and do nothing else
    #[arg(long)]
    about: bool,

    /// Set the form of --about
    #[arg(long, value_enum, requires = "about", default_value_t = AboutFormat::Markdown)]
    format: AboutFormat,
}

pub(crate) fn run(args: &SingerArgs) -> Result<Exit, Failure> {
    if args.about {
        return terminal::print(singer_about(args.format).trim_end());
    }
    let files = args.config.iter().filter(|file| *file != "ENV");
    let settings = SettingArgs {
        config: files.cloned().collect(),
        input_format: Some("singer".to_owned()),
        ..SettingArgs::default()
    };
    let input = args.input.clone().unwrap_or_else(|| "-".to_owned());
    let ended = load::run_to_report(&LoadArgs {
        files: vec![input],
        settings,
        ..LoadArgs::default()
    });
    let ended = ended.map_err(Failure::in_settings)?;
    if let Some(failure) = ended.failure {
        failure.in_settings().say();
    }
    Ok(ended.exit.of_connector())
}
