//! What is kept of runs, and what it is good for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use spile_core::ledger::{Again, Home, LedgerError, RunRecord, RunStart, Shelf, Surroundings};
use spile_core::testing::MemoryBucket;
use spile_core::{
    Batch, Bucket, Checksum, Ending, Period, PublishMode, Retry, RollPolicy, SourceError,
};

use crate::kit::{Kit, Stop, batch, bucket, objects};

/// A process, those that it knows to be gone, and how much later it is.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) process: &'static str,
    pub(crate) gone: HashSet<&'static str>,
    pub(crate) later: TimeDelta,
}

impl Surroundings for World {
    fn process(&self) -> String {
        self.process.to_owned()
    }

    fn is_gone(&self, process: &str) -> bool {
        self.gone.contains(process)
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).expect("in range") + self.later
    }
}

/// The beginning of a run of a connection.
pub(crate) fn start(bucket: &Arc<MemoryBucket>, run_id: &str, world: World) -> RunStart {
    let retry = Retry::default();
    RunStart {
        shelf: Shelf::new(Arc::clone(bucket) as _, "_spile", retry.clone()),
        buckets: (Arc::clone(bucket) as Arc<dyn Bucket>).into(),
        retry,
        home: Home::new(Some("c")),
        run_id: run_id.to_owned(),
        again: Again::No,
        load_time: world.now(),
        timezone: "UTC".to_owned(),
        as_a_whole: false,
        is_told: false,
        destination: bucket.location(),
        spile_version: "1.2.3".to_owned(),
        surroundings: Arc::new(world),
    }
}

pub(crate) fn process(process: &'static str) -> World {
    World {
        process,
        ..World::default()
    }
}

/// A process that knows of one that is gone.
pub(crate) fn after(process: &'static str, gone: &'static str) -> World {
    World {
        process,
        gone: [gone].into(),
        ..World::default()
    }
}

/// The beginning of a run of which nothing is to be seen before all of it is whole.
pub(crate) async fn begin_whole(bucket: &Arc<MemoryBucket>, run_id: &str) -> RunRecord {
    let start = RunStart {
        as_a_whole: true,
        ..start(bucket, run_id, process("p1"))
    };
    RunRecord::begin(start).await.expect("begun")
}

pub(crate) fn as_a_whole() -> Kit {
    Kit {
        publish: PublishMode::Run,
        ..Kit::default()
    }
}

