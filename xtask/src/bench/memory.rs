//! `cargo xtask bench memory`: what may not make Spile hold more: many periods in random order, an object
//! for each, and more input.

use crate::args::Args;
use crate::bench::case::Case;
use crate::bench::measure::Program;
use crate::bench::{ensure_input, judge, runs, table};
use crate::failure::Outcome;
use crate::generate::{Generated, Input};
use crate::workspace::{self, Workspace};

const PERIODS: [(&str, u64); 3] = [("1 day", 1), ("1000 days", 1_000), ("10000 days", 10_000)];
/// How often about 1 GB is loaded, one after the other.
const SIZES: [(&str, usize); 2] = [("1 GB", 1), ("8 GB", 8)];
/// TPC-H's, for 1 GB.
const SCALE: f64 = 0.5;

pub(super) fn run(mut args: Args) -> Outcome {
    let (runs, large) = (runs(&mut args)?, args.take_flag("--large"));
    args.finish()?;
    let workspace = Workspace::load()?;
    let program = Program::build(&workspace)?;
    let cases = cases(&workspace, large)?;
    println!("{}", table::heading());
    let mut misses = 0;
    for (case, input) in &cases {
        let row = table::row(case, input, &program.median(case, input, runs)?);
        println!("{}", row.text);
        misses += usize::from(!row.holds);
    }
    workspace::remove_folder(&program.out)?;
    judge(misses, cases.len())
}

fn cases(workspace: &Workspace, large: bool) -> Outcome<Vec<(Case, Generated)>> {
    let mut cases = Vec::new();
    for (name, periods) in PERIODS {
        let input = ensure_input(workspace, Input::Periods(periods))?;
        cases.push((Case::periods(name), input));
    }
    if large {
        let once = ensure_input(workspace, Input::Lineitem(SCALE))?;
        for (name, times) in SIZES {
            cases.push((Case::printed(name, times), once.repeated(times as u64)));
        }
    }
    Ok(cases)
}
