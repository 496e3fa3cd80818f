//! One run of the program, and what the system says it used.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wait4::Wait4;

use crate::bench::case::Case;
use crate::failure::{Outcome, while_};
use crate::generate::Generated;
use crate::process;
use crate::workspace::{self, Workspace};

/// The program, and a folder for what it writes.
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) out: PathBuf,
}

/// What one run took.
pub(super) struct Measurement {
    pub(super) wall: Duration,
    /// User and system time together.
    pub(super) cpu: Duration,
    pub(super) peak_bytes: u64,
    pub(super) objects: usize,
}

impl Program {
    /// Builds it as people do for use.
    pub(super) fn build(workspace: &Workspace) -> Outcome<Self> {
        let mut cargo = workspace.cargo();
        process::run(cargo.args(["build", "--release", "--package", "spile"]))?;
        Ok(Self {
            path: workspace.target.join("release").join("spile"),
            out: workspace.target.join("bench/out"),
        })
    }

    /// The run in the middle when sorted by CPU time. The lower one of two: no run is invented. The
    /// peak is the highest of all runs, as it is a limit.
    pub(super) fn median(
        &self,
        case: &Case,
        input: &Generated,
        runs: usize,
    ) -> Outcome<Measurement> {
        let measured = (0..runs).map(|_| self.measure(case, input));
        let mut measured = measured.collect::<Outcome<Vec<_>>>()?;
        measured.sort_by_key(|run| run.cpu);
        let peaks = measured.iter().map(|run| run.peak_bytes);
        let peak_bytes = peaks.max().unwrap_or_default();
        let middle = measured.swap_remove((measured.len() - 1) / 2);
        Ok(Measurement {
            peak_bytes,
            ..middle
        })
    }

    /// Loads the input into an empty folder and removes that folder again.
    fn measure(&self, case: &Case, input: &Generated) -> Outcome<Measurement> {
        let out = self.out.join(case.name);
        workspace::fresh_folder(&out)?;
        let mut command = Command::new(&self.path);
        command.arg("load").arg("--to").arg(&out);
        command.args(case.arguments);
        if !case.has_messages {
            command.args(["--output-format", "json"]);
        }
        match case.printed {
            None => command.arg(&input.path),
            Some(times) => {
                let files = std::iter::repeat_n(&input.path, times);
                command.args(["--", "cat"]).args(files)
            }
        };
        let report = self.out.join("report.json");
        let file = std::fs::File::create(&report).map_err(while_("creating the report's file"))?;
        command.stdin(Stdio::null());
        // Where states go to stdout, the report is what people read.
        match case.has_messages {
            true => command.stdout(Stdio::null()).stderr(file),
            false => command.stdout(file),
        };
        let started = Instant::now();
        let child = command.spawn().map_err(while_("starting spile"))?;
        let mut measured = wait(child, started)?;
        let text = std::fs::read_to_string(&report).map_err(while_("reading the report"))?;
        measured.objects = match case.has_messages {
            true => check_words(&text, case, input)?,
            false => check_report(&text, case, input)?,
        };
        workspace::remove_folder(&out)?;
        Ok(measured)
    }
}

/// Waits for a child, and says what it used.
pub(super) fn wait(child: Child, started: Instant) -> Outcome<Measurement> {
    let used = child.wait4().map_err(while_("waiting for it"))?;
    let wall = started.elapsed();
    if !used.status.success() {
        return Err(process::said_by(used.status));
    }
    let usage = used.rusage;
    Ok(Measurement {
        wall,
        cpu: usage.utime + usage.stime,
        peak_bytes: usage.maxrss,
        objects: 0,
    })
}

/// The same, of the report for people: `loaded 12,208 records in 15 objects (…)`.
fn check_words(text: &str, case: &Case, input: &Generated) -> Outcome<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix("loaded "));
    let words: Vec<&str> = line.unwrap_or_default().split(' ').collect();
    let number = |at: usize| {
        let word: &str = words.get(at).copied().unwrap_or_default();
        word.replace(',', "").parse::<u64>().ok()
    };
    match (number(0), number(3)) {
        (Some(rows), Some(objects)) if rows == input.rows => {
            Ok(usize::try_from(objects).unwrap_or_default())
        }
        _ => Err(format!("{} loaded less than {} rows: {text}", case.name, input.rows).into()),
    }
}

/// A fast load that loses rows is no load.
fn check_report(text: &str, case: &Case, input: &Generated) -> Outcome<usize> {
    let report: Value = serde_json::from_str(text.trim())
        .map_err(while_(format!("the report of {} is no JSON", case.name)))?;
    match report["rows"].as_u64() {
        Some(rows) if rows == input.rows => {}
        rows => {
            let rows = rows.map_or("no number of".to_owned(), |rows| rows.to_string());
            return Err(format!("{} loaded {rows} rows of {}", case.name, input.rows).into());
        }
    }
    Ok(report["objects"]
        .as_array()
        .map(Vec::len)
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::wait;

    #[test]
    fn the_system_counts_what_a_child_uses() {
        let mut command = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()));
        let started = Instant::now();
        let child = command
            .arg("--version")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let used = wait(child, started).unwrap();
        assert!(
            used.cpu <= used.wall * 64,
            "{:?} of CPU time in {:?}",
            used.cpu,
            used.wall
        );
        assert!(
            (1 << 20..1 << 30).contains(&used.peak_bytes),
            "{} bytes",
            used.peak_bytes
        );
    }
}
