//! `cargo xtask bench protocols`: the same records as lines of JSON and as messages, one after the
//! other in one run, so that the machine's moods fall on all of them.

use crate::args::Args;
use crate::bench::case::{Case, PEAK_BYTES_MAX};
use crate::bench::measure::{Measurement, Program};
use crate::bench::{ensure_input, judge, runs, scale};
use crate::failure::Outcome;
use crate::generate::{Generated, Input};
use crate::messages::Protocol;
use crate::workspace::{self, Workspace};

/// Messages may take so much more CPU time than lines of JSON.
const RATIO_MAX: f64 = 1.25;

pub(super) fn run(mut args: Args) -> Outcome {
    let (scale, runs) = (scale(&mut args)?, runs(&mut args)?);
    let cases = Case::chosen(&mut args)?;
    args.finish()?;
    let workspace = Workspace::load()?;
    let program = Program::build(&workspace)?;
    let misses = compare(&workspace, &program, &cases, scale, runs)?;
    workspace::remove_folder(&program.out)?;
    judge(misses, cases.len())
}

/// Measures each format with each protocol, and says how many miss the mark.
fn compare(
    workspace: &Workspace,
    program: &Program,
    cases: &[Case],
    scale: f64,
    runs: usize,
) -> Outcome<usize> {
    let lines = ensure_input(workspace, Input::Lineitem(scale))?;
    let mut messages = Vec::new();
    for protocol in Protocol::ALL {
        let input = ensure_input(workspace, Input::Messages(protocol, scale))?;
        messages.push((protocol, input));
    }
    println!(
        "{:<10}{:>12}{:>10}{:>8}{:>8}{:>10}{:>9}{:>7}",
        "format", "input", "MB", "wall s", "cpu s", "peak MiB", "ratio", "holds"
    );
    let mut misses = 0;
    for case in cases {
        let plain = program.median(case, &lines, runs)?;
        print(case, "jsonl", &lines, &plain, None);
        for (protocol, input) in &messages {
            let case = case.of_messages();
            let found = program.median(&case, input, runs)?;
            let ratio = found.cpu.as_secs_f64() / plain.cpu.as_secs_f64();
            let limit = (*protocol != Protocol::Interleaved).then_some(RATIO_MAX);
            let holds = limit.is_none_or(|limit| ratio <= limit);
            let holds = holds && found.peak_bytes <= PEAK_BYTES_MAX;
            misses += usize::from(!holds);
            print(&case, protocol.name(), input, &found, Some((ratio, holds)));
        }
    }
    Ok(misses)
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn print(
    case: &Case,
    name: &str,
    input: &Generated,
    found: &Measurement,
    ratio: Option<(f64, bool)>,
) {
    let (ratio, holds) = match ratio {
        None => (String::new(), ""),
        Some((ratio, true)) => (format!("{ratio:.2}"), "yes"),
        Some((ratio, false)) => (format!("{ratio:.2}"), "NO"),
    };
    println!(
        "{:<10}{name:>12}{:>10.0}{:>8.2}{:>8.2}{:>10}{ratio:>9}{holds:>7}",
        case.name,
        input.bytes as f64 / 1e6,
        found.wall.as_secs_f64(),
        found.cpu.as_secs_f64(),
        found.peak_bytes.div_ceil(1 << 20),
    );
}
