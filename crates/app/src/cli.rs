//! The command line.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use spile_sources::CommandLine;

use spile_core::ledger::Again;

use crate::airbyte::{self, AirbyteArgs};
use crate::import::{self, ImportArgs};
use crate::recover::{self, RecoverArgs};
use crate::runs::{self, RunsArgs};
use crate::setup::{self, SetupArgs};
use crate::singer::{self, SingerArgs};
use crate::verify::{self, VerifyArgs};

/// Load streams of records into S3 as csv, jsonl or parquet
///
/// Spile reads records from files, globs or a pipe and writes them as objects into an S3 bucket,
/// an S3-compatible store or a local folder. The key of each object is rendered from a template of
/// macros, so that every record lands in the object of its stream and its cursor's period.
#[derive(Debug, Parser)]
#[command(name = "spile", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Set how logs are written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, help_heading = "Output")]
    pub(crate) log_format: LogFormat,

    /// Set which logs are written: error, warn, info, debug, trace, or a filter per module
    ///
    /// On a terminal, warnings are; elsewhere, also what the run does.
    #[arg(
        long,
        global = true,
        env = "SPILE_LOG",
        value_name = "FILTER",
        help_heading = "Output"
    )]
    pub(crate) log: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  Load a file into a folder, an object a day:
    spile load flights.csv.gz --cursor-field time_hour \\
      --to './bucket/{stream_name}/{cursor_year}/{cursor_month}/{cursor_day}.parquet'
  Load a pipe into S3:
    cat events.jsonl | spile load - --stream events --to s3://landing/raw --format jsonl.gz
  Load what a program prints, unless it fails:
    spile load --stream events --to s3://landing/raw -- psql -Xc 'copy events to stdout csv header'
  See which objects would be written, without writing any:
    spile plan flights.csv.gz --cursor-field time_hour --key '{stream_name}/{cursor_date}.csv'
  See how to let Spile into a bucket:
    spile setup --bucket acme-landing --account 111111111111
  List the macros that keys are made of:
    spile macros";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load records into a bucket or a folder
    #[command(after_help = LOAD_HELP)]
    Load(LoadArgs),
    /// Show which objects a load would write, without writing any
    ///
    /// Reads the whole input, renders the key of every object, proves that no two of them share
    /// one, and warns of keys that readers stumble over.
    Plan(LoadArgs),
    /// Be the target of a Singer tap: load what it writes, and give back its states
    ///
    /// Reads messages from stdin, and writes each state to stdout once all records before it are in
    /// objects that have appeared.
    #[command(after_help = singer::HELP, version)]
    Singer(SingerArgs),
    /// Be a destination of Airbyte: spec, check and write
    ///
    /// All it says goes to stdout, a message a line; what people read also goes to stderr.
    #[command(after_help = airbyte::HELP)]
    Airbyte(AirbyteArgs),
    /// Print how to let Spile into a bucket, step by step, or one document of it
    ///
    /// Whoever owns the bucket gives Spile a role to take on, or the access key of a user. The guide
    /// says how, for somebody who has never written a policy; it is Markdown, to be sent on.
    #[command(after_help = setup::HELP)]
    Setup(SetupArgs),
    /// Check that a load with these settings would work, without loading anything
    ///
    /// Tries out, one after the other, the settings, the credentials and every request that a load
    /// makes, with one small object that is deleted again. Says which grant is missing, and the
    /// statement to add.
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// List runs, and show what has become of them
    #[command(after_help = runs::HELP)]
    Runs(RunsArgs),
    /// Read the objects of a run again, and compare them with its manifest
    ///
    /// Compares the length, the checksum, the records and the first and last cursor of each. Exit
    /// code 8 says that something differs, and the lines above say what.
    #[command(after_help = verify::HELP)]
    Verify(VerifyArgs),
    /// See to runs that have died: finish them, or undo what they had begun
    ///
    /// A run that had not begun to publish as a whole is undone: what it had begun to send is
    /// removed, and the objects that had appeared stay. One that had is finished. Says what was done
    /// about each, what couldn't be removed, and what its source can go on from.
    #[command(after_help = recover::HELP)]
    Recover(RecoverArgs),
    /// Print the configuration that does what another loader is configured for
    #[command(after_help = import::HELP)]
    Import(ImportArgs),
    /// List the macros that keys are made of
    Macros {
        /// Set the form of the list
        #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
        output_format: OutputFormat,
    },
    /// Print completions for a shell
    ///
    /// For example: spile completions bash > ~/.local/share/bash-completion/completions/spile
    Completions {
        /// The shell
        shell: Shell,
    },
}

