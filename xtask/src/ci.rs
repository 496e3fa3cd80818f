//! `cargo xtask ci`: all that must hold before a change goes in. CI runs nothing else.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::args::Args;
use crate::failure::{Outcome, while_};
use crate::workspace::Workspace;
use crate::{deps, disk, instructions, package, process, test};

type Step = (&'static str, fn(&Workspace) -> Outcome);

/// The tests come last, so that their closing lines are the last that is printed.
const STEPS: [Step; 9] = [
    ("format", check_format),
    ("clippy", clippy),
    ("fuzz targets", clippy_of_fuzz),
    ("fuzz seeds", run_seeds),
    ("documentation", document),
    ("dependencies", deps::run_in),
    ("packages", package::run_in),
    ("instructions", instructions::run_in),
    ("tests", |workspace| test::run_in(workspace, &[], &[])),
];

/// A workspace of its own, so that nobody needs libFuzzer to build Spile.
const FUZZ: &str = "fuzz/Cargo.toml";

pub(crate) fn run(args: Args) -> Outcome {
    args.finish()?;
    let workspace = Workspace::load()?;
    let started = Instant::now();
    for (name, step) in STEPS {
        println!(
            "==> {name} (after {:.0} s)",
            started.elapsed().as_secs_f64()
        );
        disk::ensure_room(&workspace.target)?;
        step(&workspace)?;
    }
    Ok(())
}

fn check_format(workspace: &Workspace) -> Outcome {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    let mut fuzz = workspace.cargo();
    process::run(fuzz.args(["fmt", "--manifest-path", FUZZ, "--check"]))
}

fn clippy(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo();
    process::run(command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn clippy_of_fuzz(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo();
    command.args(["clippy", "--manifest-path", FUZZ, "--locked"]);
    process::run(command.args(["--", "-D", "warnings"]))
}

/// Each target reads its seeds once, as it would read what a fuzzer has found.
fn run_seeds(workspace: &Workspace) -> Outcome {
    let seeds = workspace.root.join("fuzz/seeds");
    for target in names_in(&seeds)? {
        let mut command = workspace.cargo();
        command.args(["run", "--quiet", "--manifest-path", FUZZ, "--locked"]);
        command.args(["--bin", &target, "--"]);
        for seed in names_in(&seeds.join(&target))? {
            command.arg(seeds.join(&target).join(seed));
        }
        process::run(&mut command)?;
    }
    Ok(())
}

/// What lies in a folder, in order.
fn names_in(folder: &Path) -> Outcome<Vec<String>> {
    let list = || format!("failed to list {}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(while_(list()))? {
        let name = entry.map_err(while_(list()))?.file_name();
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn document(workspace: &Workspace) -> Outcome {
    let mut command = workspace.cargo();
    command.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}
