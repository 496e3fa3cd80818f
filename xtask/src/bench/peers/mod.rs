//! `cargo xtask bench peers`: Spile beside what else loads files into S3, on the same input, into the
//! same server. They take turns, so that the machine's moods fall on all of them.

mod engine;
mod figures;
mod format;
mod input;
mod lane;
mod site;
mod table;

use std::fs::File;
use std::io;

use crate::args::Args;
use crate::bench::measure::Program;
use crate::bench::peers::engine::Engine;
use crate::bench::peers::format::Format;
use crate::bench::peers::input::Table;
use crate::bench::peers::lane::Lane;
use crate::bench::peers::site::Site;
use crate::bench::{judge, runs, scale};
use crate::failure::{Outcome, while_};
use crate::generate::Generated;
use crate::workspace::{self, Workspace};

pub(super) fn run(mut args: Args) -> Outcome {
    let (scale, runs) = (scale(&mut args)?, runs(&mut args)?);
    let table = Table::chosen(&mut args)?;
    let formats = Format::chosen(&mut args, (table == Table::Lineitem).then_some(scale))?;
    args.finish()?;
    let workspace = Workspace::load()?;
    let program = Program::build(&workspace)?;
    let site = Site::prepare(&workspace, &program)?;
    let input = table.ensure(&workspace, &site, scale)?;
    println!("{}", table::heading());
    let mut misses = 0;
    for format in &formats {
        let rows = table::rows(format, &take_turns(&site, format, &input, runs)?);
        println!("{}", rows.text);
        misses += usize::from(!rows.holds);
    }
    println!("DuckDB has written into files of this machine, the others into the server.");
    workspace::remove_folder(&program.out)?;
    judge(misses, formats.len())
}

/// Each format has a server of its own: what the formats before it have written would fill the disk.
fn take_turns(
    site: &Site<'_>,
    format: &Format,
    input: &Generated,
    runs: usize,
) -> Outcome<Vec<Lane>> {
    warm_up(input)?;
    let server = site.serve()?;
    let mut lanes = Engine::ALL.map(Lane::new);
    for round in 0..runs {
        for lane in &mut lanes {
            lane.run(site, &server, format, input, round)?;
        }
    }
    workspace::remove_folder(site.out)?;
    Ok(lanes.into())
}

/// Whoever is first would else read the input from the disk, and the others from memory.
fn warm_up(input: &Generated) -> Outcome {
    let read = File::open(&input.path).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
    read.map(drop).map_err(while_("reading the input"))
}
