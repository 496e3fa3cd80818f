//! `cargo xtask bench`: how fast `spile load` is, and how much memory it holds at its peak. The
//! program is measured as people run it: as a process of its own.

mod case;
mod formats;
mod measure;
mod memory;
mod peers;
mod protocols;
mod table;

use std::process::Command;

use crate::args::Args;
use crate::failure::{Outcome, while_};
use crate::generate::{Generated, Input};
use crate::process;
use crate::workspace::Workspace;

pub(crate) fn run(mut args: Args) -> Outcome {
    match args.take_word().as_deref() {
        None => formats::run(args),
        Some("memory") => memory::run(args),
        Some("peers") => peers::run(args),
        Some("protocols") => protocols::run(args),
        Some(other) => Err(format!(
            "there is no benchmark `{other}`: leave it out, or say `memory`, `peers` or `protocols`"
        )
        .into()),
    }
}

/// TPC-H's scale of the input.
fn scale(args: &mut Args) -> Outcome<f64> {
    let scale = args.take_value("--scale")?.unwrap_or(0.5);
    match scale > 0.0 && scale <= 1_000.0 {
        true => Ok(scale),
        false => Err("--scale needs a number above 0, such as 0.5".into()),
    }
}

/// How often each case is run.
fn runs(args: &mut Args) -> Outcome<usize> {
    match args.take_value("--runs")?.unwrap_or(3) {
        0 => Err("--runs needs at least 1".into()),
        runs => Ok(runs),
    }
}

/// The command fails where a case misses a target.
fn judge(misses: usize, cases: usize) -> Outcome {
    match misses {
        0 => Ok(()),
        _ => Err(format!("{misses} of {cases} cases miss a target").into()),
    }
}

/// Another process generates: the system counts what this one held when it starts a child towards
/// the child's peak, and the generator holds hundreds of megabytes.
fn ensure_input(workspace: &Workspace, input: Input) -> Outcome<Generated> {
    if let Some(found) = input.find(workspace) {
        return Ok(found);
    }
    let program = std::env::current_exe().map_err(while_("finding this program"))?;
    process::run(Command::new(program).arg("generate").args(input.words()))?;
    input
        .find(workspace)
        .ok_or_else(|| "the generated input is not whole; try again".into())
}
