//! What remains when a run can't go on.

use std::sync::Arc;

use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{
    Bucket, BucketErrorKind, Condition, Ending, Message, Outcome, Position, PositionUnit,
    RollPolicy, SchemaChange, Source, SourceError, WriteMode,
};

use crate::kit::{Kit, Stop, batch, bucket, bucket_without_if_absent, objects};

fn bad_record() -> SourceError {
    let position = Position {
        origin: "f".into(),
        unit: PositionUnit::Line,
        number: 7,
    };
    SourceError::Record {
        position,
        cause: "it is no JSON".to_owned(),
    }
}

fn failure(outcome: Outcome) -> String {
    match outcome.ending {
        Ending::Failed(error) => {
            let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
                error.source()
            });
            causes
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": ")
        }
        ending => panic!("{ending:?}"),
    }
}

/// How often a bucket was asked for something.
fn asked(bucket: &MemoryBucket, operation: Operation) -> usize {
    let calls = bucket.calls();
    calls
        .iter()
        .filter(|call| call.operation == operation)
        .count()
}

fn one_row_each() -> Kit {
    Kit {
        roll: RollPolicy {
            rows_max: Some(1),
            ..RollPolicy::default()
        },
        ..Kit::default()
    }
}

#[tokio::test]
async fn what_was_sealed_stays_and_what_was_open_never_appears() {
    let bucket = bucket();
    let roll = RollPolicy {
        rows_max: Some(2),
        ..RollPolicy::default()
    };
    let kit = Kit {
        roll,
        ..Kit::default()
    };
    let batches = vec![
        batch("s", &[r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#]),
        Err(bad_record()),
    ];
    let outcome = kit.run(&bucket, batches).await;
    assert_eq!(outcome.receipts.len(), 1);
    assert_eq!(
        failure(outcome),
        "read the record at line 7 of f: it is no JSON"
    );
    assert_eq!(objects(&bucket).len(), 1);
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn a_cursor_that_is_no_time_names_its_record() {
    let bucket = bucket();
    let kit = Kit {
        key: "{cursor_date}",
        cursor_field: Some("at"),
        ..Kit::default()
    };
    let check = async |line: &str, expect: &str| {
        let batches = vec![batch("s", &[r#"{"at":"2025-04-14"}"#, line])];
        assert_eq!(failure(kit.run(&bucket, batches).await), expect);
    };
    check(
        r#"{"at":"soon"}"#,
        "route the record at line 2 of test: read the cursor of a record: the cursor `soon` in \
         field `at` is not a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z",
    )
    .await;
    check(
        r#"{"b":1}"#,
        "route the record at line 2 of test: read the cursor of a record: the record has no value \
         in its cursor field `at`",
    )
    .await;
    check(
        r#"{"at":[1]}"#,
        "route the record at line 2 of test: read the cursor of a record: the cursor field `at` \
         holds an array, which can't be a cursor",
    )
    .await;
    assert!(objects(&bucket).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_fails_in_passing_is_sent_again() {
    let bucket = bucket();
    bucket.inject(Fault::nth(Operation::Put, 1, BucketErrorKind::Throttled));
    bucket.inject(Fault::nth(Operation::Put, 2, BucketErrorKind::Interrupted));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[r#"{"a":1}"#])])
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(asked(&bucket, Operation::Put), 3);
    assert_eq!(objects(&bucket).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_the_run_and_nothing_is_left_behind() {
    let bucket = bucket();
    bucket.inject(Fault::nth(Operation::Part, 2, BucketErrorKind::Denied));
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[&long])])
        .await;
    // No part was sent twice.
    assert!(asked(&bucket, Operation::Part) <= 6);
    failure(outcome);
    assert!(objects(&bucket).is_empty());
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn a_short_object_whose_key_is_taken_meanwhile_takes_the_next() {
    let bucket = bucket();
    bucket.inject(Fault::nth(
        Operation::Put,
        1,
        BucketErrorKind::AlreadyExists,
    ));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[r#"{"a":1}"#])])
        .await;
    assert_eq!(outcome.receipts[0].key.as_str(), "s-00002.lines");
}

#[tokio::test]
async fn a_long_object_whose_key_is_taken_meanwhile_fails_and_replaces_nothing() {
    let bucket = bucket();
    bucket.inject(Fault::nth(
        Operation::Publish,
        1,
        BucketErrorKind::AlreadyExists,
    ));
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[&long])])
        .await;
    assert_eq!(
        failure(outcome),
        "publish s.lines: another object appeared at that key in the meantime"
    );
    assert_eq!(bucket.pending_uploads(), 0);
}

/// What is whole may be all that is left of its records: it waits to be published later.
#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_published_now_stays_staged() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    for write in [WriteMode::Append, WriteMode::Overwrite] {
        let bucket = bucket();
        // Far more than there is time for.
        for _ in 0..1_000 {
            let kind = BucketErrorKind::Throttled;
            bucket.inject(Fault::nth(Operation::Publish, 1, kind));
        }
        let kit = Kit {
            write,
            ..Kit::default()
        };
        let outcome = kit.run(&bucket, vec![batch("s", &[&long])]).await;
        let [left] = &outcome.unpublished[..] else {
            panic!("{outcome:?}")
        };
        assert_eq!((left.rows, bucket.pending_uploads()), (1, 1));
        let staged = left.staged.clone();
        let told = failure(outcome);
        let expect = "publish s.lines: it is whole, and stays staged in the bucket: publish s.lines \
                      in memory: Throttled (the last of ";
        assert!(told.starts_with(expect), "{told}");
        bucket.heal();
        let published = bucket.publish(&staged, Condition::IfAbsent).await;
        assert!(published.is_ok(), "{published:?}");
        assert_eq!(objects(&bucket).len(), 1);
    }
}

/// A lifecycle rule would remove what is staged before a long run has ended.
#[tokio::test]
async fn an_upload_that_is_not_kept_is_refused() {
    let check = async |abort_at: &str, write: WriteMode| {
        let bucket = Arc::into_inner(bucket()).expect("nobody else has it");
        let abort_at = abort_at.parse().expect("a time");
        let bucket = Arc::new(bucket.removing_uploads_at(abort_at));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
        let kit = Kit {
            write,
            ..Kit::default()
        };
        let outcome = kit.run(&bucket, vec![batch("s", &[&long])]).await;
        assert_eq!(bucket.pending_uploads(), 0);
        (outcome, objects(&bucket).len())
    };
    for write in [WriteMode::Append, WriteMode::Overwrite] {
        let (outcome, objects) = check("2025-04-15T11:23:44Z", write).await;
        assert_eq!(
            (failure(outcome).as_str(), objects),
            (
                "stage s.lines: a lifecycle rule of the bucket removes unfinished uploads, this one \
                 at 2025-04-15 11:23:44 UTC",
                0
            )
        );
        let (outcome, objects) = check("2025-04-16T11:24:00Z", write).await;
        assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
        assert_eq!(objects, 1);
    }
}

/// Where the store can't be asked to look when the object appears, the run looks just before.
#[tokio::test]
async fn a_key_taken_meanwhile_is_found_without_a_condition_too() {
    let bucket = bucket_without_if_absent();
    let taken = BucketErrorKind::AlreadyExists;
    bucket.inject(Fault::nth(Operation::Head, 2, taken));
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[&long])])
        .await;
    assert_eq!(
        failure(outcome),
        "publish s.lines: another object appeared at that key in the meantime"
    );
}

#[tokio::test]
async fn an_interrupted_run_reads_no_further() {
    let bucket = bucket();
    let kit = Kit {
        stop: Stop::BeforeItBegins,
        ..one_row_each()
    };
    let outcome = kit.run(&bucket, vec![batch("s", &[r#"{"a":1}"#])]).await;
    assert!(matches!(outcome.ending, Ending::Interrupted));
    assert_eq!(outcome.rows_read, 0);
    assert!(objects(&bucket).is_empty());
}

#[tokio::test]
async fn a_stop_after_the_end_of_the_input_replaces_nothing() {
    let bucket = bucket();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    let overwrite = |stop| Kit {
        write: WriteMode::Overwrite,
        stop,
        ..Kit::default()
    };
    let before = overwrite(Stop::Never);
    before.run(&bucket, vec![batch("s", &[r#"{"a":1}"#])]).await;
    let before = objects(&bucket);
    let kit = overwrite(Stop::AfterTheInput);
    let batches = vec![batch("s", &[r#"{"a":2}"#]), batch("t", &[&long])];
    let outcome = kit.run(&bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Interrupted), "{outcome:?}");
    assert_eq!((objects(&bucket), outcome.receipts.len()), (before, 0));
    assert_eq!(bucket.pending_uploads(), 0);
}

/// What would never be published isn't waited for: here each of its parts would fail in the end.
#[tokio::test(start_paused = true)]
async fn a_stop_gives_up_what_waits_for_room() {
    let bucket = bucket();
    for _ in 0..100 {
        bucket.inject(Fault::nth(Operation::Part, 1, BucketErrorKind::Throttled));
    }
    let mut kit = Kit {
        write: WriteMode::Overwrite,
        stop: Stop::AfterTheInput,
        ..Kit::default()
    };
    kit.memory.upload_bytes = 16 << 10;
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    let outcome = kit.run(&bucket, vec![batch("s", &[&long])]).await;
    assert!(matches!(outcome.ending, Ending::Interrupted), "{outcome:?}");
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn a_stop_after_the_end_of_the_input_keeps_what_is_appended() {
    let bucket = bucket();
    let kit = Kit {
        stop: Stop::AfterTheInput,
        ..Kit::default()
    };
    let outcome = kit.run(&bucket, vec![batch("s", &[r#"{"a":1}"#])]).await;
    assert!(matches!(outcome.ending, Ending::Interrupted), "{outcome:?}");
    assert_eq!((objects(&bucket).len(), outcome.receipts.len()), (1, 1));
}

#[tokio::test]
async fn a_record_that_must_not_fit_gives_up_what_is_open() {
    let bucket = bucket();
    let kit = Kit {
        schema_change: SchemaChange::Fail,
        ..Kit::default()
    };
    // Both wait to be encoded together, so that the fault is found when all has been read.
    let outcome = kit.run(
        &bucket,
        vec![batch("s", &[r#"{"a":1}"#]), batch("s", &[r#"{"b":1}"#])],
    );
    failure(outcome.await);
    assert!(objects(&bucket).is_empty());
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_put_whose_answer_is_lost_is_one_object() {
    let bucket = bucket();
    bucket.inject(Fault::lost_answer(Operation::Put, 1));
    let outcome = Kit::default()
        .run(&bucket, vec![batch("s", &[r#"{"a":1}"#])])
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(
        objects(&bucket).into_keys().collect::<Vec<_>>(),
        ["s.lines"]
    );
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_made_up_for_in_every_step() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    for operation in [
        Operation::Begin,
        Operation::Part,
        Operation::Finish,
        Operation::Publish,
    ] {
        let bucket = bucket();
        bucket.inject(Fault::lost_answer(operation, 1));
        let outcome = Kit::default()
            .run(&bucket, vec![batch("s", &[&long])])
            .await;
        assert!(
            matches!(outcome.ending, Ending::Done),
            "{operation:?}: {outcome:?}"
        );
        assert_eq!(
            objects(&bucket).into_keys().collect::<Vec<_>>(),
            ["s.lines"]
        );
    }
}

#[tokio::test]
async fn a_run_that_fails_replaces_nothing() {
    let bucket = bucket();
    let kit = Kit {
        write: WriteMode::Overwrite,
        ..one_row_each()
    };
    kit.run(&bucket, vec![batch("s", &[r#"{"a":1}"#])]).await;
    let before = objects(&bucket);
    let batches = vec![batch("s", &[r#"{"a":2}"#, r#"{"a":3}"#]), Err(bad_record())];
    failure(kit.run(&bucket, batches).await);
    assert_eq!(objects(&bucket), before);
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn a_source_that_panics_is_no_end_of_the_input() {
    let bucket = bucket();
    let outcome = Kit::default()
        .run_source(&bucket, Box::new(Panics(false)))
        .await;
    assert_eq!(
        failure(outcome),
        "read the input to its end: its thread has died"
    );
    assert!(objects(&bucket).is_empty());
}

/// A source with a fault of its own, after its first batch.
struct Panics(bool);

impl Source for Panics {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        assert!(
            !std::mem::replace(&mut self.0, true),
            "a fault of the source"
        );
        let batch = batch("s", &[r#"{"a":1}"#])?;
        Ok(Some(vec![Message::Batch(batch)]))
    }
}
