//! What is compared, and how each is told to load a file.

use std::path::Path;
use std::process::Command;

use crate::bench::peers::format::Format;
use crate::bench::peers::site::{Server, Site};
use crate::weed::{self, BUCKET};

/// One that loads files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    DuckDb,
    Polars,
    ChDb,
    Spile,
}

impl Engine {
    /// In the order in which they take turns.
    pub(super) const ALL: [Self; 4] = [Self::DuckDb, Self::Polars, Self::ChDb, Self::Spile];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "DuckDB",
            Self::Polars => "Polars",
            Self::ChDb => "chDB",
            Self::Spile => "Spile",
        }
    }

    /// Where the objects of a run go: a prefix, or a folder for DuckDB, whose extension for S3 isn't in
    /// its package.
    pub(super) fn place(self, site: &Site<'_>, round: usize) -> String {
        let name = format!("{}-{round}", self.name().to_lowercase());
        match self {
            Self::DuckDb => site.out.join(name).display().to_string(),
            Self::Polars | Self::ChDb | Self::Spile => format!("s3://{BUCKET}/{name}"),
        }
    }

    /// The process that is measured.
    pub(super) fn command(
        self,
        site: &Site<'_>,
        server: &Server,
        input: &Path,
        format: &Format,
        place: &str,
    ) -> Command {
        let mut command = match self.script() {
            Some(script) => {
                let mut command = site.script(script);
                command.arg(input).arg(format.name);
                command.arg(format!("{place}/rows.{}", format.name));
                command
            }
            None => spile(site, server, input, format, place),
        };
        server.tell(&mut command);
        command
    }

    fn script(self) -> Option<&'static str> {
        match self {
            Self::DuckDb => Some("load_duckdb.py"),
            Self::Polars => Some("load_polars.py"),
            Self::ChDb => Some("load_chdb.py"),
            Self::Spile => None,
        }
    }
}

fn spile(site: &Site<'_>, server: &Server, input: &Path, format: &Format, place: &str) -> Command {
    let mut command = Command::new(site.spile);
    command.arg("load").arg(input);
    command.args(["--stream", "rows", "--format", format.name, "--to", place]);
    command.args(["--key", "{stream_name}-{part}.{extension}"]);
    command.args(["--endpoint", &weed::endpoint(server.port), "--allow-http"]);
    command
}
