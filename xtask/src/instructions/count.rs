//! Builds the stages and counts what each of them does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, while_};
use crate::instructions::PACKAGE;
use crate::process;
use crate::workspace::Workspace;

/// Counts instructions, and keeps what is needed for that in a folder.
pub(super) struct Counter {
    valgrind: PathBuf,
    folder: PathBuf,
}

/// As it is released, but linked at once: to optimise over crates again takes a minute for each side and
/// changes what both do alike. Both sides are built by these, whatever their manifests say.
const PROFILE: [(&str, &str); 2] = [
    ("CARGO_PROFILE_RELEASE_LTO", "false"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
];

impl Counter {
    pub(super) fn find(workspace: &Workspace) -> Outcome<Self> {
        let valgrind = process::on_path("valgrind").ok_or(
            "valgrind counts the instructions and is not on PATH: install it, on Debian by \
             `apt-get install valgrind`",
        )?;
        Ok(Self {
            valgrind,
            folder: folder(workspace),
        })
    }

    /// Builds the stages of a tree; where the program is, under a name of its own.
    pub(super) fn build(&self, tree: &Path, name: &str) -> Outcome<PathBuf> {
        let target = self.folder.join("target");
        let mut cargo = process::cargo();
        cargo.args(["build", "--release", "--package", PACKAGE]);
        cargo.current_dir(tree).env("CARGO_TARGET_DIR", &target);
        process::run(cargo.envs(PROFILE))?;
        let program = self.folder.join(name);
        let built = target.join("release").join(PACKAGE);
        fs::copy(&built, &program).map_err(while_(format!("copying {}", built.display())))?;
        Ok(program)
    }

    /// The instructions of a process that works on one stage.
    pub(super) fn count(&self, program: &Path, stage: &str, input: &Path) -> Outcome<u64> {
        let mut command = Command::new(&self.valgrind);
        command.args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--log-fd=1",
        ]);
        command.arg(program).args(["run", stage]).arg(input);
        let said = process::run_in_silence(&mut command)?;
        total(&said).ok_or_else(|| -> Failure {
            format!("valgrind has counted nothing of `{stage}`:\n{said}").into()
        })
    }
}

/// What is kept of all this, below the target folder.
pub(super) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.scratch().join("instructions")
}

/// The stages that a program has.
pub(super) fn stages(program: &Path) -> Outcome<Vec<String>> {
    let said = process::run_in_silence(Command::new(program).arg("stages"))?;
    Ok(said.lines().map(str::to_owned).collect())
}

/// The number in `==42== I   refs:      1,234,567`.
fn total(said: &str) -> Option<u64> {
    let mut numbers = said.lines().filter_map(|line| line.split_once("refs:"));
    let (_, number) = numbers.next()?;
    number.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_read_from_what_valgrind_says() {
        let said = "9000\n==42== Collected : 1234567\n==42== \n==42== I   refs:      1,234,567\n";
        assert_eq!(total(said), Some(1_234_567));
        assert_eq!(total("==42== Collected : 1234567"), None);
    }
}
