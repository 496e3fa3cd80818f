//! What `cargo metadata` knows of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Outcome, while_};
use crate::process;

/// The crates that can be used without the program.
pub(crate) const LIBRARIES: [&str; 5] = [
    "spile-macros-template",
    "spile-core",
    "spile-encoders",
    "spile-sources",
    "spile-store-s3",
];

/// The workspace of the current folder.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Honours `CARGO_TARGET_DIR` and cargo's configuration.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A direct dependency of a crate.
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whether it is a crate of this workspace.
    pub(crate) is_ours: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    DevOrBuild,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Outcome<Self> {
        let mut command = process::cargo();
        command.args(["metadata", "--format-version", "1", "--no-deps"]);
        let text = process::run_in_silence(&mut command)?;
        let metadata: Value =
            serde_json::from_str(&text).map_err(while_("cargo metadata printed no JSON"))?;
        Ok(Self {
            root: PathBuf::from(text_of(&metadata["workspace_root"])),
            target: PathBuf::from(text_of(&metadata["target_directory"])),
            packages: list_of(&metadata["packages"])
                .iter()
                .map(Package::read)
                .collect(),
        })
    }

    /// The folder for what these tasks keep.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// `cargo`, run at the root of the workspace.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = process::cargo();
        command.current_dir(&self.root);
        command
    }

    /// The version of one of the workspace's crates.
    pub(crate) fn version_of(&self, name: &str) -> Outcome<&str> {
        let found = self.packages.iter().find(|package| package.name == name);
        found
            .map(|package| package.version.as_str())
            .ok_or_else(|| format!("the workspace has no crate named {name}").into())
    }
}

impl Package {
    fn read(value: &Value) -> Self {
        Self {
            name: text_of(&value["name"]),
            version: text_of(&value["version"]),
            dependencies: list_of(&value["dependencies"])
                .iter()
                .map(Dependency::read)
                .collect(),
        }
    }
}

impl Dependency {
    fn read(value: &Value) -> Self {
        Self {
            name: text_of(&value["name"]),
            kind: if value["kind"].is_null() {
                Kind::Normal
            } else {
                Kind::DevOrBuild
            },
            is_ours: value["path"].is_string(),
        }
    }
}

/// Creates an empty folder, in place of what was there.
pub(crate) fn fresh_folder(path: &Path) -> Outcome {
    remove_folder(path)?;
    std::fs::create_dir_all(path).map_err(while_(format!("creating {}", path.display())))
}

/// Removes a folder that may be there.
pub(crate) fn remove_folder(path: &Path) -> Outcome {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("removing {}: {error}", path.display()).into())
        }
        _ => Ok(()),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list_of(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
