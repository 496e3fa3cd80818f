//! What happens in a schedule.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{BucketErrorKind, CutPolicy, Ending, Outcome, PublishMode, WriteMode};

use crate::checks;
use crate::kit;
use crate::load::Load;
use crate::player::{End, Known};
use crate::script::{Kind, Script};
use crate::sink::Told;
use crate::world::Unreliable;

/// A schedule: what is said, how it is loaded, and what goes wrong in each attempt.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) script: Arc<Script>,
    pub(crate) rows_max: Option<u64>,
    pub(crate) open_bytes: usize,
    pub(crate) upload_bytes: usize,
    pub(crate) part_bytes: usize,
    pub(crate) cuts: CutPolicy,
    pub(crate) publish: PublishMode,
    pub(crate) write: WriteMode,
    /// Whether the same run goes on, or another one.
    pub(crate) resumes: bool,
    pub(crate) bad_records_max: Option<u64>,
    pub(crate) troubles: Vec<Trouble>,
}

/// What goes wrong in an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) fault_rate: u32,
    pub(crate) denied: Option<(Operation, usize)>,
    pub(crate) stops_at: Option<usize>,
    pub(crate) stops_after_ms: Option<u64>,
    pub(crate) end: End,
    pub(crate) sink_fails_at: Option<usize>,
    pub(crate) crash: Option<(u32, bool)>,
}

pub(crate) const NONE: Trouble = Trouble {
    fault_rate: 0,
    denied: None,
    stops_at: None,
    stops_after_ms: None,
    end: End::Well,
    sink_fails_at: None,
    crash: None,
};

/// What has come of a schedule.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) ends_well: bool,
    pub(crate) is_refused: bool,
    pub(crate) checkpoints: u64,
}

/// What has come of an attempt.
pub(crate) enum Attempt {
    Ended(Box<Outcome>),
    Died,
    /// It would have loaded records twice.
    Behind,
}

impl Trouble {
    /// Whether a run may be unable to begin.
    pub(crate) fn may_fail(&self) -> bool {
        self.fault_rate > 0 || self.denied.is_some()
    }

    fn of(random: &mut Rng, events: usize) -> Self {
        use Operation::{Finish, Part, Publish, Put};
        let operation = [Put, Part, Publish, Finish][random.usize(..4)];
        let at = random.usize(..events);
        let some = NONE;
        let fault_rate = [0, 20, 150][random.usize(..3)];
        let some = match random.u8(..8) {
            0 => Self {
                denied: Some((operation, random.usize(1..12))),
                ..some
            },
            1 => Self {
                stops_at: Some(at),
                ..some
            },
            2 => Self {
                stops_after_ms: Some(random.u64(..1_000)),
                ..some
            },
            3 => Self {
                end: End::Incomplete(at),
                ..some
            },
            4 => Self {
                end: End::Message(at),
                ..some
            },
            5 => Self {
                sink_fails_at: Some(random.usize(1..4)),
                ..some
            },
            6 => Self {
                crash: Some((random.u32(1..60), random.bool())),
                ..some
            },
            _ => some,
        };
        Self { fault_rate, ..some }
    }
}

impl Schedule {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let script = Script::of(&mut random);
        let events = script.events.len();
        let has_bad = script.records().any(|record| record.kind != Kind::Good);
        let troubles = 0..random.usize(..4);
        let write = [WriteMode::Append, WriteMode::Append, WriteMode::Overwrite][random.usize(..3)];
        Self {
            seed,
            rows_max: random.bool().then(|| random.u64(1..9)),
            open_bytes: [300, 1 << 20][random.usize(..2)],
            upload_bytes: [1 << 10, 64 << 10, 1 << 20][random.usize(..3)],
            part_bytes: [64, 1 << 20][random.usize(..2)],
            cuts: CutPolicy {
                bytes: [1, 100, 500, u64::MAX][random.usize(..4)],
                age_ms: [None, Some(40), Some(1_000)][random.usize(..3)],
                text_bytes: 1 << 20,
            },
            publish: [PublishMode::Object, PublishMode::Object, PublishMode::Run]
                [random.usize(..3)],
            write,
            resumes: random.bool(),
            bad_records_max: match random.u8(..8) {
                _ if !has_bad => None,
                0 => None,
                1 => Some(2),
                _ => Some(1_000),
            },
            troubles: troubles.map(|_| Trouble::of(&mut random, events)).collect(),
            script: Arc::new(script),
        }
    }

    pub(crate) fn appends_at_once(&self) -> bool {
        self.publish == PublishMode::Object && self.write == WriteMode::Append
    }

    /// Whether more records are bad than may be.
    fn is_doomed(&self) -> bool {
        let bad = self.script.records().filter(|it| it.kind != Kind::Good);
        bad.count() as u64 > self.bad_records_max.unwrap_or_default()
    }

    /// Plays it: attempts that something goes wrong in, and then one without, each from where the one
    /// before has come to.
    pub(crate) fn play(&self) -> Verdict {
        let bucket = kit::bucket();
        let mut known = Known::new();
        let mut verdict = Verdict::default();
        let troubles = self.troubles.iter().copied().chain([NONE]);
        for (attempt, trouble) in (1..).zip(troubles) {
            let told = Arc::new(Mutex::new(Told {
                known: known.clone(),
                ..Told::default()
            }));
            let ended = self.attempt(&bucket, attempt, trouble, &known, &told);
            let told = std::mem::take(&mut *told.lock().expect("no panic"));
            known = told.known;
            verdict.checkpoints += told.count;
            match ended {
                Attempt::Ended(outcome) if matches!(outcome.ending, Ending::Done) => {
                    let exactly = attempt == 1 || self.resumes;
                    if exactly || self.write == WriteMode::Append {
                        checks::all_is_there(self, &bucket, exactly);
                    }
                    verdict.ends_well = true;
                    return verdict;
                }
                Attempt::Behind => {
                    verdict.is_refused = true;
                    return verdict;
                }
                Attempt::Ended(_) | Attempt::Died => {}
            }
        }
        assert!(self.is_doomed(), "what nothing happens to ends well");
        verdict
    }

    /// One process, from its beginning to its end.
    pub(crate) fn attempt(
        &self,
        bucket: &Arc<MemoryBucket>,
        attempt: u64,
        trouble: Trouble,
        known: &Known,
        told: &Arc<Mutex<Told>>,
    ) -> Attempt {
        fastrand::seed(self.seed ^ attempt << 32);
        bucket.heal();
        if let Some((operation, nth)) = trouble.denied {
            bucket.inject(Fault::nth(operation, nth, BucketErrorKind::Denied));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let seed = self.seed.wrapping_mul(31) + attempt;
        let (rate, crash) = (trouble.fault_rate, trouble.crash);
        let world = Arc::new(Unreliable::new(bucket, seed, rate, false, crash));
        let load = Load {
            schedule: self,
            bucket: Arc::clone(bucket),
            world: Arc::clone(&world),
            attempt,
            trouble,
            known: known.clone(),
            told: Arc::clone(told),
        };
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = world.crashed.notified() => Attempt::Died,
                ended = load.play() => ended,
            }
        })
    }
}
