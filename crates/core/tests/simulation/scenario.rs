//! What happens in a schedule.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::DateTime;
use spile_core::ledger::{Again, AttemptStatus, Covers, Home, RunRecord, RunStart, Shelf};
use spile_core::testing::MemoryBucket;
use spile_core::{
    Bucket, Buckets, CutPolicy, Ending, Generations, Job, Outcome, Progress, PublishMode, Retry,
    RollPolicy, Selection, WriteMode, Zone, run,
};
use tokio::sync::watch;

use crate::checks;
use crate::kit::{self, Kit};
use crate::source::Batches;
use crate::world::{Process, Unreliable};

/// A schedule: what is loaded, how, and what goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) records: Vec<Record>,
    pub(crate) per_batch: usize,
    rows_max: Option<u64>,
    part_bytes: usize,
    checkpoint_bytes: u64,
    pub(crate) publish: PublishMode,
    pub(crate) write: WriteMode,
    /// Which generations the source activates at its end, if it numbers them: the load before is of the
    /// first, this one of the first and the second.
    pub(crate) generations: Option<Generations>,
    again: Again,
    fault_rate: u32,
    pub(crate) denies_discard: bool,
    /// Whether some records are bad, and set aside.
    has_bad: bool,
    /// At which of its requests each process dies, and whether that one is done before.
    pub(crate) crashes: Vec<(u32, bool)>,
    /// At which of its first requests another run of the connection dies, which begins whenever this
    /// one has come to nothing.
    rival: Option<(u32, bool)>,
    /// Where bad records go, if not beside the others.
    pub(crate) aside: Option<Arc<MemoryBucket>>,
}

/// A record of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) day: u32,
    pub(crate) number: usize,
}

/// What has come of an attempt at a run.
enum Attempt {
    Crashed,
    Ended(Box<Outcome>),
    /// It could not even begin.
    NotBegun,
}

pub(crate) const CONNECTION: &str = "c";
/// A load before the one that things happen to, of the same connection.
const BEFORE: &str = "before";
const RUN: &str = "r";
const RIVAL: &str = "rival";
/// The number of the first record of the run that things happen to.
pub(crate) const FIRST: usize = 100;
const PREFIX: &str = "_spile";

