//! `cargo xtask package`: each library crate is worth taking alone. Its package builds, and its
//! examples build from the package, outside the workspace.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
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
    forget_earlier_packages();
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

/// Cargo keeps what it has unpacked of a registry in a folder by the folder's path, and takes it again
/// for a package of the same version: of a crate that isn't published yet, that is the one from the
/// last time. What can't be removed wasn't there.
fn forget_earlier_packages() {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let kept = home.into_iter().flat_map(|home| {
        let kinds = ["src", "cache"].map(|kind| home.join("registry").join(kind));
        kinds.into_iter().flat_map(|kind| entries(&kind))
    });
    // The registries of folders have no host in their names.
    let of_folders = kept.filter(|path| begins_with(path, "-"));
    let packages = of_folders.flat_map(|registry| entries(&registry));
    for package in packages.filter(|path| begins_with(path, "spile-")) {
        if package.is_dir() {
            let _gone = fs::remove_dir_all(package);
        } else {
            let _gone = fs::remove_file(package);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn begins_with(path: &Path, start: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(start))
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
