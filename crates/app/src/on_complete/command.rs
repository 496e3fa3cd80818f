//! A command that is told of runs: it reads the manifest from its stdin, and ends with status 0 where
//! it needn't be told again.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use spile_core::ledger::Manifest;
use tokio::io::AsyncWriteExt;
use tokio::process;
use tokio::time::timeout;

use super::TellError;

/// A program and its arguments.
pub(crate) struct Command {
    program: String,
    arguments: Vec<String>,
    time: Duration,
}

/// By this, whoever is told twice of a run knows that it is the same.
const RUN: &str = "IDEMPOTENCY_KEY";
/// A run that is repeated has several, of which the last one holds.
const ATTEMPT: &str = "ATTEMPT";

impl Command {
    pub(super) fn new(program: &str, arguments: &[String], time: Duration) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.to_vec(),
            time,
        }
    }

    /// Runs it. What it prints goes to stderr, since stdout is that of the report.
    pub(super) async fn run(&self, manifest: &Manifest) -> Result<(), TellError> {
        let ended = timeout(self.time, self.run_to_end(manifest)).await;
        let message = match ended {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(message)) => message,
            Err(_) => format!("it has not ended after {} s", self.time.as_secs()),
        };
        Err(TellError {
            // Secrets may stand among its arguments.
            action: format!(
                "tell `{}` of run {}",
                self.program, manifest.connection_run_id
            ),
            message,
            // What a program does, and how often it may, nobody knows here.
            may_heal: false,
            retry_after_s: None,
            tried: None,
        })
    }

    async fn run_to_end(&self, manifest: &Manifest) -> Result<(), String> {
        let child = process::Command::new(&self.program)
            .args(&self.arguments)
            .env(RUN, &manifest.connection_run_id)
            .env(ATTEMPT, manifest.attempt.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::from(io::stderr()))
            .kill_on_drop(true)
            .spawn();
        let mut child = child.map_err(|error| format!("it can't be run: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(&manifest.text()).await {
                // It may not want to know more than that there is a run.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                written => written.map_err(|error| format!("it can't be written to: {error}"))?,
            }
        }
        let status = child.wait().await.map_err(|error| error.to_string())?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("it ended with {status}")),
        }
    }
}
