//! `cargo xtask bench`: how fast `spile load` is for each CPU second, and how much memory it
//! holds at its peak. The program is measured as people run it: as a process of its own.

mod case;
mod measure;
mod protocols;
mod table;

use std::path::PathBuf;
use std::process::Command;

use crate::args::Args;
use crate::bench::case::Case;
use crate::bench::measure::{Measurement, Program};
use crate::failure::{Outcome, while_};
use crate::generate::{Generated, Input};
use crate::process;
use crate::workspace::{self, Workspace};

/// What was asked for.
struct Plan {
    input: Input,
    /// The scale, where the input is to be messages too.
    protocols: Option<f64>,
    cases: Vec<Case>,
    runs: usize,
}

pub(crate) fn run(args: Args) -> Outcome {
    let plan = Plan::read(args)?;
    let workspace = Workspace::load()?;
    let program = Program {
        path: build(&workspace)?,
        out: workspace.target.join("bench/out"),
    };
    let misses = match plan.protocols {
        Some(scale) => protocols::run(&workspace, &program, &plan.cases, scale, plan.runs)?,
        None => formats(&workspace, &program, &plan)?,
    };
    workspace::remove_folder(&program.out)?;
    match misses {
        0 => Ok(()),
        count => Err(format!("{count} of {} cases miss a target", plan.cases.len()).into()),
    }
}

/// Measures each format, and says how many miss a target.
fn formats(workspace: &Workspace, program: &Program, plan: &Plan) -> Outcome<usize> {
    let input = ensure_input(workspace, plan.input)?;
    println!("{}", table::heading());
    let mut misses = 0;
    for case in &plan.cases {
        let median = median(program, case, &input, plan.runs)?;
        let row = table::row(case, &input, &median);
        println!("{}", row.text);
        misses += usize::from(!row.holds);
    }
    Ok(misses)
}

impl Plan {
    fn read(mut args: Args) -> Outcome<Self> {
        let scale = args.take_value("--scale")?.unwrap_or(0.5);
        let only = args.take_value::<String>("--only")?;
        let runs = args.take_value("--runs")?.unwrap_or(3);
        let (all, periods) = (args.take_flag("--all"), args.take_flag("--periods"));
        let protocols = args.take_flag("--protocols");
        args.finish()?;
        if runs == 0 {
            return Err("--runs needs at least 1".into());
        }
        if !(scale > 0.0 && scale <= 1_000.0) {
            return Err("--scale needs a number above 0, such as 0.5".into());
        }
        let (input, cases) = match (periods, only) {
            (true, Some(_)) => return Err("--periods has one case; leave out --only".into()),
            (true, None) => (Input::Periods, vec![Case::periods()]),
            (false, Some(names)) => (Input::Lineitem(scale), Case::named(&names)?),
            (false, None) => (Input::Lineitem(scale), Case::usual(all)),
        };
        if protocols && periods {
            return Err("--protocols and --periods are two benchmarks; choose one".into());
        }
        Ok(Self {
            input,
            protocols: protocols.then_some(scale),
            cases,
            runs,
        })
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

fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    process::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", "spile"]),
    )?;
    Ok(workspace.target.join("release").join("spile"))
}

/// The run in the middle when sorted by CPU time. The lower one of two: no run is invented. The
/// peak is the highest of all runs, as it is a limit.
fn median(program: &Program, case: &Case, input: &Generated, runs: usize) -> Outcome<Measurement> {
    let measured = (0..runs).map(|_| program.measure(case, input));
    let mut measured = measured.collect::<Outcome<Vec<_>>>()?;
    measured.sort_by_key(|run| run.cpu);
    let peak_bytes = measured
        .iter()
        .map(|run| run.peak_bytes)
        .max()
        .unwrap_or_default();
    let middle = measured.swap_remove((measured.len() - 1) / 2);
    Ok(Measurement {
        peak_bytes,
        ..middle
    })
}