pub(crate) fn a_record() -> Vec<Result<Batch, SourceError>> {
    vec![batch("s", &[r#"{"a":1}"#])]
}

pub(crate) fn one_row_each() -> Kit {
    Kit {
        roll: RollPolicy {
            rows_max: Some(1),
            ..RollPolicy::default()
        },
        ..Kit::default()
    }
}

pub(crate) fn of_run(bucket: &MemoryBucket) -> Vec<String> {
    let objects = objects(bucket).into_keys();
    objects.filter(|key| !key.starts_with("_spile/")).collect()
}

pub(crate) fn bad_record() -> Result<Batch, SourceError> {
    let origin = "f".into();
    Err(SourceError::Format {
        origin,
        format: "lines",
        cause: "it ends too early".to_owned(),
    })
}

#[tokio::test]
async fn the_manifest_says_what_is_there() {
    let bucket = bucket();
    let record = RunRecord::begin(start(&bucket, "r", process("p"))).await;
    let lines = [r#"{"a":1}"#, r#"{"a":2}"#];
    let outcome = one_row_each()
        .run_recorded(record.expect("begun"), &bucket, vec![batch("s", &lines)])
        .await;
    let manifest = outcome.manifest.expect("a manifest");
    assert_eq!(
        (manifest.rows, manifest.connection_run_id.as_str()),
        (2, "r")
    );
    assert_eq!(manifest.spile_version, "1.2.3");
    let all = objects(&bucket);
    for object in manifest.objects() {
        let text = &all[object.key.as_str()];
        assert_eq!((object.rows, object.bytes), (1, text.len() as u64));
        assert_eq!(object.checksum, Checksum::of(text.as_bytes()));
        assert_eq!(
            (&object.period, object.schema.as_str()),
            (&Period::Whole, manifest.schemas[0].fingerprint.as_str())
        );
    }
    let documents = all.keys().filter(|key| key.starts_with("_spile/"));
    assert_eq!(
        documents.collect::<Vec<_>>(),
        [
            "_spile/connections/c/indexes/s/000001.json",
            "_spile/connections/c/lease/000001.json",
            "_spile/connections/c/runs/r/001/manifest.json",
        ],
        "the journal is needed no more"
    );
}

#[tokio::test]
async fn nothing_is_kept_of_a_run_that_came_to_nothing() {
    let bucket = bucket();
    let mut alone = start(&bucket, "r", process("p"));
    alone.home = Home::new(None);
    let record = RunRecord::begin(alone).await.expect("begun");
    let batches = vec![batch("s", &[r#"{"a":1}"#]), bad_record()];
    let outcome = Kit::default().run_recorded(record, &bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    assert_eq!(objects(&bucket).len(), 0);
}

#[tokio::test]
async fn a_second_run_of_a_connection_is_refused() {
    let bucket = bucket();
    let first = RunRecord::begin(start(&bucket, "r1", process("p1"))).await;
    let first = first.expect("begun");
    let second = RunRecord::begin(start(&bucket, "r2", process("p2"))).await;
    let Err(LedgerError::Held { what, run_id, .. }) = second else {
        panic!("{second:?}");
    };
    assert_eq!((what.as_str(), run_id.as_str()), ("connection c", "r1"));
    let outcome = Kit::default()
        .run_recorded(first, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let second = RunRecord::begin(start(&bucket, "r2", process("p2"))).await;
    assert!(second.is_ok(), "the first has given it back");
}

#[tokio::test]
async fn a_lease_ends_by_itself() {
    let bucket = bucket();
    let first = RunRecord::begin(start(&bucket, "r1", process("p1"))).await;
    drop(first.expect("begun"));
    let world = |later| World {
        later: TimeDelta::seconds(later),
        ..process("p2")
    };
    let early = RunRecord::begin(start(&bucket, "r2", world(119))).await;
    assert!(matches!(early, Err(LedgerError::Held { .. })), "{early:?}");
    let late = RunRecord::begin(start(&bucket, "r2", world(120))).await;
    assert!(late.is_ok(), "{late:?}");
}

/// A process for which time goes by as the runtime says.
#[derive(Debug)]
struct Ticking {
    began: tokio::time::Instant,
    world: World,
}

impl Surroundings for Ticking {
    fn process(&self) -> String {
        self.world.process()
    }

    fn is_gone(&self, process: &str) -> bool {
        self.world.is_gone(process)
    }

    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.began.elapsed());
        self.world.now() + elapsed.expect("in range")
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_as_long_as_its_run_lives() {
    let bucket = bucket();
    let began = tokio::time::Instant::now();
    let begin = async |run_id, name| {
        let world = process(name);
        let start = RunStart {
            surroundings: Arc::new(Ticking { began, world }),
            ..start(&bucket, run_id, process(name))
        };
        RunRecord::begin(start).await
    };
    let first = begin("r1", "p1").await.expect("begun");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let rival = begin("r2", "p2").await;
    assert!(matches!(rival, Err(LedgerError::Held { .. })), "{rival:?}");
    drop(first);
    tokio::time::sleep(Duration::from_secs(120)).await;
    let late = begin("r2", "p2").await;
    assert!(late.is_ok(), "{late:?}");
}

#[tokio::test]
async fn a_run_that_has_been_there_has_to_say_how_it_is_repeated() {
    let bucket = bucket();
    let begin = async |again| {
        let start = start(&bucket, "r", process("p"));
        RunRecord::begin(RunStart { again, ..start }).await
    };
    let first = begin(Again::No).await.expect("begun");
    Kit::default()
        .run_recorded(first, &bucket, a_record())
        .await;
    let second = begin(Again::No).await;
    assert!(
        matches!(second, Err(LedgerError::RunExists { .. })),
        "{second:?}"
    );
    let redo = begin(Again::Redo).await.expect("begun");
    let outcome = Kit::default().run_recorded(redo, &bucket, a_record()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(
        of_run(&bucket),
        ["s-00002.lines"],
        "the earlier one has gone"
    );
}

/// The most that a manifest is meant for.
#[tokio::test]
async fn ten_thousand_objects_are_published_as_a_whole() {
    let bucket = bucket();
    let record = begin_whole(&bucket, "r").await;
    let kit = Kit {
        publish: PublishMode::Run,
        ..one_row_each()
    };
    let lines: Vec<String> = (0..10_000).map(|n| format!(r#"{{"a":{n}}}"#)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let batches = lines.chunks(1_000).map(|lines| batch("s", lines));
    let outcome = kit.run_recorded(record, &bucket, batches.collect()).await;
    assert!(
        matches!(outcome.ending, Ending::Done),
        "{:?}",
        outcome.ending
    );
    assert_eq!(of_run(&bucket).len(), 10_000);
    let manifest = outcome.manifest.expect("a manifest");
    assert_eq!(manifest.objects().count(), 10_000);
    let segments = bucket
        .calls()
        .iter()
        .filter(|call| call.on.contains("/journal/"))
        .count();
    assert!(
        segments < 10_000,
        "many entries share a segment: {segments}"
    );
}

#[tokio::test]
async fn an_interrupt_publishes_nothing() {
    for stop in [Stop::BeforeItBegins, Stop::AfterTheInput] {
        let bucket = bucket();
        let record = begin_whole(&bucket, "r").await;
        let kit = Kit {
            stop,
            ..as_a_whole()
        };
        let outcome = kit.run_recorded(record, &bucket, a_record()).await;
        assert!(matches!(outcome.ending, Ending::Interrupted), "{outcome:?}");
        assert_eq!(of_run(&bucket).len(), 0);
        assert_eq!(bucket.pending_uploads(), 0);
        assert_eq!(outcome.manifest, None);
    }
}
