//! What becomes of a run that has died, or is taken to have.

use std::sync::Arc;

use spile_core::ledger::{
    Again, AttemptStatus, Home, LedgerError, Outbox, RunRecord, RunStart, Shelf,
};
use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{Attributes, Bucket, BucketErrorKind, Condition, Ending, ObjectKey, Retry};

use crate::kit::{Kit, batch, bucket, objects};
use crate::records::{
    World, a_record, after, as_a_whole, bad_record, begin_whole, of_run, one_row_each, process,
    start,
};

/// A run whose record is kept in a bucket of its own, so that faults of the other don't meet it.
async fn begin_apart(
    state: &Arc<MemoryBucket>,
    bucket: &Arc<MemoryBucket>,
    again: Again,
    world: World,
) -> RunRecord {
    let start = RunStart {
        shelf: Shelf::new(Arc::clone(state) as _, "", Retry::default()),
        again,
        ..start(bucket, "r", world)
    };
    RunRecord::begin(start).await.expect("begun")
}

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
    let begin = async |again, world| begin_apart(&state, &bucket, again, world).await;
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

/// Whoever is to be told of whole runs learns of each until they confirm it, whoever has brought it
/// to its end.
#[tokio::test]
async fn a_whole_run_is_to_be_told_of_until_that_is_confirmed() {
    let load = async |bucket: &Arc<MemoryBucket>| {
        let start = RunStart {
            as_a_whole: true,
            is_told: true,
            ..start(bucket, "r1", process("p1"))
        };
        let record = RunRecord::begin(start).await.expect("begun");
        as_a_whole().run_recorded(record, bucket, a_record()).await
    };
    let other = bucket();
    load(&other).await;
    let calls = other.calls().into_iter();
    let mut puts = calls.filter(|call| call.operation == Operation::Put);
    let manifest = puts.position(|put| put.on.ends_with("manifest.json"));
    let bucket = bucket();
    let shelf = Shelf::new(Arc::clone(&bucket) as _, "_spile", Retry::default());
    let outbox = Outbox::new(shelf.clone(), Some(Home::new(Some("c"))));
    let untold = async || {
        let (untold, _) = outbox.untold().await.expect("listed");
        untold
            .into_iter()
            .map(|manifest| manifest.connection_run_id)
            .collect::<Vec<_>>()
    };
    // It dies between the note and the manifest.
    let nth = manifest.expect("it is put") + 1;
    bucket.inject(Fault::nth(Operation::Put, nth, BucketErrorKind::Denied));
    let outcome = load(&bucket).await;
    assert!(outcome.manifest.is_none(), "{outcome:?}");
    assert_eq!(untold().await, Vec::<String>::new());
    // The next run needs no listener of its own for the first to be told of.
    let second = RunRecord::begin(start(&bucket, "r2", after("p2", "p1"))).await;
    let outcome = Kit::default()
        .run_recorded(second.expect("begun"), &bucket, a_record())
        .await;
    assert!(outcome.manifest.is_some(), "{outcome:?}");
    assert_eq!(untold().await, ["r1"]);
    let everybody = Outbox::new(shelf, None);
    let manifest = everybody.untold().await.expect("listed").0.remove(0);
    everybody.told(&manifest).await.expect("confirmed");
    assert_eq!(untold().await, Vec::<String>::new());
}

