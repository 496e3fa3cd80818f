//! What all of them need: a Python with the peers, a server, somewhere to write.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::at_end::AtEnd;
use crate::bench::measure::Program;
use crate::bench::peers::format::Format;
use crate::failure::{Outcome, while_};
use crate::process;
use crate::test;
use crate::venv::Venv;
use crate::weed::{self, Weed};
use crate::workspace::{self, Workspace};

const REQUIREMENTS: &str = "requirements-peers.txt";

/// What is installed, and where things go.
pub(super) struct Site<'a> {
    workspace: &'a Workspace,
    peers: Venv,
    weed: PathBuf,
    pub(super) spile: &'a Path,
    pub(super) out: &'a Path,
}

/// A running server.
pub(super) struct Server {
    pub(super) port: u16,
    _stopped: AtEnd,
}

/// What a run has left.
pub(super) struct Count {
    pub(super) bytes: u64,
    /// Where they were to be counted.
    pub(super) rows: Option<u64>,
}

impl<'a> Site<'a> {
    pub(super) fn prepare(workspace: &'a Workspace, program: &'a Program) -> Outcome<Self> {
        Ok(Self {
            workspace,
            peers: Venv::ensure(workspace, REQUIREMENTS)?,
            weed: test::environment(workspace)?.program("weed"),
            spile: &program.path,
            out: &program.out,
        })
    }

    /// A server with nothing in it.
    pub(super) fn serve(&self) -> Outcome<Server> {
        let folder = test::own_folder(self.workspace, "weed", weed::end_in)?;
        let weed = Weed::start(&self.weed, &folder, weed::any_port())?;
        Ok(Server {
            port: weed.port(),
            _stopped: weed.stop_at_end(),
        })
    }

    /// Python, with one of the scripts beside this file.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.peers.python());
        command.arg(self.workspace.root.join("xtask/src/bench/peers").join(name));
        command
    }

    /// Counts what lies at `place`, by DuckDB and pyarrow.
    pub(super) fn count(
        &self,
        server: &Server,
        format: &Format,
        place: &str,
        with_rows: bool,
    ) -> Outcome<Count> {
        let mut command = self.script("count.py");
        command.args([format.name, place]);
        command.args(with_rows.then_some("--rows"));
        server.tell(&mut command);
        // What it reads back is as large as what was written: not into a temporary folder in memory.
        let temporary = self.out.join("tmp");
        workspace::fresh_folder(&temporary)?;
        let said = process::run_in_silence(command.env("TMPDIR", temporary))?;
        let count: Value =
            serde_json::from_str(said.trim()).map_err(while_("count.py printed no JSON"))?;
        Ok(Count {
            bytes: count["bytes"].as_u64().unwrap_or_default(),
            rows: count["rows"].as_u64(),
        })
    }
}

impl Server {
    /// In the variables that all of them know.
    pub(super) fn tell(&self, command: &mut Command) {
        command
            .env("AWS_ENDPOINT_URL", weed::endpoint(self.port))
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", weed::ADMIN.id)
            .env("AWS_SECRET_ACCESS_KEY", weed::ADMIN.secret);
    }
}
