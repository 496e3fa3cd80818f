//! The Python environment under the target folder, made again when its requirements change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, while_};
use crate::process;
use crate::workspace::{self, Workspace};

/// An environment with all its packages installed.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment of `xtask/{requirements}`, named after the file.
    pub(crate) fn ensure(workspace: &Workspace, requirements: &str) -> Outcome<Self> {
        let wanted = workspace.root.join("xtask").join(requirements);
        let folder = workspace
            .scratch()
            .join("venv")
            .join(requirements.trim_end_matches(".txt"));
        let venv = Self { folder };
        let text =
            fs::read_to_string(&wanted).map_err(while_(format!("reading {}", wanted.display())))?;
        if !venv.holds(&text) {
            venv.install(&wanted)?;
            fs::write(venv.stamp(), text).map_err(while_("writing into the Python environment"))?;
        }
        Ok(venv)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that one of its packages brings.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// The requirements it was made from; written last, so its presence says that all is there.
    fn stamp(&self) -> PathBuf {
        self.folder.join("installed.txt")
    }

    fn holds(&self, requirements: &str) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|installed| installed == requirements)
            && process::works(Command::new(self.python()).arg("--version"))
    }

    fn install(&self, requirements: &Path) -> Outcome {
        eprintln!(
            "Installing {} into {}",
            requirements.display(),
            self.folder.display()
        );
        workspace::fresh_folder(&self.folder)?;
        let mut create = Command::new("python3");
        create.args(["-m", "venv"]).arg(&self.folder);
        process::run_in_silence(&mut create).map_err(explain_venv)?;
        let mut pip = Command::new(self.python());
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        process::run_in_silence(pip.arg("--requirement").arg(requirements)).map(drop)
    }
}

/// Debian and Ubuntu ship Python without what a virtual environment needs.
fn explain_venv(failure: Failure) -> Failure {
    match failure {
        Failure::Message(text) if text.contains("ensurepip") => format!(
            "{text}\nThis Python cannot make a virtual environment: install your system's package \
             for it (python3-venv on Debian and Ubuntu) and run the command again"
        )
        .into(),
        Failure::Message(text) if text.contains("not on PATH") => {
            format!("{text}: install Python 3.10 or newer, the tests use it").into()
        }
        other => other,
    }
}
