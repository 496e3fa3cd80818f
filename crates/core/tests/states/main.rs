//! Checkpoints under random schedules: records of several streams, checkpoints about one of them or about
//! all, columns that change, generations, bad records, a bucket that can't be relied on, and runs that
//! are stopped or fail. What is released is always there, and whoever goes on from it loses nothing.
//!
//! All is drawn from one seed: a schedule that fails prints it, and
//! `SPILE_STATES_SEED=… cargo nextest run -p spile-core --test states` runs it alone.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what these tests are made of is no test itself"
)]

mod bounds;
mod checks;
#[path = "../run/kit.rs"]
#[expect(dead_code, reason = "the kit has more than is used here")]
mod kit;
mod load;
mod player;
mod schedule;
mod script;
mod sink;
#[path = "../simulation/world.rs"]
mod world;

use std::env;

use schedule::{Schedule, Verdict};

/// Schedules, unless `SPILE_STATES_SCHEDULES` says how many.
const SCHEDULES: u64 = 2_000;
/// Tests among which they are divided, so that they run at once.
const SHARES: u64 = 2;

fn play(share: u64) {
    if let Ok(seed) = env::var("SPILE_STATES_SEED") {
        let schedule = Schedule::of(seed.parse().expect("a number"));
        println!("{schedule:#?}");
        println!("{:?}", schedule.play());
        return;
    }
    let schedules = env::var("SPILE_STATES_SCHEDULES");
    let schedules = schedules.map_or(SCHEDULES, |count| count.parse().expect("a number"));
    let (mut ended, mut released, mut refused) = (0, 0, 0);
    for seed in (share..schedules).step_by(SHARES as usize) {
        let schedule = Schedule::of(seed);
        let Ok(verdict) = std::panic::catch_unwind(|| schedule.play()) else {
            panic!("schedule {seed} fails: SPILE_STATES_SEED={seed} runs it alone");
        };
        let Verdict {
            ends_well,
            is_refused,
            checkpoints,
        } = verdict;
        ended += u64::from(ends_well);
        refused += u64::from(is_refused);
        released += checkpoints;
    }
    let played = schedules / SHARES;
    println!("{ended} end well, {refused} are refused, {released} checkpoints");
    assert!(ended > played / 2, "{ended} that end well are few");
    assert!(refused < played / 10, "{refused} that are refused are many");
    assert!(released > played, "{released} checkpoints are few");
}

#[test]
fn first_share() {
    play(0);
}

#[test]
fn last_share() {
    play(1);
}
