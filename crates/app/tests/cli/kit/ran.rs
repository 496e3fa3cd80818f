//! What came of a command line.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::redact::redact;

/// How a program ended and what it printed, without what differs from run to run.
pub(crate) struct Ran {
    /// Its exit code; minus the signal, where one ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    printed: Vec<u8>,
}

impl Ran {
    /// Takes the output apart. No secret may be in it, whatever was run.
    pub(crate) fn of(output: Output, folder: &Path, secrets: &[String]) -> Self {
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        for secret in secrets {
            let tells = stdout.contains(secret) || stderr.contains(secret);
            assert!(!tells, "a secret is told:\n{stdout}\n{stderr}");
        }
        let signal = output.status.signal().unwrap_or_default();
        Self {
            code: output.status.code().unwrap_or(-signal),
            stdout: redact(&stdout, folder),
            stderr: redact(&stderr, folder),
            printed: output.stdout,
        }
    }

    /// The one JSON object on stdout.
    pub(crate) fn json(&self) -> Value {
        let mut lines = self.printed.split_inclusive(|byte| *byte == b'\n');
        let line = lines.next().unwrap_or_default();
        assert_eq!(lines.next(), None, "one line:\n{self}");
        serde_json::from_slice(line).unwrap_or_else(|error| panic!("{error}:\n{self}"))
    }

    /// The lines on stdout, as they were printed, without their line breaks.
    pub(crate) fn lines(&self) -> Vec<&str> {
        let printed = std::str::from_utf8(&self.printed).expect("it prints text");
        printed.lines().collect()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        f.write_str(&self.stdout)?;
        if !self.stdout.is_empty() && !self.stderr.is_empty() {
            writeln!(f, "--- stderr")?;
        }
        f.write_str(&self.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints text")
}
