//! The runs of one of those compared, in one format.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use crate::bench::measure::{self, Measurement};
use crate::bench::peers::engine::Engine;
use crate::bench::peers::figures::Figures;
use crate::bench::peers::format::Format;
use crate::bench::peers::site::{Server, Site};
use crate::failure::{Outcome, while_};
use crate::generate::Generated;
use crate::workspace;

pub(super) struct Lane {
    pub(super) engine: Engine,
    pub(super) runs: Vec<Figures>,
    /// Why it can't do this: some have no csv of nested columns, say.
    pub(super) failure: Option<String>,
}

impl Lane {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            runs: Vec::new(),
            failure: None,
        }
    }

    /// Runs it once more, unless it has failed. Only Spile's failure ends the benchmark.
    pub(super) fn run(
        &mut self,
        site: &Site<'_>,
        server: &Server,
        format: &Format,
        input: &Generated,
        round: usize,
    ) -> Outcome {
        if self.failure.is_some() {
            return Ok(());
        }
        let place = self.engine.place(site, round);
        let attempt = match self.load(site, server, format, input, &place)? {
            Ok(used) => {
                let count = site.count(server, format, &place, round == 0)?;
                let checked = self.check(count.rows, count.bytes, input.rows);
                checked.map(|()| figures(&used, count.bytes))
            }
            Err(why) => Err(why),
        };
        match attempt {
            Ok(figures) => self.runs.push(figures),
            Err(why) if self.engine == Engine::Spile => {
                return Err(format!("spile with {}: {why}", format.name).into());
            }
            Err(why) => self.failure = Some(why),
        }
        Ok(())
    }

    /// What a load has used, or why it has failed.
    fn load(
        &self,
        site: &Site<'_>,
        server: &Server,
        format: &Format,
        input: &Generated,
        place: &str,
    ) -> Outcome<Result<Measurement, String>> {
        workspace::fresh_folder(site.out)?;
        if self.engine == Engine::DuckDb {
            workspace::fresh_folder(Path::new(place))?;
        }
        let log = site.out.join("stderr.log");
        let file = File::create(&log).map_err(while_("creating the log"))?;
        let mut command = self
            .engine
            .command(site, server, &input.path, format, place);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file);
        let started = Instant::now();
        let child = command.spawn();
        let child = child.map_err(while_(format!("starting {}", self.engine.name())))?;
        Ok(measure::wait(child, started).map_err(|_| last_line(&log)))
    }

    /// A fast load that loses rows is no load. They are counted once; what further runs write is of
    /// the same size, nearly: threads may have met in another order.
    fn check(&self, rows: Option<u64>, bytes: u64, expected: u64) -> Result<(), String> {
        if let Some(rows) = rows.filter(|rows| *rows != expected) {
            return Err(format!("it wrote {rows} rows of {expected}"));
        }
        match self.runs.first() {
            Some(first) if bytes.abs_diff(first.bytes) > first.bytes / 20 => Err(format!(
                "it wrote {bytes} bytes, and {} before",
                first.bytes
            )),
            _ => Ok(()),
        }
    }
}

fn figures(used: &Measurement, bytes: u64) -> Figures {
    Figures {
        cpu: used.cpu,
        wall: used.wall,
        peak_bytes: used.peak_bytes,
        bytes,
    }
}

fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("it failed in silence").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Engine, Figures, Lane};

    #[test]
    fn a_load_that_loses_rows_is_no_load() {
        let mut lane = Lane::new(Engine::Polars);
        assert!(lane.check(Some(10), 1_000, 10).is_ok());
        assert!(lane.check(Some(9), 1_000, 10).is_err());
        lane.runs.push(Figures {
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            peak_bytes: 0,
            bytes: 1_000,
        });
        assert!(lane.check(None, 1_040, 10).is_ok());
        assert!(lane.check(None, 900, 10).is_err());
    }
}
