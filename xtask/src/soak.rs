//! `cargo xtask soak`: the sweeps that take too long for CI, which runs a part of each.

use crate::args::Args;
use crate::failure::Outcome;
use crate::test;
use crate::workspace::Workspace;

/// A kill at each request of each sweep, and ten times as many random schedules.
const MORE: [(&str, &str); 2] = [
    ("SPILE_TEST_KILL_EVERY", "1"),
    ("SPILE_SIMULATION_SCHEDULES", "100000"),
];

pub(crate) fn run(_: Args) -> Outcome {
    let filter = "test(kills::) + binary(simulation)";
    let arguments = [
        "--profile",
        "soak",
        "-E",
        filter,
        "--success-output",
        "final",
    ];
    test::run_in(&Workspace::load()?, &arguments.map(str::to_owned), &MORE)
}
