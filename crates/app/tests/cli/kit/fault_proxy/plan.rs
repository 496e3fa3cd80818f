//! Which requests go wrong, and how.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::asked::{Asked, Kind};
use super::fault::Fault;

/// As many times in a row may a request fail that is to succeed in the end.
const FAULTS_IN_A_ROW: u32 = 3;

/// What chance is made of. Whoever wants to see a failure again gives it as `SPILE_TEST_SEED`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn new() -> Self {
        let given = env::var("SPILE_TEST_SEED").ok();
        let given = given.map(|seed| seed.parse().expect("a number"));
        Self(given.unwrap_or_else(|| fastrand::u64(..1_000_000)))
    }

    /// One of many that come of it.
    pub(crate) fn of(self, number: u64) -> u64 {
        hash(&(self.0, number))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SPILE_TEST_SEED={}", self.0)
    }
}

/// Three of ten requests, at random: by the seed, by what is asked for, and by how often it was asked
/// for before, so that a seed tells the same faults however requests overtake each other.
pub(crate) fn seeded(seed: u64) -> impl Fn(&Asked) -> Option<Fault> {
    let asked_before: Mutex<HashMap<Asked, (u32, u32)>> = Mutex::default();
    move |asked| {
        let mut asked_before = asked_before.lock().expect("whole");
        let (times, in_a_row) = asked_before.entry(asked.clone()).or_default();
        *times += 1;
        let mut random = fastrand::Rng::with_seed(hash(&(seed, asked, *times)));
        if *in_a_row == FAULTS_IN_A_ROW || random.u32(..10) >= 3 {
            *in_a_row = 0;
            return None;
        }
        *in_a_row += 1;
        let fits = |fault: &Fault| fault.fits(asked);
        let faults: Vec<_> = Fault::ALL.into_iter().filter(fits).collect();
        let fault = faults[random.usize(..faults.len())];
        // Those that take their time are rarer.
        match fault.is_stall() && random.u32(..8) > 0 {
            true => Some(Fault::Reset),
            false => Some(fault),
        }
    }
}

/// One request of a kind, by its number from zero.
pub(crate) fn at(kind: Kind, number: usize, fault: Fault) -> impl Fn(&Asked) -> Option<Fault> {
    let next = AtomicUsize::new(0);
    move |asked| {
        let is_due = asked.kind == kind && next.fetch_add(1, Ordering::Relaxed) == number;
        (is_due && fault.fits(asked)).then_some(fault)
    }
}

/// All requests of a kind that are for what is loaded, but the first few.
pub(crate) fn always(kind: Kind, but: usize, fault: Fault) -> impl Fn(&Asked) -> Option<Fault> {
    let next = AtomicUsize::new(0);
    move |asked| {
        let is_meant = asked.kind == kind && !asked.is_of_state() && !asked.is_of_probe();
        let is_due = is_meant && next.fetch_add(1, Ordering::Relaxed) >= but;
        is_due.then_some(fault)
    }
}

/// All requests of a kind that are for the state.
pub(crate) fn always_of_state(kind: Kind, fault: Fault) -> impl Fn(&Asked) -> Option<Fault> {
    move |asked| (asked.kind == kind && asked.is_of_state()).then_some(fault)
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
