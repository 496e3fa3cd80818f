//! A folder in which the blocks of a page run, one after the other.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::book::root;
use crate::fault::{Fault, Tested};

/// A fresh folder with the inputs that the documentation speaks of.
pub(crate) struct Shell {
    folder: TempDir,
    server: Option<Server>,
}

/// A server, and a prefix in its bucket that nobody else writes to.
pub(crate) struct Server {
    endpoint: String,
    bucket: String,
    access_key_id: String,
    secret_access_key: String,
    prefix: String,
}

/// What a command printed, and how it ended.
pub(crate) struct Printed {
    pub(crate) text: String,
    pub(crate) succeeded: bool,
}

/// Printed before each command of a console block, to tell what each of them prints.
const BORDER: &str = "\u{1e}\n";

/// The inputs, in the order in which a configuration is tried with them.
pub(crate) const INPUTS: [&str; 3] = ["sales.jsonl.gz", "events.jsonl", "flights.csv.gz"];

impl Server {
    /// The server that `cargo xtask test` has started.
    pub(crate) fn of_environment(prefix: &Path) -> Tested<Self> {
        let variable = |name: &str| {
            env::var(format!("SPILE_TEST_S3_{name}"))
                .map_err(|_| Fault::new("this test needs a server: run `cargo xtask test`"))
        };
        let prefix = prefix.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self {
            endpoint: variable("ENDPOINT")?,
            bucket: variable("BUCKET")?,
            access_key_id: variable("ACCESS_KEY_ID")?,
            secret_access_key: variable("SECRET_ACCESS_KEY")?,
            prefix: format!("docs{}", prefix.replace('.', "-")),
        })
    }

    /// Puts this server and its bucket in place of those that a page names.
    fn put_into(&self, text: &str) -> String {
        let mut pieces = text.split("s3://");
        let mut put = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_alphanumeric() && c != '-');
            let rest = &piece[end.unwrap_or(piece.len())..];
            put += &format!("s3://{}/{}{rest}", self.bucket, self.prefix);
        }
        put.replace("http://127.0.0.1:8333", &self.endpoint)
    }

    /// Takes this server and its bucket out of what was printed.
    fn take_out_of(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.prefix), "")
            .replace(&format!("s3://{}", self.bucket), "s3://landing")
            .replace(&self.endpoint, "http://127.0.0.1:8333")
    }
}

impl Shell {
    pub(crate) fn new() -> Tested<Self> {
        let folder = TempDir::new()?;
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docs/files");
        let examples = folder.path().join("examples");
        fs::create_dir(&examples)?;
        for to in [folder.path(), &examples] {
            let flights = root().join("examples/flights.csv.gz");
            fs::copy(flights, to.join("flights.csv.gz"))?;
        }
        fs::copy(
            files.join("events.jsonl"),
            folder.path().join("events.jsonl"),
        )?;
        let shell = Self {
            folder,
            server: None,
        };
        let sales = files.join("sales.jsonl");
        shell.succeed(&format!("gzip -c '{}' > sales.jsonl.gz", sales.display()))?;
        Ok(shell)
    }

    /// A shell whose commands reach a server.
    pub(crate) fn with_server() -> Tested<Self> {
        let mut shell = Self::new()?;
        shell.server = Some(Server::of_environment(shell.folder.path())?);
        Ok(shell)
    }

    /// Writes a file, with this shell's server in place of the one that it names.
    pub(crate) fn write(&self, name: &str, text: &str) -> Tested {
        let text = match &self.server {
            Some(server) => server.put_into(text),
            None => text.to_owned(),
        };
        Ok(fs::write(self.folder.path().join(name), text)?)
    }

    /// Runs a script.
    pub(crate) fn run(&self, script: &str) -> Tested<Printed> {
        let Output { status, stdout, .. } = self.command(script).output()?;
        let text = String::from_utf8_lossy(&stdout).into_owned();
        Ok(Printed {
            text: match &self.server {
                Some(server) => server.take_out_of(&text),
                None => text,
            },
            succeeded: status.success(),
        })
    }

    /// Runs a script that has to succeed.
    pub(crate) fn succeed(&self, script: &str) -> Tested<String> {
        match self.run(&format!("set -e\n{script}"))? {
            Printed {
                text,
                succeeded: true,
            } => Ok(text),
            Printed { text, .. } => Err(Fault::new(format!("this failed:\n{script}\n{text}"))),
        }
    }

    /// Runs commands one after the other; what each of them prints. `$?` is the last one's.
    pub(crate) fn run_each(&self, commands: &[String]) -> Tested<Vec<String>> {
        let mut script = String::new();
        for command in commands {
            let border = "_status=$?; printf '\\036\\n'; (exit $_status)";
            script += &format!("{border}\n{command}\n");
        }
        let printed = self.run(&script)?.text;
        Ok(printed.split(BORDER).skip(1).map(str::to_owned).collect())
    }

    fn command(&self, script: &str) -> Command {
        let script = match &self.server {
            Some(server) => server.put_into(script),
            None => script.to_owned(),
        };
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            // As on a terminal, where people read it: warnings, and nothing else.
            .env("SPILE_LOG", "warn");
        if let Some(server) = &self.server {
            command
                .env("AWS_ACCESS_KEY_ID", &server.access_key_id)
                .env("AWS_SECRET_ACCESS_KEY", &server.secret_access_key)
                .env("SPILE_DESTINATION__ENDPOINT", &server.endpoint)
                .env("SPILE_DESTINATION__ALLOW_HTTP", "true");
        }
        command
    }
}

/// The path of programs, with the one that was just built first.
fn path() -> std::ffi::OsString {
    let program = Path::new(env!("CARGO_BIN_EXE_spile"));
    let own = program.parent().map(PathBuf::from).unwrap_or_default();
    let others = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(env::split_paths(&others));
    env::join_paths(all).unwrap_or(others)
}