impl Scenario {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let count = random.usize(1..40);
        let day = |number| Record {
            day: random.u32(1..5),
            number,
        };
        let records = (FIRST..FIRST + count).map(day).collect();
        let crashes = random.usize(..3);
        let crash = |_| (random.u32(1..60), random.bool());
        let crashes = (0..crashes).map(crash).collect();
        let (write, generations) = written(&mut random);
        Self {
            seed,
            records,
            crashes,
            per_batch: random.usize(1..12),
            rows_max: random.bool().then(|| random.u64(1..9)),
            part_bytes: [64, 1 << 20][random.usize(..2)],
            checkpoint_bytes: [1, 100, u64::MAX][random.usize(..3)],
            publish: [PublishMode::Object, PublishMode::Run][random.usize(..2)],
            write,
            generations,
            again: [Again::Redo, Again::Resume][random.usize(..2)],
            fault_rate: [0, 20, 150][random.usize(..3)],
            denies_discard: random.u8(..4) == 0,
            has_bad: random.u8(..3) == 0,
            rival: random.bool().then(|| (random.u32(1..12), random.bool())),
            aside: random.bool().then(kit::bucket),
        }
    }

    /// Whether a record has no cursor.
    pub(crate) fn is_bad(&self, record: &Record) -> bool {
        self.has_bad && record.number.is_multiple_of(5)
    }

    /// The generation that a record is of.
    pub(crate) fn generation(&self, record: &Record) -> Option<i64> {
        let is_later = record.number >= FIRST && 2 * (record.number - FIRST) >= self.records.len();
        self.generations.map(|_| 1 + i64::from(is_later))
    }

    /// Whether a record counts once the run that it is of is whole.
    pub(crate) fn counts(&self, record: &Record) -> bool {
        match self.generations {
            Some(Generations::From(first) | Generations::FromAndUnnumbered(first)) => {
                self.generation(record) >= Some(first)
            }
            Some(_) | None => true,
        }
    }

    /// Whether what earlier runs have written goes once this one is whole.
    pub(crate) fn is_anew(&self) -> bool {
        !matches!(self.generations, None | Some(Generations::From(1)))
    }

    /// Plays it: a load beforehand, then one that dies again and again until one attempt ends well.
    pub(crate) fn play(&self) {
        let bucket = kit::bucket();
        let before = Scenario {
            records: (0..6)
                .map(|number| Record {
                    day: 4 + number % 2,
                    number: number as usize,
                })
                .collect(),
            generations: self.generations.map(|_| Generations::From(1)),
            crashes: Vec::new(),
            fault_rate: 0,
            ..self.clone()
        };
        let first = before.attempt(&bucket, BEFORE, 0, Again::No, None);
        assert!(
            matches!(first, Attempt::Ended(_)),
            "nothing goes wrong at first"
        );
        let stood = checks::visible(&bucket);
        let mut crashes = self.crashes.iter().copied();
        for attempt in 1..20 {
            let again = if attempt == 1 { Again::No } else { self.again };
            let crash = crashes.next();
            if std::env::var("SPILE_SIMULATION_SEED").is_ok() {
                for (key, text) in kit::objects(&bucket) {
                    println!("{attempt} {key}: {}", text.replace('\n', " "));
                }
            }
            match self.attempt(&bucket, RUN, attempt, again, crash) {
                Attempt::Ended(outcome) if matches!(outcome.ending, Ending::Done) => {
                    return checks::ended_well(self, &before.records, &bucket, &outcome);
                }
                _ => checks::nothing_is_lost(self, &stood, &bucket),
            }
            assert!(
                crash.is_some() || self.fault_rate > 0,
                "what nothing happens to ends well"
            );
            if let Some(dies) = self.rival {
                let run_id = format!("{RIVAL}{attempt}");
                self.attempt(&bucket, &run_id, attempt, Again::No, Some(dies));
                checks::nothing_is_lost(self, &stood, &bucket);
            }
        }
        panic!("no attempt ends well");
    }

    fn publish_mode(&self) -> PublishMode {
        match self.write {
            WriteMode::Replace(_) => PublishMode::Run,
            _ => self.publish,
        }
    }

    /// One process, from its beginning to its end.
    fn attempt(
        &self,
        bucket: &Arc<MemoryBucket>,
        run_id: &str,
        attempt: u64,
        again: Again,
        crash: Option<(u32, bool)>,
    ) -> Attempt {
        fastrand::seed(self.seed ^ attempt << 32);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let seed = self.seed.wrapping_mul(31) + attempt;
        let (rate, denies) = (self.fault_rate, self.denies_discard);
        let world = Arc::new(Unreliable::new(bucket, seed, rate, denies, crash));
        let aside = self.aside.as_ref();
        let aside = aside.map(|aside| Unreliable::new(aside, seed + 1, rate, denies, None));
        let aside = aside.map(|aside| Arc::new(aside) as Arc<dyn Bucket>);
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = world.crashed.notified() => Attempt::Crashed,
                ended = self.load(Arc::clone(&world), aside, run_id, attempt, again) => ended,
            }
        })
    }

    async fn load(
        &self,
        bucket: Arc<Unreliable>,
        aside: Option<Arc<dyn Bucket>>,
        run_id: &str,
        attempt: u64,
        again: Again,
    ) -> Attempt {
        let zone = Zone::UTC;
        let kit = Kit {
            key: "{cursor_day}.lines",
            cursor_field: Some("at"),
            write: self.write,
            roll: RollPolicy {
                rows_max: self.rows_max,
                ..RollPolicy::default()
            },
            bad_records_max: self.has_bad.then_some(1_000),
            ..Kit::default()
        };
        let name = format!("{run_id} {attempt}");
        let earlier = (0..=attempt).flat_map(|attempt| {
            let runs = [
                BEFORE.to_owned(),
                RUN.to_owned(),
                format!("{RIVAL}{attempt}"),
            ];
            runs.map(|run_id| format!("{run_id} {attempt}"))
        });
        let process = Process {
            gone: earlier.filter(|it| *it != name).collect::<HashSet<_>>(),
            name,
        };
        let retry = Retry::default();
        let buckets = Buckets {
            loaded: Arc::clone(&bucket) as _,
            quarantine: aside,
        };
        let start = RunStart {
            shelf: Shelf::new(Arc::clone(&bucket) as _, PREFIX, retry.clone()),
            buckets: buckets.clone(),
            retry: retry.clone(),
            home: Home::new(Some(CONNECTION)),
            run_id: run_id.to_owned(),
            again,
            load_time: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
            timezone: zone.name().to_owned(),
            as_a_whole: self.publish_mode() == PublishMode::Run,
            is_told: true,
            destination: bucket.location(),
            spile_version: "0".to_owned(),
            surroundings: Arc::new(process),
        };
        let record = match RunRecord::begin(start).await {
            Ok(record) => record,
            Err(error) => {
                assert!(self.fault_rate > 0 || attempt > 0, "{error}");
                return Attempt::NotBegun;
            }
        };
        let finished = record
            .recovered()
            .filter(|it| it.run_id == RUN && it.status == AttemptStatus::Finished && run_id == RUN);
        if finished.is_some() {
            checks::is_finished(self, &bucket.bucket);
        }
        let from: usize = record
            .checkpoint()
            .map_or(0, |it| it.parse().expect("a number"));
        let plan = kit.plan();
        let mut memory = kit.memory;
        memory.part_bytes = self.part_bytes;
        let job = Job {
            quarantine: kit.quarantine(),
            plans: Box::new(move |stream| plan(stream)),
            zone,
            roll: kit.roll,
            memory,
            upload_concurrency: 4,
            retry,
            now: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
            publish: self.publish_mode(),
            cuts: CutPolicy {
                bytes: self.checkpoint_bytes,
                age_ms: None,
                text_bytes: 1 << 20,
            },
            sink: None,
            schema_memory: None,
            selection: Selection::default(),
            in_place: true,
            record: Some(record),
            metadata: Vec::new(),
        };
        let source = Batches {
            scenario: self.clone(),
            next: from,
            is_over: false,
        };
        let (_stop, stopped) = watch::channel(false);
        let progress = Arc::new(Progress::default());
        let outcome = run(job, Box::new(source), buckets, stopped, progress).await;
        Attempt::Ended(Box::new(outcome))
    }
}

/// How a run writes, and which generations it activates.
fn written(random: &mut fastrand::Rng) -> (WriteMode, Option<Generations>) {
    let generations = [
        Generations::FromAndUnnumbered(2),
        Generations::From(2),
        Generations::From(1),
        Generations::OfRun,
    ];
    match random.u8(..4) {
        0 => (WriteMode::Append, None),
        1 => (WriteMode::Overwrite, None),
        2 => (WriteMode::Replace(Covers::Touched), None),
        _ => {
            let generations = generations[random.usize(..generations.len())];
            (WriteMode::Append, Some(generations))
        }
    }
}
