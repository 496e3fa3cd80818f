//! A program that is talked to while it runs.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Desk, Ran};

/// A load whose stdin is open.
pub(crate) struct Live<'a> {
    desk: &'a Desk,
    child: Child,
}

/// Where its stderr goes: it would wait for whoever reads a pipe.
const STDERR: &str = ".stderr";

/// Far longer than anything takes: only a fault comes this far.
const PATIENCE: Duration = Duration::from_secs(60);

impl<'a> Live<'a> {
    pub(crate) fn start(desk: &'a Desk, words: &[&str]) -> Self {
        Self::start_as(desk, &mut desk.spile(words))
    }

    /// Starts the program as somebody has told it.
    pub(crate) fn start_as(desk: &'a Desk, command: &mut Command) -> Self {
        let stderr = File::create(desk.path(STDERR)).expect("created");
        let child = command.stderr(stderr).spawn();
        let child = child.expect("it starts");
        Self { desk, child }
    }

    /// What it has said on stderr so far.
    pub(crate) fn said(&self) -> String {
        self.desk.read(STDERR)
    }

    /// Writes to its stdin, which stays open.
    pub(crate) fn write(&mut self, text: impl AsRef<[u8]>) {
        let stdin = self.child.stdin.as_mut().expect("it is open");
        stdin.write_all(text.as_ref()).expect("it reads");
        stdin.flush().expect("it reads");
    }

    /// Writes to its stdin, if it still reads.
    pub(crate) fn try_write(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is open");
        drop(
            stdin
                .write_all(text.as_bytes())
                .and_then(|()| stdin.flush()),
        );
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is ours").is_some()
    }

    /// Does something over and over until something has come of it.
    pub(crate) fn until_after(
        &mut self,
        mut step: impl FnMut(&mut Self),
        what: &str,
        mut is_so: impl FnMut(&mut Self) -> bool,
    ) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "never: {what}");
            step(self);
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits until something has come of what was written.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Desk) -> bool) {
        let began = Instant::now();
        while !is_so(self.desk) {
            assert!(began.elapsed() < PATIENCE, "never: {what}");
            sleep(Duration::from_millis(5));
        }
    }

    /// Sends it a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Sends a signal to the group that it leads.
    pub(crate) fn signal_group(&self, name: &str) {
        signal_all(&format!("-{}", self.child.id()), name);
    }

    /// Waits for its end with stdin open.
    pub(crate) fn end_by_itself(mut self) -> Ran {
        let _open = self.child.stdin.take();
        self.end()
    }

    /// Closes its stdin and waits for its end.
    pub(crate) fn end(self) -> Ran {
        // This closes stdin first.
        let mut output = self.child.wait_with_output().expect("it ends");
        output.stderr = fs::read(self.desk.path(STDERR)).expect("written");
        self.desk.ran(output)
    }
}

/// Sends a process a signal, by its name without SIG.
pub(crate) fn signal(process: u32, name: &str) {
    signal_all(&process.to_string(), name);
}

fn signal_all(processes: &str, name: &str) {
    let line = format!("kill -{name} {processes}");
    let status = Command::new("/bin/sh").args(["-c", &line]).status();
    assert!(status.expect("it runs").success());
}
