//! Tasks of the workspace. People and CI run the same commands: `cargo xtask --help`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task runner talks to the person who started it"
)]

mod args;
mod at_end;
mod bench;
mod ci;
mod deps;
mod disk;
mod failure;
mod generate;
mod instructions;
mod local_server;
mod messages;
mod minio;
mod ministack;
mod package;
mod process;
mod runner;
mod server;
mod soak;
mod test;
mod venv;
mod weed;
mod workspace;

use std::process::ExitCode;

use crate::args::Args;
use crate::failure::{Failure, Outcome};

const HELP: &str = "\
Tasks of the Spile workspace

Usage: cargo xtask <command> [options]

Commands:
  test [nextest arguments]   Start SeaweedFS and MiniStack, run every test, stop them. Fails when a
                             test was skipped.
                             With arguments, they go to the runner, doc tests are left out and
                             filtered tests may be skipped: cargo xtask test -p spile-store-s3
  server up|down|status      Leave a SeaweedFS running to try Spile with; `down` removes its data
  minio test                 Run the server tests against MinIO (a `minio` binary, docker or podman)
  bench [options]            Measure `spile load`: speed for each CPU second and peak memory
      --scale <factor>         TPC-H scale of the input, 0.5 by default (about 1 GB; 2 is 4 GB)
      --only <formats>         Of parquet, csv, jsonl, jsonl.gz, csv.gz, jsonl.zst; comma separated
      --all                    Every format; without it the first four
      --runs <count>           Runs of each case, 3 by default; the median is shown
  bench peers [options]      Load the same file into the same server by DuckDB (into a file), Polars,
                             chDB and Spile in turns, and compare
      --scale, --runs          As of `bench`
      --only <formats>         Of parquet, csv, csv.gz, jsonl, jsonl.gz; comma separated
      --input <kind>           The same table as csv, parquet or arrow; without targets
      --shape <shape>          Rows that are wide, nested, long, narrow or null, about 300 MB of them at
                               the usual scale; without targets
  bench protocols [options]  Load the same records as Singer's and Airbyte's messages beside lines of
                             JSON, and compare; with the options of `bench`
  bench memory [--runs …]    Load rows of 1, 1,000 and 10,000 days in random order, an object for each, under
                             256 MiB
      --large                  And 1 GB and 8 GB from a pipe, which takes minutes
  instructions [options]     Count the instructions of each stage of a load (by valgrind), here and in another
                             revision, in the same job. Fails where a stage takes 3 % more
      --against <revision>     HEAD^ by default
  generate <input> [options] Write an input of the benchmarks: lineitem, singer, airbyte, singer-200, wide,
                             nested, long, narrow, null [--scale <factor>], periods [--count <days>]
  deps                       Check which crate may depend on which
  soak                       Kill the program at every request, in every mode; run ten times as many
                             random schedules as the tests do. About an hour
  package                    Package each library crate; build its examples outside the workspace
  ci                         All that CI checks: format, clippy, fuzz seeds, docs, deps, package,
                             instructions, test

Files are kept under the target folder. Servers listen on 127.0.0.1 only.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_else(|| "--help".to_owned());
    match run(&command, Args::new(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said(code)) => ExitCode::from(code),
        Err(Failure::Message(text)) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: Args) -> Outcome {
    match command {
        "test" => test::run(args),
        "server" => server::run(args),
        "minio" => minio::run(args),
        "bench" => bench::run(args),
        "instructions" => instructions::run(args),
        "generate" => generate::run(args),
        "deps" => deps::run(args),
        "package" => package::run(args),
        "soak" => soak::run(args),
        "ci" => ci::run(args),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`; see `cargo xtask --help`").into()),
    }
}
