//! Generations of a stream: which of them count once a run is whole, and what goes then.

use std::sync::Arc;

use spile_core::ledger::{Home, RunRecord, RunStart};
use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{
    Batch, BucketErrorKind, Ending, Generations, Message, Outcome, PublishMode, SourceError,
    StreamName,
};

use crate::kit::{Kit, Stop, batch, bucket, objects};
use crate::records::{after, bad_record, process, start};

/// A record of a generation, and its name.
fn record(generation: Option<i64>, name: &str) -> Result<Message, SourceError> {
    let line = format!(r#"{{"{name}":1}}"#);
    let batch = batch("s", &[&line])?;
    Ok(Message::Batch(Batch {
        generation,
        ..batch
    }))
}

fn activate(generations: Generations) -> Result<Message, SourceError> {
    let stream = StreamName::new("s");
    Ok(Message::Activate {
        stream,
        generations,
    })
}

/// The names of the records that are there.
fn there(bucket: &MemoryBucket) -> String {
    let objects = objects(bucket).into_iter();
    let of_run = objects.filter(|(key, _)| !key.starts_with("_spile/"));
    let mut names: Vec<String> = of_run
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.replace(r#"{""#, "").replace(r#"":1}"#, ""))
        .collect();
    names.sort();
    names.join(" ")
}

/// A bucket with what a run of the connection has written before: a record of the first generation, of
/// the second, and of none.
async fn before() -> Arc<MemoryBucket> {
    let bucket = bucket();
    let begun = RunRecord::begin(start(&bucket, "before", process("p0"))).await;
    let messages = vec![
        record(Some(1), "old1"),
        record(Some(2), "old2"),
        record(None, "old"),
    ];
    let kit = Kit::default();
    let begun = begun.expect("begun");
    let outcome = kit.run_recorded_messages(begun, &bucket, messages).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(there(&bucket), "old old1 old2");
    bucket
}

/// A run of records of the first, the second and the third generation, and what it activates.
fn anew(generations: Generations) -> Vec<Result<Message, SourceError>> {
    vec![
        record(Some(1), "new1"),
        record(Some(2), "new2"),
        record(Some(3), "new3"),
        activate(generations),
    ]
}

async fn run(
    kit: &Kit,
    start: RunStart,
    bucket: &Arc<MemoryBucket>,
    messages: Vec<Result<Message, SourceError>>,
) -> Outcome {
    let begun = RunRecord::begin(RunStart {
        as_a_whole: kit.publish == PublishMode::Run,
        ..start
    });
    let begun = begun.await.expect("begun");
    kit.run_recorded_messages(begun, bucket, messages).await
}

fn publishing(publish: PublishMode) -> Kit {
    Kit {
        publish,
        ..Kit::default()
    }
}

const MODES: [PublishMode; 2] = [PublishMode::Object, PublishMode::Run];

#[tokio::test]
async fn what_counts_stays_and_the_rest_goes() {
    let check = async |generations, expect: &str| {
        for publish in MODES {
            let bucket = before().await;
            let start = start(&bucket, "r", process("p"));
            let outcome = run(&publishing(publish), start, &bucket, anew(generations)).await;
            assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
            assert_eq!(there(&bucket), expect, "{generations:?}");
            let manifest = outcome.manifest.expect("a manifest");
            let new = expect.split(' ').filter(|name| name.starts_with("new"));
            assert_eq!(manifest.rows, new.count() as u64, "{generations:?}");
        }
    };
    check(Generations::From(3), "new3").await;
    check(Generations::From(2), "new2 new3 old2").await;
    check(Generations::From(1), "new1 new2 new3 old1 old2").await;
    check(Generations::OfRun, "new1 new2 new3").await;
}

#[tokio::test]
async fn what_is_activated_last_counts() {
    let bucket = before().await;
    let mut messages = anew(Generations::From(2));
    messages.push(activate(Generations::OfRun));
    let begin = start(&bucket, "r", process("p"));
    run(&Kit::default(), begin, &bucket, messages).await;
    assert_eq!(there(&bucket), "new1 new2 new3");
}

#[tokio::test]
async fn a_stream_that_is_empty_by_now_is_emptied() {
    let bucket = before().await;
    let begin = start(&bucket, "r", process("p"));
    let messages = vec![activate(Generations::OfRun)];
    let outcome = run(&Kit::default(), begin, &bucket, messages).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(there(&bucket), "");
}

/// What goes is removed behind all that comes: there is no time at which neither is there.
#[tokio::test]
async fn the_old_goes_after_the_new_has_come() {
    for publish in MODES {
        let bucket = before().await;
        let so_far = bucket.calls().len();
        let begin = start(&bucket, "r", process("p"));
        run(
            &publishing(publish),
            begin,
            &bucket,
            anew(Generations::OfRun),
        )
        .await;
        let calls = bucket.calls().split_off(so_far);
        let is_loaded = |on: &str| !on.starts_with("_spile/");
        let comes = |it: Operation| matches!(it, Operation::Put | Operation::Publish);
        let came = calls
            .iter()
            .rposition(|it| comes(it.operation) && is_loaded(&it.on));
        let is_removed = |it: Operation| it == Operation::Delete;
        let went = calls
            .iter()
            .position(|it| is_removed(it.operation) && is_loaded(&it.on));
        assert!(came.expect("it came") < went.expect("it went"), "{calls:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_whole_removes_nothing() {
    let check = async |kit: Kit, more: Option<Result<Message, SourceError>>| {
        let bucket = before().await;
        let begin = start(&bucket, "r", process("p"));
        let mut messages = anew(Generations::OfRun);
        messages.extend(more);
        let outcome = run(&kit, begin, &bucket, messages).await;
        assert!(!matches!(outcome.ending, Ending::Done), "{outcome:?}");
        let there = there(&bucket);
        assert!(there.ends_with("old old1 old2"), "{there}");
        assert_eq!(bucket.pending_uploads(), 0);
    };
    for publish in MODES {
        let fails = Some(bad_record().map(Message::Batch));
        check(publishing(publish), fails).await;
        let cause = "it has died".to_owned();
        let ends_early = Some(Err(SourceError::Incomplete { cause }));
        check(publishing(publish), ends_early).await;
        let stopped = Kit {
            stop: Stop::AfterTheInput,
            ..publishing(publish)
        };
        check(stopped, None).await;
        let never = Kit {
            stop: Stop::BeforeItBegins,
            ..publishing(publish)
        };
        check(never, None).await;
    }
}

/// Without the id of a connection nothing is known of earlier runs.
#[tokio::test]
async fn a_run_of_no_connection_removes_nothing_of_others() {
    let bucket = before().await;
    let begin = RunStart {
        home: Home::new(None),
        ..start(&bucket, "r", process("p"))
    };
    let messages = vec![record(Some(3), "new3"), activate(Generations::From(3))];
    let outcome = run(&Kit::default(), begin, &bucket, messages).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(there(&bucket), "new3 old old1 old2");
}

/// Where it can't go on between publishing and removing, whoever comes next does.
#[tokio::test]
async fn a_removal_that_was_broken_off_is_finished() {
    let mut broken = 0;
    for nth in 1..12 {
        let bucket = before().await;
        let begin = start(&bucket, "r", process("p1"));
        let record = RunRecord::begin(begin).await.expect("begun");
        let kind = BucketErrorKind::Denied;
        bucket.inject(Fault::nth(Operation::Delete, nth, kind));
        let kit = Kit::default();
        let messages = anew(Generations::From(3));
        let outcome = kit.run_recorded_messages(record, &bucket, messages).await;
        broken += usize::from(!matches!(outcome.ending, Ending::Done));
        bucket.heal();
        let next = RunRecord::begin(start(&bucket, "next", after("p2", "p1"))).await;
        next.expect("begun").call_off().await;
        assert_eq!(there(&bucket), "new3", "after {nth} removals");
    }
    assert!(broken > 3, "{broken} were broken off");
}