/// Whoever removes the journal of an earlier attempt may die over it: what is left of it is no journal
/// of a dead run.
#[tokio::test]
async fn a_journal_without_its_beginning_is_removed() {
    let bucket = bucket();
    let attempt = async |again, number, batches| {
        let start = RunStart {
            again,
            ..start(&bucket, "r", process(number))
        };
        let record = RunRecord::begin(start).await.expect("begun");
        one_row_each().run_recorded(record, &bucket, batches).await
    };
    let journal = || {
        let mut segments = objects(&bucket).into_iter().collect::<Vec<_>>();
        segments.retain(|(key, _)| key.contains("/r/001/journal/"));
        segments
    };
    let mut failing = a_record();
    failing.push(bad_record());
    let outcome = attempt(Again::No, "p1", failing).await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    let segments = journal();
    assert!(segments.len() > 1, "{segments:?}");
    let outcome = attempt(Again::Redo, "p2", a_record()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(journal(), []);
    for (key, text) in segments.into_iter().skip(1) {
        let key = ObjectKey::new(key).expect("a key");
        let none = Attributes::default();
        let put = bucket.put(&key, text.into(), &none, Condition::Replace);
        put.await.expect("put");
    }
    let outcome = attempt(Again::Redo, "p3", a_record()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(journal(), []);
}

/// A put that is done while all of its answers are lost: the run has failed, and doesn't know its own
/// object. Whoever repeats it does.
#[tokio::test(start_paused = true)]
async fn what_a_failed_run_has_put_without_knowing_is_replaced_by_its_repetition() {
    let (state, bucket) = (bucket(), bucket());
    let begin = async |again| begin_apart(&state, &bucket, again, process("p")).await;
    bucket.inject(Fault::lost_answer(Operation::Put, 1));
    for nth in 2..=200 {
        let kind = BucketErrorKind::Interrupted;
        bucket.inject(Fault::nth(Operation::Put, nth, kind));
    }
    let first = begin(Again::No).await;
    let outcome = Kit::default()
        .run_recorded(first, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    assert_eq!(of_run(&bucket), ["s.lines"]);
    bucket.heal();
    let again = begin(Again::Redo).await;
    let outcome = Kit::default()
        .run_recorded(again, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(of_run(&bucket), ["s-00002.lines"]);
}

/// Where the store ignores that an object is to be new, recovery looks before it publishes.
#[tokio::test(start_paused = true)]
async fn recovery_replaces_nothing_of_others() {
    let bucket = Arc::new(MemoryBucket::new().ignoring_if_absent());
    let first = begin_whole(&bucket, "r1").await;
    let kind = BucketErrorKind::Denied;
    bucket.inject(Fault::nth(Operation::Publish, 1, kind));
    let outcome = as_a_whole().run_recorded(first, &bucket, a_record()).await;
    assert_eq!(outcome.unpublished.len(), 1, "{outcome:?}");
    let key = ObjectKey::new("s.lines").expect("a key");
    let others = Attributes::default();
    let put = bucket.put(&key, "of others".into(), &others, Condition::Replace);
    put.await.expect("put");
    let second = RunRecord::begin(start(&bucket, "r2", process("p2"))).await;
    let second = second.expect("begun");
    let recovered = second.recovered().expect("it has found something");
    assert_eq!(
        (recovered.status, recovered.lost.len()),
        (AttemptStatus::Failed, 1)
    );
    assert_eq!(objects(&bucket)["s.lines"], "of others");
    assert_eq!(bucket.pending_uploads(), 0);
}

/// An object that a failed run has given up, and whose upload couldn't be removed, doesn't appear
/// later: its records may have been loaded again since.
#[tokio::test(start_paused = true)]
async fn what_was_given_up_does_not_appear() {
    let bucket = bucket();
    let mut kit = Kit::default();
    kit.memory.part_bytes = 8;
    let long = || vec![batch("s", &[r#"{"a":1111111111}"#, r#"{"a":2222222222}"#])];
    let begin = async |again| {
        let start = start(&bucket, "r", process("p"));
        RunRecord::begin(RunStart { again, ..start })
            .await
            .expect("begun")
    };
    let (taken, denied) = (BucketErrorKind::AlreadyExists, BucketErrorKind::Denied);
    bucket.inject(Fault::nth(Operation::Publish, 1, taken));
    bucket.inject(Fault::nth(Operation::Discard, 1, denied));
    let outcome = kit
        .run_recorded(begin(Again::No).await, &bucket, long())
        .await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    let again = begin(Again::Redo).await;
    assert_eq!(of_run(&bucket), Vec::<String>::new());
    let outcome = kit.run_recorded(again, &bucket, long()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(of_run(&bucket), ["s.lines"]);
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn a_run_is_repeated_where_its_objects_are() {
    let bucket = bucket();
    let begin = async |again, destination: &str| {
        let start = RunStart {
            again,
            destination: destination.to_owned(),
            ..start(&bucket, "r", process("p"))
        };
        RunRecord::begin(start).await
    };
    let mut failing = a_record();
    failing.push(bad_record());
    let first = begin(Again::No, "here").await.expect("begun");
    let outcome = one_row_each().run_recorded(first, &bucket, failing).await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    for again in [Again::Resume, Again::Redo] {
        let refused = begin(again, "there").await;
        let is_refused = matches!(refused, Err(LedgerError::Elsewhere { .. }));
        assert!(is_refused, "{again:?}: {refused:?}");
    }
}

/// A store may put an object after its run was killed, and even after somebody has looked for it.
#[tokio::test(start_paused = true)]
async fn what_comes_late_of_a_dead_attempt_goes_when_it_is_repeated() {
    let (state, bucket) = (bucket(), bucket());
    let begin = async |again| begin_apart(&state, &bucket, again, process("p")).await;
    for nth in 1..=200 {
        let kind = BucketErrorKind::Interrupted;
        bucket.inject(Fault::nth(Operation::Put, nth, kind));
    }
    let first = begin(Again::No).await;
    let outcome = Kit::default()
        .run_recorded(first, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
    bucket.heal();
    let journals = objects(&state).into_iter();
    let mut journals = journals.filter(|(key, _)| key.ends_with(".journal"));
    let putting = journals.find_map(|(_, text)| {
        let (_, after) = text.split_once(r#""write_id":""#)?;
        Some(after.split('"').next()?.to_owned())
    });
    // It has looked by now.
    let again = begin(Again::Redo).await;
    let key = ObjectKey::new("s.lines").expect("a key");
    let late = Attributes {
        write_id: putting.expect("it is in the journal"),
        ..Attributes::default()
    };
    let put = bucket.put(&key, "late".into(), &late, Condition::IfAbsent);
    put.await.expect("put");
    let outcome = Kit::default()
        .run_recorded(again, &bucket, a_record())
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(of_run(&bucket), ["s-00002.lines"]);
}
