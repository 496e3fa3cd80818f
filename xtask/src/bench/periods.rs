//! `cargo xtask bench periods`: records of a thousand days in random order, an object for each.

use crate::args::Args;
use crate::bench::case::Case;
use crate::bench::measure::Program;
use crate::bench::{ensure_input, judge, runs, table};
use crate::failure::Outcome;
use crate::generate::Input;
use crate::workspace::{self, Workspace};

pub(super) fn run(mut args: Args) -> Outcome {
    let runs = runs(&mut args)?;
    args.finish()?;
    let workspace = Workspace::load()?;
    let program = Program::build(&workspace)?;
    let input = ensure_input(&workspace, Input::Periods(1_000))?;
    let case = Case::periods();
    println!("{}", table::heading());
    let row = table::row(&case, &input, &program.median(&case, &input, runs)?);
    println!("{}", row.text);
    workspace::remove_folder(&program.out)?;
    judge(usize::from(!row.holds), 1)
}
