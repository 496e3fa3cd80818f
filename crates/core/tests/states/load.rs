//! One attempt at a load.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use fastrand::Rng;
use spile_core::ledger::{Again, Home, LedgerError, RunRecord, RunStart, Shelf};
use spile_core::testing::MemoryBucket;
use spile_core::{
    Bucket, Job, MemoryPlan, PublishMode, Retry, RollPolicy, Selection, WriteMode, Zone, run,
};
use tokio::sync::watch;

use crate::checks;
use crate::kit::Kit;
use crate::player::{Known, Player, Said, known_by};
use crate::schedule::{Attempt, Schedule, Trouble};
use crate::sink::{Sink, Told};
use crate::world::{Process, Unreliable};

pub(crate) struct Load<'a> {
    pub(crate) schedule: &'a Schedule,
    pub(crate) bucket: Arc<MemoryBucket>,
    pub(crate) world: Arc<Unreliable>,
    pub(crate) attempt: u64,
    pub(crate) trouble: Trouble,
    /// What whoever was told of checkpoints knows.
    pub(crate) known: Known,
    pub(crate) told: Arc<Mutex<Told>>,
}

impl Load<'_> {
    pub(crate) async fn play(self) -> Attempt {
        let record = match RunRecord::begin(self.start()).await {
            Ok(record) => record,
            Err(LedgerError::Behind { .. }) => return Attempt::Behind,
            Err(error) => {
                assert!(self.trouble.may_fail(), "{error}");
                return Attempt::Died;
            }
        };
        let mut known = self.known.clone();
        if self.schedule.resumes {
            known.clear();
            if let Some(checkpoint) = record.checkpoint() {
                known_by(checkpoint, &mut known);
            }
        }
        let (stop, stopped) = watch::channel(false);
        let said = Arc::new(Mutex::new(Said::default()));
        let job = self.job(record, &said);
        let source = self.source(known, &said, stop);
        let buckets = (Arc::clone(&self.world) as Arc<dyn Bucket>).into();
        let outcome = run(job, Box::new(source), buckets, stopped, Arc::default()).await;
        let (said, told) = (said.lock(), self.told.lock());
        let (said, told) = (said.expect("no panic"), told.expect("no panic"));
        checks::ended(self.schedule, &outcome, &said, &told);
        Attempt::Ended(Box::new(outcome))
    }

    fn run_id(&self) -> String {
        match self.schedule.resumes {
            true => "r".to_owned(),
            false => format!("r{}", self.attempt),
        }
    }

    fn random(&self, salt: u64) -> Rng {
        Rng::with_seed(self.schedule.seed.wrapping_mul(31) + self.attempt * 7 + salt)
    }

    fn start(&self) -> RunStart {
        let retry = Retry::default();
        let bucket = Arc::clone(&self.world) as Arc<dyn Bucket>;
        let process = |attempt: u64| format!("p{attempt}");
        RunStart {
            shelf: Shelf::new(Arc::clone(&bucket), "_spile", retry.clone()),
            buckets: bucket.into(),
            retry,
            home: Home::new(Some("c")),
            run_id: self.run_id(),
            again: match self.schedule.resumes && self.attempt > 1 {
                true => Again::Resume,
                false => Again::No,
            },
            load_time: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
            timezone: Zone::UTC.name().to_owned(),
            as_a_whole: self.schedule.publish == PublishMode::Run,
            is_told: false,
            destination: self.bucket.location(),
            spile_version: "0".to_owned(),
            surroundings: Arc::new(Process {
                name: process(self.attempt),
                gone: (1..self.attempt).map(process).collect::<HashSet<_>>(),
            }),
        }
    }

    fn job(&self, record: RunRecord, said: &Arc<Mutex<Said>>) -> Job {
        let schedule = self.schedule;
        let kit = Kit {
            key: "{stream_name}/{cursor_day}.lines",
            cursor_field: Some("at"),
            write: schedule.write,
            bad_records_max: schedule.bad_records_max,
            ..Kit::default()
        };
        let plan = kit.plan();
        let sink = Sink {
            script: Arc::clone(&schedule.script),
            bucket: Arc::clone(&self.bucket),
            run_id: self.run_id(),
            publish: schedule.publish,
            // Another run may have replaced what this one is told of.
            waits_for_end: !schedule.appends_at_once(),
            looks: schedule.write == WriteMode::Append || self.attempt == 1,
            said: Arc::clone(said),
            told: Arc::clone(&self.told),
            fails_at: self.trouble.sink_fails_at,
            random: self.random(1),
        };
        Job {
            quarantine: kit.quarantine(),
            plans: Box::new(move |stream| plan(stream)),
            zone: Zone::UTC,
            roll: RollPolicy {
                rows_max: schedule.rows_max,
                ..RollPolicy::default()
            },
            memory: MemoryPlan {
                open_bytes: schedule.open_bytes,
                upload_bytes: schedule.upload_bytes,
                part_bytes: schedule.part_bytes,
            },
            upload_concurrency: 4,
            retry: Retry::default(),
            now: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
            publish: schedule.publish,
            cuts: schedule.cuts,
            sink: Some(Box::new(sink)),
            schema_memory: None,
            selection: Selection::default(),
            in_place: true,
            record: Some(record),
            metadata: Vec::new(),
        }
    }

    fn source(&self, known: Known, said: &Arc<Mutex<Said>>, stop: watch::Sender<bool>) -> Player {
        if let Some(ms) = self.trouble.stops_after_ms {
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                stop.send_replace(true);
            });
        }
        Player {
            script: Arc::clone(&self.schedule.script),
            said: Arc::clone(said),
            end: self.trouble.end,
            stops_at: self.trouble.stops_at,
            stop,
            known,
            next: 0,
            random: self.random(2),
        }
    }
}