const LOAD_HELP: &str = "\
Every setting can also stand in a file (--config) or in the environment; flags win over the \
environment, and that wins over the file. In the environment, --to is SPILE_DESTINATION__URL, \
--memory is SPILE_LIMITS__MEMORY, --cursor-field is SPILE_CURSOR_FIELD.

Exit codes: 0 done, 2 usage, 3 configuration, 4 input, 5 destination refused, 6 credentials, \
7 another run holds the connection, 9 done with bad records set aside, 70 a bug, 75 retries used up (run it again), 130 and 143 \
interrupted.";

const CHECK_HELP: &str = "\
Give it the flags, the environment and the file of the load, without its input.

Exit codes: 0 a load would work (there may be warnings), 2 usage, 3 configuration, 5 destination \
refused, 6 credentials, 130 and 143 interrupted.";

/// What a load is told.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LoadArgs {
    /// The files to read: paths, globs, or - for stdin
    ///
    /// Each may be compressed (.gz, .zst). Files of the same stem are one stream, named by that
    /// stem, unless --stream names one for all.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,

    /// The program to read from instead, and its arguments: it is run, and its stdout is the input
    ///
    /// It has no stdin, and its stderr goes where that of spile goes. The input is whole just if the
    /// program ends with status 0; otherwise the run fails, and replaces nothing. The stream needs a
    /// name, by --stream, unless the program is a Singer tap or a source of Airbyte. No shell reads
    /// this: for pipes and the like, use -- sh -c '…'.
    #[arg(last = true, value_name = "PROGRAM", conflicts_with = "files")]
    pub(crate) command: Vec<CommandWord>,

    #[command(flatten)]
    pub(crate) settings: SettingArgs,

    /// Repeat a run by its id, with a source that replays from its start
    ///
    /// What the earlier attempt has written goes once this one has been published.
    #[arg(
        long,
        help_heading = "Run",
        requires = "connection_run_id",
        conflicts_with = "resume"
    )]
    pub(crate) redo: bool,

    /// Repeat a run by its id, with a source that goes on from the last checkpoint
    ///
    /// Files and pipes are read from their start, and what was loaded before is passed over. What
    /// the earlier attempt has written after the checkpoint goes first.
    #[arg(long, help_heading = "Run", requires = "connection_run_id")]
    pub(crate) resume: bool,

    /// Show which objects would be written, as `spile plan` does, without writing any
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,

    /// Set the form of the report: text for people on stderr, json for programs on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    pub(crate) output_format: OutputFormat,

    /// Show neither progress nor the report for people
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl LoadArgs {
    /// What a repeated run id says the source does.
    pub(crate) fn again(&self) -> Again {
        match (self.redo, self.resume) {
            (true, _) => Again::Redo,
            (_, true) => Again::Resume,
            _ => Again::No,
        }
    }

    /// The program that gives the input, if one does.
    pub(crate) fn command_line(&self) -> Option<CommandLine> {
        let mut words = self.command.iter().map(|word| word.0.clone());
        Some(CommandLine {
            program: words.next()?,
            arguments: words.collect(),
        })
    }
}

/// What a check is told: what a load is, without files.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) settings: SettingArgs,

    /// Show the External ID; only its fingerprint is shown otherwise
    #[arg(long, help_heading = "Output")]
    pub(crate) show_external_id: bool,

    /// Set the form of the result: text for people or json for programs, both on stdout
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, help_heading = "Output")]
    pub(crate) output_format: OutputFormat,
}

