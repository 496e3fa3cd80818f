//! `cargo xtask bench`: each format's speed for a CPU second, against what it must reach.

use crate::args::Args;
use crate::bench::case::Case;
use crate::bench::measure::Program;
use crate::bench::{ensure_input, judge, runs, scale, table};
use crate::failure::Outcome;
use crate::generate::Input;
use crate::workspace::{self, Workspace};

pub(super) fn run(mut args: Args) -> Outcome {
    let (scale, runs) = (scale(&mut args)?, runs(&mut args)?);
    let cases = Case::chosen(&mut args)?;
    args.finish()?;
    let workspace = Workspace::load()?;
    let program = Program::build(&workspace)?;
    let input = ensure_input(&workspace, Input::Lineitem(scale))?;
    println!("{}", table::heading());
    let mut misses = 0;
    for case in &cases {
        let row = table::row(case, &input, &program.median(case, &input, runs)?);
        println!("{}", row.text);
        misses += usize::from(!row.holds);
    }
    workspace::remove_folder(&program.out)?;
    judge(misses, cases.len())
}
