//! Bad records that are set aside, each exactly once, and the others loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray};
use arrow::datatypes::{DataType, Field};
use bytes::Bytes;
use proptest::prelude::*;
use spile_core::testing::MemoryBucket;
use spile_core::{
    Batch, Ending, Outcome, Position, PositionUnit, PublishMode, QuarantinedRecord, Records,
    RejectedRecord, Report, RollPolicy, RunFacts, SourceError, WriteMode, declared_schema,
};

use crate::kit::{Kit, Stop, batch, bucket, columns, objects};

fn rejected(before: usize, line: u64, text: &'static [u8]) -> RejectedRecord {
    RejectedRecord {
        position: Position {
            origin: "test".into(),
            unit: PositionUnit::Line,
            number: line,
        },
        cause: "it is no JSON".to_owned(),
        text: Bytes::from_static(text),
        is_cut: false,
        before,
    }
}

fn with(
    batch: Result<Batch, SourceError>,
    rejected: Vec<RejectedRecord>,
) -> Result<Batch, SourceError> {
    Ok(Batch { rejected, ..batch? })
}

fn kit(bad_records_max: u64) -> Kit {
    Kit {
        bad_records_max: Some(bad_records_max),
        ..Kit::default()
    }
}

/// The lines in quarantine, in order.
fn quarantined(bucket: &MemoryBucket) -> Vec<QuarantinedRecord> {
    let objects = objects(bucket);
    let objects = objects
        .iter()
        .filter(|(key, _)| key.starts_with("_spile/quarantine/"));
    objects
        .flat_map(|(_, text)| text.lines())
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect()
}

/// The lines of loaded records, by key.
fn loaded(bucket: &MemoryBucket) -> BTreeMap<String, Vec<String>> {
    let objects = objects(bucket).into_iter();
    objects
        .filter(|(key, _)| !key.starts_with("_spile/"))
        .map(|(key, text)| (key, text.lines().skip(1).map(str::to_owned).collect()))
        .collect()
}

fn lines(bucket: &MemoryBucket) -> Vec<String> {
    loaded(bucket).into_values().flatten().collect()
}

fn failure(outcome: &Outcome) -> String {
    match &outcome.ending {
        Ending::Failed(error) => error.to_string(),
        ending => format!("{ending:?}"),
    }
}

