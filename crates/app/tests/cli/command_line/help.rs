//! Help that teaches, and completions.

use insta::assert_snapshot;

use crate::kit::Desk;

#[test]
fn of_the_program() {
    assert_snapshot!(Desk::new().run("spile --help"), @r"
    exit 0
    Load streams of records into S3 as csv, jsonl or parquet

    Spile reads records from files, globs or a pipe and writes them as objects into an S3 bucket, an
    S3-compatible store or a local folder. The key of each object is rendered from a template of macros,
    so that every record lands in the object of its stream and its cursor's period.

    Usage: spile [OPTIONS] <COMMAND>

    Commands:
      load         Load records into a bucket or a folder
      plan         Show which objects a load would write, without writing any
      singer       Be the target of a Singer tap: load what it writes, and give back its states
      airbyte      Be a destination of Airbyte: spec, check and write
      setup        Print how to let Spile into a bucket, step by step, or one document of it
      check        Check that a load with these settings would work, without loading anything
      runs         List runs, and show what has become of them
      verify       Read the objects of a run again, and compare them with its manifest
      recover      See to runs that have died: finish them, or undo what they had begun
      import       Print the configuration that does what another loader is configured for
      macros       List the macros that keys are made of
      completions  Print completions for a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Output:
          --log-format <LOG_FORMAT>
              Set how logs are written

              Possible values:
              - text: For people
              - json: For programs: one JSON object a line

              [default: text]

          --log <FILTER>
              Set which logs are written: error, warn, info, debug, trace, or a filter per module

              On a terminal, warnings are; elsewhere, also what the run does.

              [env: SPILE_LOG=warn]

    Examples:
      Load a file into a folder, an object a day:
        spile load flights.csv.gz --cursor-field time_hour \
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
        spile macros
    ");
}

#[test]
fn a_flag_that_is_none() {
    assert_snapshot!(Desk::new().run("spile load a.csv --cursor-feild at"), @r"
    exit 2
    error: unexpected argument '--cursor-feild' found

      tip: a similar argument exists: '--cursor-field'

    Usage: spile load --cursor-field <FIELD> <FILE>... [-- <PROGRAM>...]

    For more information, try '--help'.
    ");
}

#[test]
fn completions_know_the_flags() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = desk.ok(&format!("spile completions {shell}"));
        assert!(script.stdout.contains("cursor-field"), "{shell}");
    }
}
