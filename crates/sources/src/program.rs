//! A program whose output is the input, and whose end is the input's.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;
use shared_child::unix::SharedChildExt;

use crate::config::InputConfig;
use crate::error::{InputError, InputErrors};

/// A program and its arguments. Secrets may stand among them: `Debug` shows none.
pub struct CommandLine {
    /// A path, or a name to look for along `PATH`.
    pub program: OsString,
    /// As the program gets them; no shell reads them.
    pub arguments: Vec<OsString>,
}

/// A program that runs, until it ends or is ended. Dropping this doesn't end it: see
/// [`Program::end`].
#[derive(Clone, Debug)]
pub struct Program {
    child: Arc<SharedChild>,
}

/// What a program writes to its stdout.
///
/// It ends where the program has closed its stdout and then ended with status 0, for which it waits
/// as long as that takes. Another end is an error.
#[derive(Debug)]
pub struct ProgramOutput {
    program: Arc<str>,
    child: Arc<SharedChild>,
    stdout: ChildStdout,
}

/// Whether a program was asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is asked at once.
    NotYet,
    /// It has been asked already, as by a terminal, which tells all its programs of Ctrl-C: it is
    /// asked once more where it goes on.
    Already,
}

/// Why the output isn't known to be whole.
#[derive(Debug)]
pub(crate) struct EndedBadly {
    pub(crate) program: Arc<str>,
    pub(crate) cause: String,
}

/// The same on every Unix.
const SIGTERM: i32 = 15;
/// How long a program may take to end once it was asked.
const GRACE: Duration = Duration::from_secs(5);

impl CommandLine {
    /// Starts the program, unless it is clear beforehand that its output can't be read. It has no
    /// stdin, and writes to our stderr.
    ///
    /// # Errors
    /// What `config` leaves out or has wrong, or that the program can't be started.
    pub fn start(&self, config: &InputConfig) -> Result<(Program, ProgramOutput), InputErrors> {
        let name: Arc<str> = self.program.to_string_lossy().into();
        if let Some(cause) = config.csv.fault() {
            return Err(InputErrors(vec![InputError::Csv { cause }]));
        }
        // Only what names its streams itself needs no name: what isn't known yet may be such.
        if config.stream.is_none() && config.format.is_some_and(|it| !it.names_streams()) {
            return Err(InputErrors(vec![InputError::NoStream { origin: name }]));
        }
        self.spawn(&name).map_err(|source| {
            let program = told(&name, &source).into();
            InputErrors(vec![InputError::Start { program, source }])
        })
    }

    fn spawn(&self, name: &Arc<str>) -> io::Result<(Program, ProgramOutput)> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let child = Arc::new(SharedChild::spawn(&mut command)?);
        let stdout = child.take_stdout().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = ProgramOutput {
            program: Arc::clone(name),
            child: Arc::clone(&child),
            stdout,
        };
        Ok((Program { child }, output))
    }
}

impl Program {
    /// Sees to it that the program has ended, and waits for that. It has some seconds to end by
    /// itself once it was asked to, by SIGTERM; then it is killed. Nothing happens where it has ended.
    ///
    /// What the program has started itself isn't asked: it finds the pipe closed.
    pub fn end(&self, asked: Asked) {
        let (ended, waits_for_end) = channel::<()>();
        let child = Arc::clone(&self.child);
        let asks = move || ask(&child, asked, &waits_for_end);
        if thread::Builder::new().spawn(asks).is_err() {
            self.kill();
        }
        let _status = self.child.wait();
        drop(ended);
    }

    /// Ends the program at once.
    pub fn kill(&self) {
        // What can't be killed is no more.
        let _is_gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Asks ever harder until the program has ended. An error in asking is that it has.
fn ask(child: &SharedChild, asked: Asked, end: &Receiver<()>) {
    let goes_on = || end.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout);
    if asked == Asked::Already && !goes_on() {
        return;
    }
    let _is_gone = child.send_signal(SIGTERM);
    if goes_on() {
        let _is_gone = child.kill();
    }
}

impl ProgramOutput {
    /// The program as it was named.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }
}

impl Read for ProgramOutput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.stdout.read(buffer)?;
        if bytes > 0 || buffer.is_empty() {
            return Ok(bytes);
        }
        let status = self.child.wait()?;
        if status.success() {
            return Ok(0);
        }
        Err(io::Error::other(EndedBadly {
            program: Arc::clone(&self.program),
            cause: cause(status),
        }))
    }
}

fn cause(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit status {code}"),
        None => {
            let signal = status.to_string();
            format!(
                "it was killed by {}",
                signal.replacen("signal: ", "signal ", 1)
            )
        }
    }
}

/// What may be told of a program that wasn't found: a whole command line in quotes is taken for its
/// name, and so is a variable that is set in front of it, and both may hold a secret.
fn told<'a>(name: &'a str, error: &io::Error) -> &'a str {
    if error.kind() != io::ErrorKind::NotFound {
        return name;
    }
    let end = name.find(|c: char| c.is_whitespace() || c == '=');
    &name[..end.unwrap_or(name.len())]
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommandLine(…)")
    }
}

impl fmt::Display for EndedBadly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.program, self.cause)
    }
}

impl std::error::Error for EndedBadly {}
