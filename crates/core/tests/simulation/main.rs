//! Runs under random schedules: requests take random times, fail, are done without an answer, and
//! processes die at random requests. What comes after is always the same: a repeated run leaves each
//! record there exactly once, and nothing else.
//!
//! All is drawn from one seed: a schedule that fails prints it, and
//! `SPILE_SIMULATION_SEED=… cargo nextest run -p spile-core --test simulation` runs it alone.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what these tests are made of is no test itself"
)]

mod checks;
#[path = "../run/kit.rs"]
#[expect(dead_code, reason = "the kit has more than is used here")]
mod kit;
mod scenario;
mod source;
mod world;

use std::env;

use scenario::Scenario;

/// Schedules, unless `SPILE_SIMULATION_SCHEDULES` says how many.
const SCHEDULES: u64 = 10_000;
/// Tests among which they are divided, so that they run at once.
const SHARES: u64 = 4;

fn simulate(share: u64) {
    if let Ok(seed) = env::var("SPILE_SIMULATION_SEED") {
        let seed = seed.parse().expect("a number");
        println!("{:#?}", Scenario::of(seed));
        return Scenario::of(seed).play();
    }
    let schedules = env::var("SPILE_SIMULATION_SCHEDULES");
    let schedules = schedules.map_or(SCHEDULES, |count| count.parse().expect("a number"));
    let mut crashes = 0;
    for seed in (share..schedules).step_by(SHARES as usize) {
        let scenario = Scenario::of(seed);
        crashes += scenario.crashes.len();
        let played = std::panic::catch_unwind(|| scenario.play());
        if played.is_err() {
            panic!("schedule {seed} fails: SPILE_SIMULATION_SEED={seed} runs it alone");
        }
    }
    assert!(
        crashes as u64 > schedules / SHARES / 2,
        "{crashes} crashes are few"
    );
}

#[test]
fn first_share() {
    simulate(0);
}

#[test]
fn second_share() {
    simulate(1);
}

#[test]
fn third_share() {
    simulate(2);
}

#[test]
fn last_share() {
    simulate(3);
}
