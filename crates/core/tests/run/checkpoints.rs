//! When checkpoints are released, and what whoever goes on from them finds.

use std::time::Duration;

use spile_core::ledger::{Again, LedgerError, RunRecord, RunStart, StreamIndex};
use spile_core::testing::{Fault, Operation};
use spile_core::{BucketErrorKind, Ending, Message, Source, SourceError, WriteMode};
use tokio::time::{Instant, sleep};

use crate::kit::{Kit, batch, bucket, checkpoint, objects};
use crate::records::{after, of_run, one_row_each, process, start};

type Messages = Vec<Result<Message, SourceError>>;

fn record(stream: &str) -> Result<Message, SourceError> {
    batch(stream, &[r#"{"a":1}"#]).map(Message::Batch)
}

fn early_end() -> Result<Message, SourceError> {
    let cause = "it has died".to_owned();
    Err(SourceError::Incomplete { cause })
}

/// A run that goes on is refused where its objects hold records from behind the last checkpoint.
#[tokio::test]
async fn only_an_exact_cut_is_gone_on_from() {
    let check = async |name: &str, messages: Messages, expect: Option<&str>| {
        let bucket = bucket();
        let first = RunRecord::begin(start(&bucket, "r", process("p1"))).await;
        let kit = Kit::default();
        let first = first.expect("begun");
        kit.run_recorded_messages(first, &bucket, messages).await;
        let again = RunStart {
            again: Again::Resume,
            ..start(&bucket, "r", after("p2", "p1"))
        };
        match (RunRecord::begin(again).await, expect) {
            (Ok(record), Some(_)) => assert_eq!(record.checkpoint(), expect, "{name}"),
            (Err(LedgerError::Behind { .. }), None) => {}
            (begun, _) => panic!("{name}: {begun:?}"),
        }
    };
    let all = |text| Ok(checkpoint(None, text));
    let of = |stream, text| Ok(checkpoint(Some(stream), text));
    let s = || record("s");
    check("exact", vec![s(), all("1"), early_end()], Some("1")).await;
    check("behind", vec![s(), all("1"), s(), early_end()], None).await;
    let one = vec![s(), record("t"), of("s", "1"), early_end()];
    check("one of two streams", one, None).await;
    let both = vec![s(), of("s", "1"), record("t"), of("t", "2"), early_end()];
    check("both streams", both, Some("[1,2]")).await;
    let mixed = vec![s(), of("s", "1"), s(), all("2"), early_end()];
    check("one of all after one of a stream", mixed, Some("2")).await;
    check("whole", vec![s(), all("1")], Some("1")).await;
    check("whole and behind", vec![s(), all("1"), s()], None).await;
    check("whole without any", vec![s()], None).await;
}

/// What a resumed source says of one stream says nothing of what an attempt before had of others.
#[tokio::test]
async fn a_part_of_what_was_known_is_not_gone_on_from() {
    let bucket = bucket();
    let of = |stream, text| Ok(checkpoint(Some(stream), text));
    let begin = async |again, world| {
        let start = RunStart {
            again,
            ..start(&bucket, "r", world)
        };
        RunRecord::begin(start).await
    };
    let both = vec![
        record("s"),
        of("s", "1"),
        record("t"),
        of("t", "2"),
        early_end(),
    ];
    let one = vec![record("s"), of("s", "3"), early_end()];
    for (again, world, messages) in [
        (Again::No, process("p1"), both),
        (Again::Resume, after("p2", "p1"), one),
    ] {
        let begun = begin(again, world).await.expect("begun");
        let kit = Kit::default();
        kit.run_recorded_messages(begun, &bucket, messages).await;
    }
    let third = begin(Again::Resume, after("p3", "p2")).await;
    let is_refused = matches!(third, Err(LedgerError::Behind { .. }));
    assert!(is_refused, "{third:?}");
}

/// The template of a stream is known to a resumed run that meets none of its records.
#[tokio::test]
async fn a_resumed_run_knows_the_templates_of_what_it_keeps() {
    let bucket = bucket();
    let first = RunRecord::begin(start(&bucket, "r", process("p1"))).await;
    let messages = vec![record("s"), Ok(checkpoint(None, "1")), early_end()];
    let kit = Kit::default();
    let first = first.expect("begun");
    kit.run_recorded_messages(first, &bucket, messages).await;
    let again = RunStart {
        again: Again::Resume,
        ..start(&bucket, "r", after("p2", "p1"))
    };
    let again = RunRecord::begin(again).await.expect("begun");
    let outcome = kit.run_recorded_messages(again, &bucket, Vec::new()).await;
    let manifest = outcome.manifest.expect("a manifest");
    let templates = manifest.streams.iter().map(|it| it.template.as_str());
    assert_eq!(templates.collect::<Vec<_>>(), ["{stream_name}.lines"]);
    assert_eq!(manifest.checkpoint.as_deref(), Some("1"));
    let all = objects(&bucket);
    let index = all.iter().find(|(key, _)| key.contains("/indexes/s/"));
    let (_, index) = index.expect("an index");
    let index: StreamIndex = serde_json::from_str(index).expect("an index");
    assert_eq!(index.objects[0].template, "{stream_name}.lines");
}

/// Gives a record and a checkpoint, and ends when it is told to.
struct Idle {
    go_on: std::sync::mpsc::Receiver<()>,
    is_first: bool,
}

impl Source for Idle {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        if std::mem::take(&mut self.is_first) {
            return Ok(Some(vec![record("s")?, checkpoint(None, "1")]));
        }
        // Nobody tells it any more when the test has failed.
        let _ = self.go_on.recv();
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_is_released_at_its_age_without_further_input() {
    let bucket = bucket();
    let kit = Kit {
        checkpoint_age_ms: Some(60_000),
        ..Kit::default()
    };
    let (tell, go_on) = std::sync::mpsc::channel();
    let source = Idle {
        go_on,
        is_first: true,
    };
    let began = Instant::now();
    let is_told = async {
        while kit.told.texts().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(600), "never told");
            sleep(Duration::from_secs(1)).await;
        }
        let elapsed = began.elapsed();
        assert!(elapsed >= Duration::from_secs(60), "{elapsed:?}");
        tell.send(()).expect("it listens");
    };
    let (outcome, ()) = tokio::join!(kit.run_source(&bucket, Box::new(source)), is_told);
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let [call] = &kit.told.calls()[..] else {
        panic!("{:?}", kit.told);
    };
    let told = &call.released[0];
    assert_eq!((&*told.checkpoint.text, told.records), ("1", 1));
    assert_eq!(call.there["s.lines"], "#a\n{\"a\":1}\n");
}

#[tokio::test]
async fn texts_that_wait_do_not_fill_the_memory() {
    const TEXT: usize = 200 << 10;
    let kit = Kit::default();
    let text = |number: usize| format!("\"{number}{}\"", "x".repeat(TEXT));
    let messages = (0..40).flat_map(|number| [record("s"), Ok(checkpoint(None, &text(number)))]);
    let outcome = kit.run_messages(&bucket(), messages.collect()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let told = kit.told.texts();
    assert_eq!(told.iter().flatten().count(), 40);
    assert!(told.len() > 4, "{} cuts", told.len());
}

#[tokio::test]
async fn streams_that_are_not_selected_are_passed_over() {
    let bucket = bucket();
    let kit = Kit {
        streams: &["s"],
        checkpoint_bytes: 1,
        ..Kit::default()
    };
    let messages = vec![
        record("s"),
        record("t"),
        Ok(checkpoint(Some("t"), "1")),
        Ok(checkpoint(None, "2")),
    ];
    let outcome = kit.run_messages(&bucket, messages).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(
        objects(&bucket).into_keys().collect::<Vec<_>>(),
        ["s.lines"]
    );
    let told: Vec<_> = kit
        .told
        .calls()
        .into_iter()
        .flat_map(|it| it.released)
        .collect();
    let told = told.iter().map(|it| (&*it.checkpoint.text, it.records));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [("2", 1)],
        "nor is a checkpoint told that is about them alone"
    );
}

/// A run that can't write its end down has released nothing by it, whatever it says.
#[tokio::test]
async fn what_was_not_told_was_not_released() {
    let mut failed = 0;
    for nth in 1..16 {
        let bucket = bucket();
        let begun = RunRecord::begin(start(&bucket, "r", process("p1"))).await;
        bucket.inject(Fault::nth(Operation::Put, nth, BucketErrorKind::Denied));
        let kit = Kit::default();
        let messages = vec![record("s"), Ok(checkpoint(None, "1"))];
        let begun = begun.expect("begun");
        let outcome = kit.run_recorded_messages(begun, &bucket, messages).await;
        failed += usize::from(!matches!(outcome.ending, Ending::Done));
        let told = kit.told.texts().concat();
        assert_eq!(
            told.last(),
            outcome.checkpoint.as_ref(),
            "{nth}: {outcome:?}"
        );
    }
    assert!(failed > 3, "{failed} have failed");
}

/// What an attempt keeps of many objects is one segment of its journal: with a part of it, one that dies
/// there would leave the others to be loaded twice.
#[tokio::test(flavor = "multi_thread")]
async fn many_objects_are_kept_at_once() {
    const RECORDS: usize = 2_000;
    let bucket = bucket();
    let first = RunRecord::begin(start(&bucket, "r", process("p1"))).await;
    let mut messages: Messages = (0..RECORDS).map(|_| record("s")).collect();
    messages.extend([Ok(checkpoint(None, "1")), early_end()]);
    let first = first.expect("begun");
    let kit = one_row_each();
    kit.run_recorded_messages(first, &bucket, messages).await;
    assert_eq!(of_run(&bucket).len(), RECORDS);
    let again = RunStart {
        again: Again::Resume,
        ..start(&bucket, "r", after("p2", "p1"))
    };
    RunRecord::begin(again).await.expect("begun");
    let of_second = |(key, text): (String, String)| key.contains("/002/journal/").then_some(text);
    let segments: Vec<_> = objects(&bucket).into_iter().filter_map(of_second).collect();
    let kept = segments
        .iter()
        .map(|text| text.matches(r#"{"kept":"#).count());
    assert_eq!(kept.collect::<Vec<_>>(), [RECORDS]);
}

/// A cut before what appears at the run's end releases nothing: it would only make objects small.
#[tokio::test]
async fn nothing_is_cut_for_what_can_not_be_released() {
    let check = async |write, expect: usize| {
        let bucket = bucket();
        let kit = Kit {
            write,
            checkpoint_bytes: 1,
            ..Kit::default()
        };
        let messages = [record("s"), Ok(checkpoint(None, "1"))];
        let more = [record("s"), Ok(checkpoint(None, "2"))];
        let messages = messages.into_iter().chain(more).collect();
        let outcome = kit.run_messages(&bucket, messages).await;
        assert_eq!(outcome.receipts.len(), expect, "{write:?}");
        assert_eq!(kit.told.texts().concat(), ["1", "2"], "{write:?}");
    };
    check(WriteMode::Append, 2).await;
    check(WriteMode::Overwrite, 1).await;
}
