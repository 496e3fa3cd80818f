//! Child processes: run, run in silence, run and listen. No shell is involved.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::at_end;
use crate::failure::{Failure, Outcome};

/// The `cargo` that started this program, without the variables it set for it: with them,
/// some build scripts would run again.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command whose output people want to see.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    succeeded(command, status)
}

/// Runs a command whose output matters only when it fails, and returns its standard output.
pub(crate) fn run_in_silence(command: &mut Command) -> Outcome<String> {
    let output = command
        .output()
        .map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    Err(format!("`{}` failed:\n{said}", shown(command)).into())
}

/// Whether a command can be started and succeeds; nothing is printed.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Which of the two streams to listen to.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// Runs a command, passes one of its streams on as it comes, and returns what it said there.
pub(crate) fn run_and_listen(
    command: &mut Command,
    stream: Stream,
) -> Outcome<(ExitStatus, String)> {
    match stream {
        Stream::Out => command.stdout(Stdio::piped()),
        Stream::Err => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    // Ctrl-C in a terminal reaches the child too; a signal to this process alone doesn't.
    let ended = at_end::register(end_by_id(&child));
    let said = match stream {
        Stream::Out => child.stdout.take().map(|pipe| pass_on(pipe, io::stdout())),
        Stream::Err => child.stderr.take().map(|pipe| pass_on(pipe, io::stderr())),
    };
    let status = child.wait();
    ended.cancel();
    let status = status.map_err(|error| not_started(command, &error))?;
    Ok((status, said.unwrap_or_default()))
}

/// A failure with the child's exit code, for a child that has said why it failed.
pub(crate) fn said_by(status: ExitStatus) -> Failure {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Failure::Said(code.unwrap_or(1))
}

/// The program of this name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn end_by_id(child: &Child) -> impl FnOnce() + Send + 'static {
    let pid = i32::try_from(child.id()).ok().map(Pid::from_raw);
    move || {
        // One that has ended by now needs nothing.
        let _ = pid.map(|pid| kill(pid, Signal::SIGTERM));
    }
}

fn pass_on(pipe: impl Read, mut to: impl Write) -> String {
    let mut lines = BufReader::new(pipe);
    let (mut said, mut line) = (String::new(), Vec::new());
    while lines
        .read_until(b'\n', &mut line)
        .is_ok_and(|count| count > 0)
    {
        // A closed terminal is no reason to stop listening.
        drop(to.write_all(&line).and_then(|()| to.flush()));
        said.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    said
}

fn succeeded(command: &Command, status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed ({status})", shown(command)).into())
}

fn not_started(command: &Command, error: &io::Error) -> Failure {
    let program = command.get_program().to_string_lossy();
    if error.kind() == io::ErrorKind::NotFound {
        return format!("`{program}` is not installed, or not on PATH").into();
    }
    format!("`{program}` did not run: {error}").into()
}

fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_owned();
    let words = [program.as_os_str()].into_iter().chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
