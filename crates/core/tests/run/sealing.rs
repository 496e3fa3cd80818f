//! When a run seals its objects.

use std::time::Duration;

use insta::assert_debug_snapshot;
use spile_core::{Batch, Ending, Message, RollPolicy, Source, SourceError};
use tokio::time::{Instant, sleep};

use crate::kit::{Kit, batch, bucket, objects};

#[tokio::test]
async fn an_object_is_sealed_at_its_number_of_rows() {
    let bucket = bucket();
    let roll = RollPolicy {
        rows_max: Some(2),
        ..RollPolicy::default()
    };
    let lines = [
        r#"{"a":1}"#,
        r#"{"a":2}"#,
        r#"{"a":3}"#,
        r#"{"a":4}"#,
        r#"{"a":5}"#,
    ];
    let kit = Kit {
        roll,
        ..Kit::default()
    };
    let outcome = kit.run(&bucket, vec![batch("s", &lines)]).await;
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s-00002.lines": "#a\n{\"a\":3}\n{\"a\":4}\n",
        "s-00003.lines": "#a\n{\"a\":5}\n",
        "s.lines": "#a\n{\"a\":1}\n{\"a\":2}\n",
    }
    "##);
    assert_eq!(
        outcome
            .receipts
            .iter()
            .map(|receipt| receipt.rows)
            .collect::<Vec<_>>(),
        [2, 2, 1]
    );
}

#[tokio::test]
async fn an_object_is_sealed_at_its_size() {
    const BYTES: u64 = 64 << 10;
    let bucket = bucket();
    let roll = RollPolicy {
        bytes_max: BYTES,
        ..RollPolicy::default()
    };
    let kit = Kit {
        roll,
        ..Kit::default()
    };
    let line = |n| format!(r#"{{"n":{n},"pad":"{}"}}"#, "x".repeat(500));
    let lines: Vec<String> = (0..400).map(line).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let batches = lines.chunks(90).map(|lines| batch("s", lines)).collect();
    let outcome = kit.run(&bucket, batches).await;
    let sizes: Vec<u64> = outcome
        .receipts
        .iter()
        .map(|receipt| receipt.bytes)
        .collect();
    let (last, full) = sizes.split_last().expect("objects");
    assert_eq!(full.len(), 3, "{sizes:?}");
    let met = BYTES..=BYTES + BYTES / 16;
    assert!(full.iter().all(|bytes| met.contains(bytes)), "{sizes:?}");
    assert!(*last < BYTES, "{sizes:?}");
}

/// Gives one batch, and the next one when it is told to.
struct Hesitant {
    batches: Vec<Batch>,
    go_on: std::sync::mpsc::Receiver<()>,
    is_first: bool,
}

impl Source for Hesitant {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        if !std::mem::take(&mut self.is_first) {
            // Nobody tells it any more when the test has failed.
            let _ = self.go_on.recv();
        }
        let next = self.batches.pop();
        Ok(next.map(|batch| vec![Message::Batch(batch)]))
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_is_sealed_at_its_age_without_further_records() {
    let bucket = bucket();
    let roll = RollPolicy {
        age_max_ms: Some(60_000),
        ..RollPolicy::default()
    };
    let kit = Kit {
        roll,
        ..Kit::default()
    };
    let batches = [r#"{"a":2}"#, r#"{"a":1}"#].map(|line| batch("s", &[line]).expect("a batch"));
    let (tell, go_on) = std::sync::mpsc::channel();
    let source = Hesitant {
        batches: batches.into(),
        go_on,
        is_first: true,
    };
    let began = Instant::now();
    let first_is_there = async {
        while objects(&bucket).is_empty() {
            assert!(began.elapsed() < Duration::from_secs(600), "never sealed");
            sleep(Duration::from_secs(1)).await;
        }
        assert!(
            began.elapsed() >= Duration::from_secs(60),
            "{:?}",
            began.elapsed()
        );
        tell.send(()).expect("it listens");
        drop(tell);
    };
    let (outcome, ()) = tokio::join!(kit.run_source(&bucket, Box::new(source)), first_is_there);
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(
        objects(&bucket).into_keys().collect::<Vec<_>>(),
        ["s-00002.lines", "s.lines"]
    );
}
