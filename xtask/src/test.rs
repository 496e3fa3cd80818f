//! `cargo xtask test`: every test, with a real S3 server and an emulator of IAM beside it.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::args::Args;
use crate::disk;
use crate::failure::{Outcome, while_};
use crate::ministack::{self, MiniStack};
use crate::runner::{self, Roles, Server, Skipping};
use crate::venv::Venv;
use crate::weed::{self, Weed};
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "requirements.txt";

/// Programs that others have written and that the tests load from: what a test is told each by, what
/// it needs, and its name. Each has an environment of its own, since what they need contradicts.
const SOURCES: [(&str, &str, &str); 2] = [
    ("SPILE_TEST_TAP", "requirements-singer.txt", "tap-jsonfile"),
    (
        "SPILE_TEST_SOURCE_FAKER",
        "requirements-airbyte.txt",
        "source-faker",
    ),
];

pub(crate) fn run(args: Args) -> Outcome {
    run_in(&Workspace::load()?, &args.into_words(), &[])
}

/// The examples in the documentation first, the tests last: CI reads the closing lines. `more` are
/// variables that tests are told.
pub(crate) fn run_in(
    workspace: &Workspace,
    arguments: &[String],
    more: &[(&str, &str)],
) -> Outcome {
    disk::ensure_room(&workspace.target)?;
    let venv = environment(workspace)?;
    let sources = sources(workspace)?;
    let sources = sources.iter().map(|(name, path)| (*name, path.as_str()));
    let more: Vec<_> = more.iter().copied().chain(sources).collect();
    let weed = Weed::start(
        &venv.program("weed"),
        &own_folder(workspace, "weed", weed::end_in)?,
        weed::any_port(),
    )?;
    let endpoint = weed::endpoint(weed.port());
    let _stopped = weed.stop_at_end();
    let ministack = MiniStack::start(
        &venv.program("ministack"),
        &own_folder(workspace, "ministack", ministack::end_in)?,
    )?;
    let ministack_endpoint = ministack.endpoint();
    let _stopped_too = ministack.stop_at_end();
    let server = Server {
        endpoint: &endpoint,
        bucket: weed::BUCKET,
        admin: &weed::ADMIN,
        reader: &weed::READER,
        python: &venv.python(),
        roles: Some(Roles {
            vendor: &weed::VENDOR,
            role_arn: weed::ROLE_ARN,
            other_bucket: weed::OTHER_BUCKET,
            ministack_endpoint: &ministack_endpoint,
        }),
        more: &more,
    };
    if !arguments.is_empty() {
        return runner::run_tests(workspace, &server, arguments, Skipping::IsChosen);
    }
    runner::run_doc_tests(workspace, &server)?;
    runner::run_tests(workspace, &server, &[], Skipping::Fails)
}

/// The Python environment that holds the server and the readers.
pub(crate) fn environment(workspace: &Workspace) -> Outcome<Venv> {
    Venv::ensure(workspace, REQUIREMENTS)
}

/// Where each of the sources is, by what tests are told it by.
fn sources(workspace: &Workspace) -> Outcome<Vec<(&'static str, String)>> {
    let installed = SOURCES.map(|(variable, requirements, program)| {
        let venv = Venv::ensure(workspace, requirements)?;
        Ok((variable, venv.program(program).display().to_string()))
    });
    installed.into_iter().collect()
}

/// The folder of this run's own server, once those of other runs are cleared.
pub(crate) fn own_folder(
    workspace: &Workspace,
    name: &str,
    end_in: fn(&Path) -> Outcome,
) -> Outcome<PathBuf> {
    let folder = workspace.scratch().join(name);
    clear(&folder, end_in)?;
    Ok(folder.join(std::process::id().to_string()))
}

/// Ends the servers of runs that were killed before they could do it, and removes what ended runs
/// have left: data, and all logs but this run's.
fn clear(folder: &Path, end_in: fn(&Path) -> Outcome) -> Outcome {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for left in entries.flatten().map(|entry| entry.path()) {
        if is_alive(&left) {
            continue;
        }
        match left.is_dir() {
            true => end_in(&left)?,
            false => fs::remove_file(&left).map_err(while_("removing an old log"))?,
        }
    }
    Ok(())
}

/// Whether the run that a folder or a log is named after goes on.
fn is_alive(left: &Path) -> bool {
    let name = left.file_stem().unwrap_or_default().to_string_lossy();
    name.parse()
        .is_ok_and(|pid| kill(Pid::from_raw(pid), None).is_ok())
}
