//! A fresh folder with a clean environment to run the program in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::kept::is_kept;
use super::ran::Ran;
use super::store;

/// A folder that one test has to itself. Command lines are a shell's, as people type them.
pub(crate) struct Desk {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    /// What nothing may print.
    secrets: Vec<String>,
}

/// The program under test.
const SPILE: &str = env!("CARGO_BIN_EXE_spile");
/// A home without anybody's settings.
const HOME: &str = "/nonexistent";
/// What every test of real data loads.
pub(crate) const FLIGHTS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/flights.csv.gz");

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().expect("a folder"),
            variables: BTreeMap::new(),
            secrets: store::secrets(),
        };
        let path = Path::new(SPILE).parent().expect("a folder").display();
        desk.set("PATH", &format!("{path}:/usr/local/bin:/usr/bin:/bin"))
            .set("HOME", HOME)
            // Without a terminal the run's steps are logged too: here they are noise.
            .set("SPILE_LOG", "warn")
    }

    /// A desk with the flights at `examples/flights.csv.gz`.
    pub(crate) fn with_flights() -> Self {
        let desk = Self::new();
        fs::create_dir(desk.path("examples")).expect("created");
        fs::copy(FLIGHTS, desk.path("examples/flights.csv.gz")).expect("copied");
        desk
    }

    /// A desk with the programs of the Python environment: `python`, `aws`, `cfn-lint`.
    pub(crate) fn with_python() -> Self {
        let desk = Self::new();
        let python = PathBuf::from(store::told("PYTHON"));
        let programs = python.parent().expect("a folder").display();
        let path = format!("{programs}:{}", desk.variables["PATH"]);
        desk.set("PATH", &path)
    }

    /// Sets a variable of the environment.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Fails whatever prints a text.
    pub(crate) fn hush(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, content).expect("written");
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a text")
    }

    /// Runs a command line to its end.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let mut command = Command::new("/bin/sh");
        self.settle(&mut command).args(["-c", line]);
        let output = command.stdin(Stdio::null()).output().expect("it runs");
        Ran::of(output, self.folder.path(), &self.secrets)
    }

    /// Runs a command line that is to succeed.
    pub(crate) fn ok(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}\n{ran}");
        ran
    }

    /// The program itself, for tests that talk to it while it runs.
    pub(crate) fn spile(&self, words: &[&str]) -> Command {
        let mut command = Command::new(SPILE);
        self.settle(&mut command).args(words);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What the end of a program that was started here means.
    pub(crate) fn ran(&self, output: std::process::Output) -> Ran {
        Ran::of(output, self.folder.path(), &self.secrets)
    }

    /// Every file below a folder but what is kept of runs, by its path, hidden ones too; empty where
    /// there is no folder.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.all_files(folder);
        files.retain(|name, _| !is_kept(name));
        files
    }

    /// The paths of [`Desk::files`].
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_keys().collect()
    }

    /// The paths of what is kept of runs below a folder, which [`Desk::files`] leaves out.
    pub(crate) fn kept(&self, folder: &str) -> Vec<String> {
        let names = self.all_files(folder).into_keys();
        names.filter(|name| is_kept(name)).collect()
    }

    fn all_files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(folder);
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        files
    }

    fn settle<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let command = command.current_dir(self.folder.path());
        command.env_clear().envs(&self.variables)
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .expect("below")
                .display()
                .to_string();
            // What is staged may be published, and so gone from there, at any time.
            if let Ok(content) = fs::read(&path) {
                files.insert(name, content);
            }
        }
    }
}