/// The settings that flags can give.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SettingArgs {
    /// Read settings from a TOML, YAML or JSON file; of several, the later win
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Vec<String>,

    /// Set where objects go: s3://BUCKET/PREFIX or a folder, with the key's template if you like
    #[arg(long, value_name = "URL", help_heading = "Destination")]
    pub(crate) to: Option<String>,

    /// Set the template of the keys; `spile macros` lists the macros
    #[arg(long, value_name = "TEMPLATE", help_heading = "Destination")]
    pub(crate) key: Option<String>,

    /// Set the format: csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst or parquet
    ///
    /// Where it isn't given, the end of the key says it; parquet where nothing does.
    #[arg(long, value_name = "FORMAT", help_heading = "Destination")]
    pub(crate) format: Option<String>,

    /// Set what may be replaced: append (nothing), overwrite (what stands at a key), replace
    ///
    /// With replace, the objects of this run take the place of all that earlier runs of the
    /// connection have written for the periods that --covers names.
    #[arg(long, value_name = "MODE", help_heading = "Destination")]
    pub(crate) write: Option<String>,

    /// Say which periods the run has all records of: 2025-04-12..2025-04-14, or touched
    ///
    /// They are replaced as a whole, also where the run has no record of one. With touched, those
    /// are replaced that it has any records of.
    #[arg(long, value_name = "PERIODS", help_heading = "Destination")]
    pub(crate) covers: Option<String>,

    /// Set when objects appear: object (each when it is sealed) or run (all when the run has ended)
    #[arg(long, value_name = "MODE", help_heading = "Destination")]
    pub(crate) publish: Option<String>,

    /// Name the field that holds each record's cursor, as a dotted path
    #[arg(long, value_name = "FIELD", help_heading = "Streams")]
    pub(crate) cursor_field: Option<String>,

    /// Set one cursor for the whole run
    #[arg(long, value_name = "VALUE", help_heading = "Streams")]
    pub(crate) cursor: Option<String>,

    /// Set how cursors are written: time, epoch_s, epoch_ms, epoch_us, epoch_ns or text
    #[arg(long, value_name = "FORMAT", help_heading = "Streams")]
    pub(crate) cursor_format: Option<String>,

    /// Set the time zone of cursors and of the load time: an IANA name such as America/New_York
    #[arg(long, value_name = "ZONE", help_heading = "Streams")]
    pub(crate) timezone: Option<String>,

    /// Name the stream that all input belongs to
    #[arg(long, value_name = "NAME", help_heading = "Streams")]
    pub(crate) stream: Option<String>,

    /// Set the stream's id
    #[arg(long, value_name = "ID", help_heading = "Streams")]
    pub(crate) stream_id: Option<String>,

    /// Set what happens when the columns of a stream change: widen or fail
    #[arg(long, value_name = "POLICY", help_heading = "Streams")]
    pub(crate) schema_change: Option<String>,

    /// Declare columns with their types: 'id int64, amount decimal(18, 2), at timestamp_utc'
    ///
    /// They come first, and a record with a value that doesn't fit is a bad one. Columns that aren't
    /// declared are inferred as ever. The types are bool, int8 to int64, uint8 to uint64, float32,
    /// float64, decimal(p, s), text, json, binary, date, time, timestamp, timestamp_utc, list(T) and
    /// struct(name T, …).
    #[arg(long, value_name = "COLUMNS", help_heading = "Streams")]
    pub(crate) schema: Option<String>,

    /// Set the format of the input: jsonl, csv, tsv, parquet, arrow, singer or airbyte; it is detected
    /// otherwise
    #[arg(long, value_name = "FORMAT", help_heading = "Input")]
    pub(crate) input_format: Option<String>,

    /// Read the configured catalog of a source of Airbyte from this file
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) catalog: Option<String>,

    /// Say that the end of a pipe means that its source has finished, and hasn't died
    #[arg(long, help_heading = "Input")]
    pub(crate) eof_is_complete: bool,

    /// Say what a bad record does: fail the run, or go to quarantine
    #[arg(long, value_name = "POLICY", help_heading = "Input")]
    pub(crate) on_bad_record: Option<String>,

    /// Set how many bad records may go to quarantine: one more fails the run
    #[arg(long, value_name = "COUNT", help_heading = "Input")]
    pub(crate) max_bad_records: Option<String>,

    /// Set where the quarantine is: a bucket, or a folder where the destination is one;
    /// _spile/quarantine below the destination otherwise
    #[arg(long, value_name = "URL", help_heading = "Input")]
    pub(crate) quarantine: Option<String>,

    /// Set the longest record that is read, such as 64MiB
    #[arg(long, value_name = "SIZE", help_heading = "Input")]
    pub(crate) record_bytes: Option<String>,

    /// Set the connection's id: by it, a run knows what earlier ones have found and written
    ///
    /// No two runs of a connection work at once.
    #[arg(long, value_name = "ID", help_heading = "Run")]
    pub(crate) connection_id: Option<String>,

    /// Set the run's id; a fresh UUID otherwise
    #[arg(long, value_name = "ID", help_heading = "Run")]
    pub(crate) connection_run_id: Option<String>,

    /// Set the time of the load, as RFC 3339; now otherwise
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    pub(crate) load_time: Option<String>,

    /// Seal an object at this size, such as 256MiB
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) object_size: Option<String>,

    /// Seal an object at this many records
    #[arg(long, value_name = "ROWS", help_heading = "Limits")]
    pub(crate) object_rows: Option<String>,

    /// Seal an object at this age, such as 5m
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) object_age: Option<String>,

    /// Seal all open objects after this much input, so that a run can be resumed from there
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) checkpoint_size: Option<String>,

    /// Set the memory that the process may use, such as 256MiB
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) memory: Option<String>,

    /// Set how many requests may be under way at once
    #[arg(long, value_name = "COUNT", help_heading = "Limits")]
    pub(crate) upload_concurrency: Option<String>,

    /// Set for how long a request that fails in passing is sent again, such as 5m
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) retry_time: Option<String>,

    /// Set the bucket's region; it is found otherwise
    #[arg(long, value_name = "REGION", help_heading = "S3")]
    pub(crate) region: Option<String>,

    /// Set the URL of an S3-compatible store
    #[arg(long, value_name = "URL", help_heading = "S3")]
    pub(crate) endpoint: Option<String>,

    /// Allow an endpoint with http instead of https
    #[arg(long, help_heading = "S3")]
    pub(crate) allow_http: bool,

    /// Set whether the bucket is named in the path of URLs (true) or in their host (false)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", help_heading = "S3")]
    pub(crate) path_style: Option<String>,

    /// Name the role to take on, which another account grants
    #[arg(long, value_name = "ARN", help_heading = "S3")]
    pub(crate) role_arn: Option<String>,

    /// Set the External ID that the role asks for; better in SPILE_DESTINATION__AUTH__EXTERNAL_ID
    /// or the file
    #[arg(long, value_name = "ID", help_heading = "S3")]
    pub(crate) external_id: Option<SecretText>,

    /// Set the access key id; better in AWS_ACCESS_KEY_ID or the file
    #[arg(long, value_name = "ID", help_heading = "S3")]
    pub(crate) access_key_id: Option<String>,

    /// Set the secret access key; better in AWS_SECRET_ACCESS_KEY or the file, since others on
    /// this machine can see your command line
    #[arg(long, value_name = "SECRET", help_heading = "S3")]
    pub(crate) secret_access_key: Option<SecretText>,
}

/// A secret as it was typed. It has no `Debug` that shows it.
#[derive(Clone)]
pub(crate) struct SecretText(pub(crate) String);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// A word of a command line. It may be a secret, so that it has no `Debug` that shows it.
#[derive(Clone)]
pub(crate) struct CommandWord(OsString);

impl From<OsString> for CommandWord {
    fn from(word: OsString) -> Self {
        Self(word)
    }
}

impl std::fmt::Debug for CommandWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommandWord(…)")
    }
}

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON object on stdout
    Json,
}

/// The form of logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs: one JSON object a line
    Json,
}
