//! A server of the tests: a child process with a folder for its data and a log beside it, which ends
//! with the command that started it, and is found again by the next one where that was killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::failure::{Outcome, while_};
use crate::workspace;

const PATIENCE: Duration = Duration::from_secs(60);

/// Under a server's folder: its process id and its port.
const NOTE: &str = "pid";

/// A running server that nobody has promised to stop yet.
pub(crate) struct LocalServer {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl LocalServer {
    /// Starts a server with its data in `folder`, which is there already, and waits until it is
    /// ready. `name` is for people.
    pub(crate) fn start(
        name: &str,
        mut command: Command,
        folder: &Path,
        port: u16,
        is_ready: impl Fn(&Path) -> bool,
    ) -> Outcome<Self> {
        let log = log_of(folder);
        let out = File::create(&log).map_err(while_(format!("creating {}", log.display())))?;
        let err = out.try_clone().map_err(while_("opening the log twice"))?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        leave_terminal(&mut command);
        let child = command
            .spawn()
            .map_err(while_(format!("starting {name}")))?;
        let mut server = Self {
            child,
            folder: folder.to_owned(),
            port,
        };
        let ready = server.wait_until(|| is_ready(&log));
        let noted = fs::write(folder.join(NOTE), format!("{} {port}", server.child.id()));
        match ready.and(noted.map_err(|error| error.to_string())) {
            Ok(()) => Ok(server),
            Err(why) => {
                server.stop();
                let log_tail = tail(&log);
                Err(format!("{name} did not start: {why}; the end of its log:\n{log_tail}").into())
            }
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stops it and removes its folder. SIGKILL: some take half a minute to say goodbye.
    pub(crate) fn stop(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.folder));
    }

    fn wait_until(&mut self, is_ready: impl Fn() -> bool) -> Result<(), String> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if is_ready() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended ({status})"));
            }
            sleep(Duration::from_millis(50));
        }
        Err(format!("not ready after {} s", PATIENCE.as_secs()))
    }
}

/// The port of the server that runs with its data in `folder`, started by whichever process. A
/// process id alone proves nothing, since it may belong to another program by now: the server's
/// command line has all of `words` in it.
pub(crate) fn running_in(folder: &Path, words: &[&str]) -> Option<u16> {
    let (pid, port) = noted_in(folder)?;
    is_it(pid, words).then_some(port)
}

/// Ends the server that another process started with its data in `folder`, if it runs, and removes
/// the folder.
pub(crate) fn end_in(folder: &Path, words: &[&str]) -> Outcome {
    if let Some((pid, _)) = noted_in(folder).filter(|(pid, _)| is_it(*pid, words)) {
        kill(Pid::from_raw(pid), Signal::SIGKILL)
            .map_err(while_(format!("ending process {pid}")))?;
        let started = Instant::now();
        while is_it(pid, words) && started.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20));
        }
    }
    workspace::remove_folder(folder)
}

/// Where a server with its data in `folder` logs: beside it, so that it stays for the curious.
fn log_of(folder: &Path) -> PathBuf {
    folder.with_extension("log")
}

fn noted_in(folder: &Path) -> Option<(i32, u16)> {
    let note = fs::read_to_string(folder.join(NOTE)).ok()?;
    let (pid, port) = note.split_once(' ')?;
    Some((pid.parse().ok()?, port.parse().ok()?))
}

fn is_it(pid: i32, words: &[&str]) -> bool {
    let line = command_line_of(pid);
    words.iter().all(|word| line.contains(word))
}

fn command_line_of(pid: i32) -> String {
    if let Ok(words) = fs::read(format!("/proc/{pid}/cmdline")) {
        return String::from_utf8_lossy(&words).replace('\0', " ");
    }
    // Systems without /proc.
    let ps = Command::new("ps")
        .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
        .output();
    ps.map(|ps| String::from_utf8_lossy(&ps.stdout).into_owned())
        .unwrap_or_default()
}

/// In a process group of its own, Ctrl-C reaches this program and not the server, which would
/// otherwise take its half minute to say goodbye.
fn leave_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
