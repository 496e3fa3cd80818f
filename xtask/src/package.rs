//! `cargo xtask package`: each library crate is worth taking alone. Its package builds, and its
//! examples build from the package, outside the workspace.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::args::Args;
use crate::at_end;
use crate::failure::{Outcome, while_};
use crate::process;
use crate::workspace::{self, LIBRARIES, Workspace};

pub(crate) fn run(args: Args) -> Outcome {
    args.finish()?;
    run_in(&Workspace::load()?)
}

pub(crate) fn run_in(workspace: &Workspace) -> Outcome {
    package(workspace)?;
    let outside = std::env::temp_dir().join(format!("spile-package-{}", std::process::id()));
    workspace::fresh_folder(&outside)?;
    let removed = outside.clone();
    let _removed = at_end::register(move || drop(fs::remove_dir_all(removed)));
    for name in LIBRARIES {
        unpack(workspace, name, &outside)?;
    }
    write_workspace(workspace, &outside)?;
    LIBRARIES
        .iter()
        .try_for_each(|name| build_examples(workspace, name, &outside))
}

/// All at once: a crate that isn't published yet is then found by those that depend on it.
fn package(workspace: &Workspace) -> Outcome {
    let mut command = cargo(workspace, &workspace.root);
    command.args(["package", "--allow-dirty"]);
    for name in LIBRARIES {
        command.args(["--package", name]);
    }
    process::run(&mut command)
}

fn unpack(workspace: &Workspace, name: &str, outside: &Path) -> Outcome {
    let tarball = format!("{}.crate", folder_of(workspace, name)?);
    let tarball = workspace.target.join("package").join(tarball);
    let mut tar = Command::new("tar");
    process::run_in_silence(tar.arg("-xzf").arg(&tarball).arg("-C").arg(outside)).map(drop)
}

/// A workspace of the packages alone, which stand in for the registry, with the versions of
/// everything else as they are in ours.
fn write_workspace(workspace: &Workspace, outside: &Path) -> Outcome {
    let mut manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n".to_owned();
    manifest.push_str("[patch.crates-io]\n");
    for name in LIBRARIES {
        let folder = folder_of(workspace, name)?;
        writeln!(manifest, "{name} = {{ path = \"{folder}\" }}").map_err(while_("formatting"))?;
    }
    fs::write(outside.join("Cargo.toml"), manifest).map_err(while_("writing Cargo.toml"))?;
    fs::copy(
        workspace.root.join("Cargo.lock"),
        outside.join("Cargo.lock"),
    )
    .map(drop)
    .map_err(while_("copying Cargo.lock"))
}

fn build_examples(workspace: &Workspace, name: &str, outside: &Path) -> Outcome {
    let folder = outside.join(folder_of(workspace, name)?);
    let examples = folder.join("examples");
    if !examples.is_dir() {
        return Err(format!("{name} has no examples: add one to its folder `examples`").into());
    }
    process::run(cargo(workspace, outside).args([
        "build",
        "--examples",
        "--all-features",
        "--package",
        name,
    ]))
}

/// With the workspace's target folder and its debug information for dependencies, so that most
/// of what the tests have built is used again.
fn cargo(workspace: &Workspace, folder: &Path) -> Command {
    let mut command = process::cargo();
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", &workspace.target)
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    command
}

fn folder_of(workspace: &Workspace, name: &str) -> Outcome<String> {
    Ok(format!("{name}-{}", workspace.version_of(name)?))
}
