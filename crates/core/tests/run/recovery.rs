//! What becomes of a run that has died, or is taken to have.

use std::sync::Arc;

use spile_core::ledger::{Again, AttemptStatus, LedgerError, RunRecord, RunStart, Shelf};
use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{Bucket, BucketErrorKind, Condition, Ending, Retry};

use crate::kit::{Kit, bucket};
use crate::records::{a_record, after, as_a_whole, begin_whole, of_run, process, start};

/// A machine that slept for too long goes on where it was, but can't write its journal.
#[tokio::test]
async fn a_run_that_was_taken_over_publishes_nothing() {
    let bucket = bucket();
    let asleep = begin_whole(&bucket, "r1").await;
    let other = RunRecord::begin(start(&bucket, "r2", after("p2", "p1"))).await;
    other.expect("it takes over what is taken for dead");
    let outcome = as_a_whole().run_recorded(asleep, &bucket, a_record()).await;
    let Ending::Failed(error) = outcome.ending else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        error.to_string(),
        "go on: this run has been taken over by another process"
    );
    assert_eq!(of_run(&bucket).len(), 0);
}

#[tokio::test]
async fn what_can_not_be_published_is_published_by_the_next_run() {
    let bucket = bucket();
    let first = begin_whole(&bucket, "r1").await;
    let kind = BucketErrorKind::Denied;
    bucket.inject(Fault::nth(Operation::Publish, 1, kind));
    let outcome = as_a_whole().run_recorded(first, &bucket, a_record()).await;
    assert_eq!(outcome.unpublished.len(), 1, "{outcome:?}");
    assert_eq!(of_run(&bucket).len(), 0);
    let second = RunRecord::begin(start(&bucket, "r2", process("p2"))).await;
    let second = second.expect("begun");
    let recovered = second.recovered().expect("it has found something").clone();
    assert_eq!(
        (recovered.run_id.as_str(), recovered.status),
        ("r1", AttemptStatus::Finished)
    );
    assert_eq!(of_run(&bucket), ["s.lines"]);
}

/// A put whose answers were all lost, or that was never done: who wrote what stands there tells.
#[tokio::test(start_paused = true)]
async fn an_object_of_others_is_not_taken_for_ones_own() {
    let (state, bucket) = (bucket(), bucket());
    let begin = async |again, world| {
        let retry = Retry::default();
        let start = RunStart {
            shelf: Shelf::new(Arc::clone(&state) as _, "", retry),
            again,
            ..start(&bucket, "r", world)
        };
        RunRecord::begin(start).await.expect("begun")
    };
    for nth in 1..=200 {
        let kind = BucketErrorKind::Interrupted;
        bucket.inject(Fault::nth(Operation::Put, nth, kind));
    }
    let first = begin(Again::No, process("p")).await;
    let outcome = Kit::default()
        .run_recorded(first, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    // Another run has the same idea.
    let other = Arc::new(MemoryBucket::new());
    let elsewhere = RunRecord::begin(start(&other, "o", process("o"))).await;
    let elsewhere = elsewhere.expect("begun");
    Kit::default()
        .run_recorded(elsewhere, &other, a_record())
        .await;
    let (key, body) = other.objects().pop().expect("an object");
    let attributes = other.attributes(&key).expect("it is there");
    let mut put = bucket
        .put(&key, body.clone(), &attributes, Condition::IfAbsent)
        .await;
    while put.is_err() {
        put = bucket
            .put(&key, body.clone(), &attributes, Condition::IfAbsent)
            .await;
    }
    let again = begin(Again::Redo, process("p")).await;
    let outcome = Kit::default()
        .run_recorded(again, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(
        of_run(&bucket),
        ["s-00002.lines", "s.lines"],
        "the other's stays"
    );
}

/// What a run has left elsewhere can't be told from what is gone here.
#[tokio::test]
async fn a_run_that_died_elsewhere_is_seen_to_there() {
    let bucket = bucket();
    let begin = async |run_id, destination: &str, world| {
        let start = RunStart {
            destination: destination.to_owned(),
            ..start(&bucket, run_id, world)
        };
        RunRecord::begin(start).await
    };
    let first = begin("r1", "a", process("p1")).await.expect("begun");
    let kind = BucketErrorKind::Denied;
    bucket.inject(Fault::nth(Operation::Publish, 1, kind));
    let outcome = as_a_whole().run_recorded(first, &bucket, a_record()).await;
    assert_eq!(outcome.unpublished.len(), 1, "{outcome:?}");
    let elsewhere = begin("r2", "b", process("p2")).await;
    let Err(LedgerError::Elsewhere {
        run_id,
        destination,
    }) = elsewhere
    else {
        panic!("{elsewhere:?}");
    };
    assert_eq!((run_id.as_str(), destination.as_str()), ("r1", "a"));
    let there = begin("r3", "a", process("p3")).await.expect("begun");
    assert!(there.recovered().is_some());
    there.call_off().await;
    let elsewhere = begin("r4", "b", process("p4")).await;
    assert!(elsewhere.is_ok(), "{elsewhere:?}");
}