#[tokio::test]
async fn a_record_that_cant_be_read_goes_aside_and_the_others_are_loaded() {
    let bucket = bucket();
    let bad = vec![rejected(0, 1, b"{"), rejected(1, 3, b"{\"a\":\"\xFF\"}")];
    let batches = vec![with(batch("s", &[r#"{"a":1}"#, r#"{"a":2}"#]), bad)];
    let outcome = kit(2).run(&bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(lines(&bucket), [r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!(
        objects(&bucket)["_spile/quarantine/s-00001.jsonl"],
        concat!(
            r#"{"schema":"spile/quarantine/1","stream":"s","origin":"test","line":1,"#,
            r#""cause":"it is no JSON","record":"{","connection_run_id":"r1","#,
            r#""load_time":"2023-11-14T22:13:20Z"}"#,
            "\n",
            r#"{"schema":"spile/quarantine/1","stream":"s","origin":"test","line":3,"#,
            r#""cause":"it is no JSON","record_base64":"eyJhIjoi/yJ9","connection_run_id":"r1","#,
            r#""load_time":"2023-11-14T22:13:20Z"}"#,
            "\n",
        )
    );
    assert_eq!(outcome.rows_read, 4);
    assert_eq!((outcome.receipts.len(), outcome.quarantine.len()), (1, 1));
    assert_eq!(outcome.routes, 1, "the quarantine is no period");
}

#[tokio::test]
async fn records_without_a_usable_cursor_or_a_declared_value_go_aside() {
    let bucket = bucket();
    let declared = Field::new("n", DataType::Int64, true);
    let kit = Kit {
        key: "{cursor_day}.lines",
        cursor_field: Some("at"),
        declared: Some(declared_schema([declared])),
        ..kit(10)
    };
    let records = [
        r#"{"at":"2025-04-12","n":1}"#,
        r#"{"at":"2025-04-12","x":2}"#,
        r#"{"at":"tomorrow","n":3,"only here":1}"#,
        r#"{"n":4}"#,
        r#"{"at":"2025-04-13","n":5}"#,
        r#"{"at":"never"}"#,
    ];
    let outcome = kit.run(&bucket, vec![batch("s", &records)]).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let objects = objects(&bucket);
    let all: Vec<&str> = objects.values().flat_map(|text| text.lines()).collect();
    assert!(
        all.contains(&"#n,at"),
        "a bad record gives no object columns: {all:?}"
    );
    assert_eq!(lines(&bucket), [records[0], records[4]]);
    let aside: Vec<_> = quarantined(&bucket)
        .into_iter()
        .map(|bad| {
            (
                bad.line.unwrap_or_default(),
                bad.cause,
                bad.record.unwrap_or_default(),
            )
        })
        .collect();
    let misfit = "column n is int64, found null";
    let no_time = "the cursor `tomorrow` in field `at` is not a time like 2025-04-14, \
                   2025-04-14 11:23:45 or 2025-04-14T11:23:45Z";
    let missing = "the record has no value in its cursor field `at`";
    let expect = [
        (2, misfit, records[1]),
        (3, no_time, records[2]),
        (4, missing, records[3]),
        (6, misfit, records[5]),
    ];
    let expect = expect.map(|(line, cause, text)| (line, cause.to_owned(), text.to_owned()));
    assert_eq!(aside, expect);
}

#[tokio::test]
async fn rows_are_set_aside_as_json() {
    let bucket = bucket();
    let at: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_190), None]));
    let name: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let kit = Kit {
        key: "{cursor_day}.lines",
        cursor_field: Some("at"),
        ..kit(10)
    };
    let typed = columns("s", &[("at", at), ("name", name)]);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("soon"), None]));
    let text = columns("s", &[("at", texts)]).map(|batch| Batch {
        records: match batch.records {
            Records::Columns(columns) => Records::Text(columns),
            records => records,
        },
        position: Position {
            unit: PositionUnit::Row,
            ..batch.position
        },
        ..batch
    });
    let outcome = kit.run(&bucket, vec![typed, text]).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let aside: Vec<_> = quarantined(&bucket)
        .into_iter()
        .map(|bad| (bad.line, bad.row, bad.record.unwrap_or_default()))
        .collect();
    let expect = [
        (Some(2), None, r#"{"name":"b"}"#),
        (None, Some(1), r#"{"at":"soon"}"#),
        (None, Some(2), r#"{"at":null}"#),
    ];
    let expect = expect.map(|(line, row, text)| (line, row, text.to_owned()));
    assert_eq!(aside, expect);
}

#[tokio::test]
async fn one_more_than_the_limit_fails_the_run() {
    let kit = Kit {
        key: "{cursor_day}.lines",
        cursor_field: Some("at"),
        roll: RollPolicy {
            rows_max: Some(1),
            ..RollPolicy::default()
        },
        ..kit(2)
    };
    let bucket = bucket();
    let day = r#"{"at":"2025-04-12"}"#;
    let bad = vec![rejected(1, 2, b"{"), rejected(3, 5, b"[")];
    let batches = vec![with(batch("s", &[day, r#"{"at":1}"#, day, day]), bad)];
    let outcome = kit.run(&bucket, batches).await;
    assert_eq!(
        failure(&outcome),
        "read the record at line 5 of test: it is no JSON; max_bad_records = 2, and so many were \
         set aside before it"
    );
    assert_eq!(lines(&bucket), [day, day], "those before it");
    assert_eq!(quarantined(&bucket).len(), 2);
}

#[tokio::test]
async fn without_a_quarantine_the_first_bad_record_ends_the_run() {
    let kit = Kit {
        roll: RollPolicy {
            rows_max: Some(1),
            ..RollPolicy::default()
        },
        ..Kit::default()
    };
    let bucket = bucket();
    let bad = vec![rejected(1, 2, b"{"), rejected(1, 3, b"[")];
    let batches = vec![with(batch("s", &[r#"{"a":1}"#, r#"{"a":2}"#]), bad)];
    let outcome = kit.run(&bucket, batches).await;
    assert_eq!(
        failure(&outcome),
        "read the record at line 2 of test: it is no JSON"
    );
    assert_eq!(lines(&bucket), [r#"{"a":1}"#]);
    assert_eq!(outcome.rows_read, 1);
}

#[tokio::test]
async fn a_batch_may_hold_nothing_but_bad_records() {
    let bucket = bucket();
    let batches = vec![
        with(batch("s", &[]), vec![rejected(0, 1, b"{")]),
        batch("s", &[r#"{"a":1}"#]),
    ];
    let outcome = kit(1).run(&bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(lines(&bucket), [r#"{"a":1}"#]);
    assert_eq!(quarantined(&bucket).len(), 1);
}

#[tokio::test]
async fn a_run_that_publishes_at_its_end_sets_aside_at_its_end() {
    let batches = || {
        vec![with(
            batch("s", &[r#"{"a":1}"#]),
            vec![rejected(0, 1, b"{")],
        )]
    };
    let kit = Kit {
        publish: PublishMode::Run,
        write: WriteMode::Overwrite,
        ..kit(1)
    };
    let stopped = Kit {
        stop: Stop::AfterTheInput,
        ..kit
    };
    let bucket = bucket();
    let outcome = stopped.run(&bucket, batches()).await;
    assert!(matches!(outcome.ending, Ending::Interrupted), "{outcome:?}");
    assert!(objects(&bucket).is_empty());
    let kit = Kit {
        stop: Stop::Never,
        ..stopped
    };
    for run in 1..3 {
        let outcome = kit.run(&bucket, batches()).await;
        assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
        assert_eq!(
            quarantined(&bucket).len(),
            run,
            "none of them is overwritten"
        );
        assert_eq!(lines(&bucket).len(), 1);
    }
}

#[tokio::test]
async fn the_report_tells_them_apart() {
    let bucket = bucket();
    let bad = vec![rejected(0, 1, b"{"), rejected(0, 2, b"{")];
    let outcome = kit(2)
        .run(&bucket, vec![with(batch("s", &[r#"{"a":1}"#]), bad)])
        .await;
    let facts = RunFacts {
        retries: 0,
        connection_id: None,
        connection_run_id: None,
        timezone: None,
        load_time: None,
        started_at: chrono::DateTime::UNIX_EPOCH,
        seconds: 0.0,
    };
    let report = Report::new(facts, &outcome, None);
    assert_eq!((report.rows, report.rejected, report.rows_read), (1, 2, 3));
    assert_eq!((report.objects.len(), report.quarantine.len()), (1, 1));
    assert_eq!(report.quarantine[0].key, "_spile/quarantine/s-00001.jsonl");
}

/// What may be wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Good,
    Unread,
    NoCursor,
    NoTime,
    Misfit,
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => Just(Kind::Good),
        1 => Just(Kind::Unread),
        1 => Just(Kind::NoCursor),
        1 => Just(Kind::NoTime),
        1 => Just(Kind::Misfit),
    ]
}

fn text((number, kind): (usize, &Kind)) -> String {
    match kind {
        Kind::Unread => format!("{{{number}"),
        Kind::NoCursor => format!(r#"{{"n":{number}}}"#),
        Kind::NoTime => format!(r#"{{"at":"x","n":{number}}}"#),
        Kind::Misfit => format!(r#"{{"at":"2025-04-12","m":{number}}}"#),
        Kind::Good => format!(r#"{{"at":"2025-04-{:02}","n":{number}}}"#, 1 + number % 3),
    }
}

fn batch_of(all: &[(usize, Kind, String)]) -> Result<Batch, SourceError> {
    let is_read = |kind: Kind| kind != Kind::Unread;
    let read: Vec<&str> = all
        .iter()
        .filter(|(_, kind, _)| is_read(*kind))
        .map(|(_, _, text)| text.as_str())
        .collect();
    let mut before = 0;
    let mut bad = Vec::new();
    for (number, kind, text) in all {
        if is_read(*kind) {
            before += 1;
        } else {
            let text = Bytes::copy_from_slice(text.as_bytes());
            let record = rejected(before, 1 + *number as u64, b"");
            bad.push(RejectedRecord { text, ..record });
        }
    }
    with(batch("s", &read), bad)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_record_is_loaded_or_set_aside_once(
        kinds in prop::collection::vec(kinds(), 1..60),
        per_batch in 1_usize..40,
        rows_max in prop::option::of(1_u64..9),
        limit in prop::option::of(0_u64..30),
    ) {
        let declared = Field::new("n", DataType::Int64, true);
        let kit = Kit {
            key: "{cursor_day}.lines",
            cursor_field: Some("at"),
            declared: Some(declared_schema([declared])),
            roll: RollPolicy { rows_max, ..RollPolicy::default() },
            ..kit(limit.unwrap_or(100))
        };
        let all: Vec<_> = kinds
            .iter()
            .enumerate()
            .map(|it| (it.0, *it.1, text(it)))
            .collect();
        let batches = all.chunks(per_batch).map(batch_of).collect();
        let bucket = bucket();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.expect("a runtime").block_on(kit.run(&bucket, batches));

        let of = |is_good: bool| {
            all.iter()
                .filter(move |(_, kind, _)| (*kind == Kind::Good) == is_good)
                .map(|(_, _, text)| text.clone())
        };
        let bad: Vec<String> = of(false).collect();
        let aside: Vec<String> = quarantined(&bucket)
            .into_iter()
            .filter_map(|bad| bad.record)
            .collect();
        if bad.len() as u64 > limit.unwrap_or(100) {
            prop_assert!(matches!(outcome.ending, Ending::Failed(_)), "{:?}", outcome);
            prop_assert!(bad.starts_with(&aside), "{aside:?}");
            return Ok(());
        }
        prop_assert!(matches!(outcome.ending, Ending::Done), "{:?}", outcome);
        prop_assert_eq!(aside, bad);
        let (mut landed, mut good) = (lines(&bucket), of(true).collect::<Vec<_>>());
        landed.sort_unstable();
        good.sort_unstable();
        prop_assert_eq!(landed, good);
        prop_assert_eq!(outcome.rows_read, all.len() as u64);
    }
}
