//! Periods that are replaced as a whole.

use std::sync::Arc;

use bytes::Bytes;
use spile_core::ledger::{Again, Covers, Home, LedgerError, RunRecord, RunStart};
use spile_core::testing::MemoryBucket;
use spile_core::{
    Attributes, Bucket, Condition, Ending, ObjectKey, Outcome, PublishMode, WriteMode, Zone,
};

use crate::kit::{Kit, batch, bucket, objects};
use crate::records::{World, start};

/// A run of a connection, which replaces what it covers.
struct Replacing {
    run_id: &'static str,
    covers: &'static str,
    key: &'static str,
    timezone: &'static str,
    connection: &'static str,
}

const DAILY: Replacing = Replacing {
    run_id: "r",
    covers: "touched",
    key: "{cursor_date}.lines",
    timezone: "UTC",
    connection: "c",
};

impl Replacing {
    async fn run(&self, bucket: &Arc<MemoryBucket>, days: &[&str]) -> Outcome {
        let begin = start(bucket, self.run_id, World::default());
        let record = RunRecord::begin(RunStart {
            home: Home::new(Some(self.connection)),
            timezone: self.timezone.to_owned(),
            as_a_whole: true,
            ..begin
        })
        .await
        .expect("begun");
        let zone = Zone::named(self.timezone).expect("a zone");
        let covers = Covers::parse(self.covers, zone).expect("periods");
        let kit = Kit {
            key: self.key,
            cursor_field: Some("at"),
            zone: self.timezone,
            write: WriteMode::Replace(covers),
            publish: PublishMode::Run,
            ..Kit::default()
        };
        let lines: Vec<String> = days.iter().map(|day| self.line(day)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let batches = if lines.is_empty() {
            Vec::new()
        } else {
            vec![batch("s", &lines)]
        };
        kit.run_recorded(record, bucket, batches).await
    }

    fn line(&self, day: &str) -> String {
        format!(r#"{{"at":"2025-04-{day}","run":"{}"}}"#, self.run_id)
    }
}

/// The days that there are records of, each with the run that wrote it.
fn there(bucket: &MemoryBucket) -> Vec<String> {
    let mut records: Vec<String> = objects(bucket)
        .into_iter()
        .filter(|(key, _)| !key.starts_with("_spile/"))
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            line.replace(r#"{"at":"2025-04-"#, "")
                .replace(r#"","run":""#, " ")
                .replace(r#""}"#, "")
        })
        .collect();
    records.sort();
    records
}

fn failure(outcome: &Outcome) -> String {
    match &outcome.ending {
        Ending::Failed(error) => error.to_string(),
        ending => panic!("{ending:?}"),
    }
}

#[tokio::test]
async fn touched_periods_are_replaced_and_others_stay() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12", "13", "14"]).await;
    let second = Replacing {
        run_id: "r2",
        ..DAILY
    };
    second.run(&bucket, &["13", "14", "15"]).await;
    assert_eq!(there(&bucket), ["12 r", "13 r2", "14 r2", "15 r2"]);
}

#[tokio::test]
async fn covered_periods_are_replaced_even_by_nothing() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12", "13", "14"]).await;
    let second = Replacing {
        run_id: "r2",
        covers: "2025-04-13..2025-04-14",
        ..DAILY
    };
    second.run(&bucket, &["14"]).await;
    assert_eq!(there(&bucket), ["12 r", "14 r2"]);
    let third = Replacing {
        run_id: "r3",
        ..second
    };
    third.run(&bucket, &[]).await;
    assert_eq!(there(&bucket), ["12 r"]);
}

#[tokio::test]
async fn a_stream_without_records_replaces_nothing_unless_it_is_covered() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12"]).await;
    let second = Replacing {
        run_id: "r2",
        ..DAILY
    };
    second.run(&bucket, &[]).await;
    assert_eq!(there(&bucket), ["12 r"]);
}

#[tokio::test]
async fn what_can_not_be_told_apart_is_refused() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12", "13"]).await;
    let check = async |second: Replacing, expect: &str| {
        let outcome = second.run(&bucket, &["12"]).await;
        assert_eq!(
            failure(&outcome),
            format!("replace what earlier runs have written of stream s: {expect}")
        );
        assert_eq!(there(&bucket), ["12 r", "13 r"], "nothing is replaced");
        assert_eq!(bucket.pending_uploads(), 0, "and nothing stays");
    };
    let part = Replacing {
        run_id: "part",
        covers: "2025-04-12T06..2025-04-13",
        ..DAILY
    };
    check(
        part,
        "2025_04_12.lines holds records of the periods to be replaced, and others",
    )
    .await;
    let zone = Replacing {
        run_id: "zone",
        timezone: "Europe/London",
        covers: "2025-04",
        ..DAILY
    };
    check(
        zone,
        "2025_04_12.lines was written in time zone UTC, and this run's is Europe/London",
    )
    .await;
    let template = Replacing {
        run_id: "template",
        key: "x/{cursor_date}.lines",
        ..DAILY
    };
    check(
        template,
        "2025_04_12.lines was written under the template {cursor_date}.lines, and this run's is \
         x/{cursor_date}.lines",
    )
    .await;
}

#[tokio::test]
async fn objects_of_others_are_not_touched() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12"]).await;
    let other = Replacing {
        run_id: "other",
        connection: "d",
        ..DAILY
    };
    other.run(&bucket, &["12"]).await;
    assert_eq!(there(&bucket), ["12 other", "12 r"], "another connection's");
    // Somebody has put another object where the first stood.
    let key = ObjectKey::new("2025_04_12.lines").expect("a key");
    let body = Bytes::from_static(b"by hand\n");
    let by_hand = Attributes::default();
    let put = bucket.put(&key, body, &by_hand, Condition::Replace);
    put.await.expect("put");
    let second = Replacing {
        run_id: "r2",
        ..DAILY
    };
    second.run(&bucket, &["12"]).await;
    assert_eq!(there(&bucket), ["12 other", "12 r2", "by hand"]);
}

/// A repetition that comes to nothing has replaced nothing: what it would have replaced is still known
/// to later runs.
#[tokio::test]
async fn what_a_failed_repetition_would_have_replaced_is_replaced_later() {
    let bucket = bucket();
    let old = Replacing {
        run_id: "old",
        key: "{cursor_date}-{connection_run_id}.lines",
        ..DAILY
    };
    let new = Replacing {
        run_id: "new",
        ..old
    };
    assert!(matches!(
        old.run(&bucket, &["12"]).await.ending,
        Ending::Done
    ));
    let again = RunStart {
        again: Again::Redo,
        ..start(&bucket, "old", World::default())
    };
    RunRecord::begin(again)
        .await
        .expect("begun")
        .call_off()
        .await;
    assert!(matches!(
        new.run(&bucket, &["12"]).await.ending,
        Ending::Done
    ));
    assert_eq!(there(&bucket), ["12 new"]);
}

/// What a later run has replaced isn't brought back by going on with an earlier one.
#[tokio::test]
async fn a_run_that_was_replaced_is_not_gone_on_with() {
    let bucket = bucket();
    DAILY.run(&bucket, &["12"]).await;
    let later = Replacing {
        run_id: "later",
        ..DAILY
    };
    later.run(&bucket, &["12"]).await;
    let again = RunStart {
        again: Again::Resume,
        as_a_whole: true,
        ..start(&bucket, "r", World::default())
    };
    let refused = RunRecord::begin(again).await;
    let is_refused = matches!(refused, Err(LedgerError::Replaced { .. }));
    assert!(is_refused, "{refused:?}");
}
