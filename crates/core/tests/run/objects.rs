//! Which objects a run makes.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use insta::assert_debug_snapshot;
use spile_core::testing::Operation;
use spile_core::{Bucket, Ending, ObjectKey, RollPolicy, SchemaChange, WriteMode};

use crate::kit::{Kit, batch, bucket, bucket_without_if_absent, columns, objects};

fn by_day() -> Kit {
    Kit {
        key: "{stream_name}/{cursor_iso_date}.lines",
        cursor_field: Some("at"),
        ..Kit::default()
    }
}

#[tokio::test]
async fn records_go_to_the_object_of_their_period() {
    let bucket = bucket();
    let lines = [
        r#"{"at":"2025-04-14T23:30:00Z"}"#,
        r#"{"at":"2025-04-15"}"#,
        r#"{"at":"2025-04-14 01:00:00"}"#,
    ];
    let outcome = by_day()
        .run(&bucket, vec![batch("s", &lines), batch("t", &lines[..1])])
        .await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s/2025-04-14.lines": "#at\n{\"at\":\"2025-04-14T23:30:00Z\"}\n{\"at\":\"2025-04-14 01:00:00\"}\n",
        "s/2025-04-15.lines": "#at\n{\"at\":\"2025-04-15\"}\n",
        "t/2025-04-14.lines": "#at\n{\"at\":\"2025-04-14T23:30:00Z\"}\n",
    }
    "##);
    let ranges = outcome
        .receipts
        .iter()
        .filter_map(|receipt| receipt.cursors);
    let firsts: Vec<_> = ranges
        .filter_map(|range| range.first.to_date_time())
        .collect();
    assert_eq!(firsts[0].to_rfc3339(), "2025-04-14T01:00:00+00:00");
}

#[tokio::test]
async fn periods_are_told_in_the_runs_zone() {
    let bucket = bucket();
    let lines = [
        r#"{"at":"2025-04-14T23:30:00Z"}"#,
        r#"{"at":"2025-04-15T03:59:59Z"}"#,
    ];
    let kit = Kit {
        zone: "America/New_York",
        ..by_day()
    };
    kit.run(&bucket, vec![batch("s", &lines)]).await;
    assert_eq!(
        objects(&bucket).into_keys().collect::<Vec<_>>(),
        ["s/2025-04-14.lines"]
    );
}

#[tokio::test]
async fn a_record_that_does_not_fit_begins_a_further_object() {
    let bucket = bucket();
    let lines = [r#"{"a":1}"#, r#"{"a":2}"#];
    let more = [r#"{"a":3}"#, r#"{"b":1,"a":4}"#, r#"{"a":5}"#];
    let kit = Kit::default();
    kit.run(&bucket, vec![batch("s", &lines), batch("s", &more)])
        .await;
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s-00002.lines": "#a,b\n{\"b\":1,\"a\":4}\n{\"a\":5}\n",
        "s.lines": "#a\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n",
    }
    "##);
}

#[tokio::test]
async fn columns_that_must_not_change_fail_the_run() {
    let bucket = bucket();
    let kit = Kit {
        schema_change: SchemaChange::Fail,
        ..Kit::default()
    };
    let batches = vec![batch("s", &[r#"{"a":1}"#]), batch("s", &[r#"{"b":1}"#])];
    let outcome = kit.run(&bucket, batches).await;
    let Ending::Failed(error) = outcome.ending else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        error.to_string(),
        "keep the columns of stream s as they are: no column b yet, found a value"
    );
    assert!(objects(&bucket).is_empty());
}

#[tokio::test]
async fn append_takes_the_next_free_number() {
    let bucket = bucket();
    for text in [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#] {
        Kit::default().run(&bucket, vec![batch("s", &[text])]).await;
    }
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s-00002.lines": "#a\n{\"a\":2}\n",
        "s-00003.lines": "#a\n{\"a\":3}\n",
        "s.lines": "#a\n{\"a\":1}\n",
    }
    "##);
}

/// Whether objects are put or sent in parts.
#[tokio::test]
async fn append_goes_without_a_condition_where_the_store_knows_none() {
    let bucket = bucket_without_if_absent();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(300));
    for text in [r#"{"a":1}"#, &long, r#"{"a":3}"#] {
        let outcome = Kit::default().run(&bucket, vec![batch("s", &[text])]).await;
        assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    }
    let keys: Vec<String> = objects(&bucket).into_keys().collect();
    assert_eq!(keys, ["s-00002.lines", "s-00003.lines", "s.lines"]);
}

/// Looking for each number in a row would take hundreds of requests here.
#[tokio::test]
async fn a_key_that_was_appended_to_often_is_found_by_few_requests() {
    let bucket = bucket();
    let kit = Kit {
        roll: RollPolicy {
            rows_max: Some(1),
            ..RollPolicy::default()
        },
        ..Kit::default()
    };
    let lines = vec![r#"{"a":1}"#; 300];
    kit.run(&bucket, vec![batch("s", &lines)]).await;
    let next = async |expect: [&str; 2]| {
        let before = objects(&bucket);
        let asked = bucket.calls().len();
        let more = vec![batch("s", &lines[..2])];
        let outcome = Kit::run(&kit, &bucket, more).await;
        let keys = outcome.receipts.iter().map(|receipt| receipt.key.as_str());
        assert_eq!(keys.collect::<Vec<_>>(), expect);
        let asked = bucket.calls().len() - asked;
        assert!(asked < 25, "{asked} requests");
        let after = objects(&bucket);
        assert!(before.iter().all(|(key, text)| after[key] == *text));
    };
    next(["s-00301.lines", "s-00302.lines"]).await;
    // In a gap it fits too.
    let gap = ObjectKey::new("s.lines").expect("a key");
    bucket.delete(&gap).await.expect("deleted");
    next(["s.lines", "s-00303.lines"]).await;
}

#[tokio::test]
async fn overwrite_replaces_what_an_earlier_run_wrote_and_nothing_of_its_own() {
    let bucket = bucket();
    let roll = RollPolicy {
        rows_max: Some(1),
        ..RollPolicy::default()
    };
    let kit = Kit {
        write: WriteMode::Overwrite,
        roll,
        ..Kit::default()
    };
    kit.run(&bucket, vec![batch("s", &[r#"{"a":1}"#, r#"{"a":2}"#])])
        .await;
    kit.run(&bucket, vec![batch("s", &[r#"{"a":3}"#])]).await;
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s-00002.lines": "#a\n{\"a\":2}\n",
        "s.lines": "#a\n{\"a\":3}\n",
    }
    "##);
}

#[tokio::test]
async fn routes_whose_keys_read_alike_are_numbered() {
    let bucket = bucket();
    let kit = Kit {
        key: "{cursor_day}.lines",
        cursor_field: Some("at"),
        ..Kit::default()
    };
    let lines = [r#"{"at":"2025-03-14"}"#, r#"{"at":"2025-04-14"}"#];
    let outcome = kit.run(&bucket, vec![batch("s", &lines)]).await;
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "14-00002.lines": "#at\n{\"at\":\"2025-04-14\"}\n",
        "14.lines": "#at\n{\"at\":\"2025-03-14\"}\n",
    }
    "##);
    assert_eq!((outcome.routes, outcome.distinct_routes), (2, 1));
}

#[tokio::test]
async fn a_long_object_is_sent_in_parts_and_a_short_one_is_put() {
    let bucket = bucket();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(200));
    let outcome = Kit::default()
        .run(
            &bucket,
            vec![batch("long", &[&long]), batch("short", &[r#"{"a":1}"#])],
        )
        .await;
    let parts: Vec<_> = outcome
        .receipts
        .iter()
        .map(|receipt| receipt.parts)
        .collect();
    assert_eq!(parts, [4, 1]);
    let puts = bucket
        .calls()
        .iter()
        .filter(|call| call.operation == Operation::Put)
        .count();
    assert_eq!(puts, 1);
    assert_eq!(bucket.pending_uploads(), 0);
}

#[tokio::test]
async fn an_empty_stream_makes_no_object() {
    let bucket = bucket();
    let outcome = Kit::default().run(&bucket, vec![batch("s", &[])]).await;
    assert!(matches!(outcome.ending, Ending::Done));
    assert!(objects(&bucket).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_full_memory_seals_the_coldest_object() {
    let bucket = bucket();
    let mut kit = by_day();
    kit.memory.open_bytes = 600;
    let day = |day: usize| format!(r#"{{"at":"2025-04-{day:02}","pad":"{}"}}"#, "x".repeat(100));
    let days: Vec<String> = (1..=9).map(day).collect();
    let batches = days.iter().map(|line| batch("s", &[line])).collect();
    let outcome = kit.run(&bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!(objects(&bucket).len(), 9);
}

#[tokio::test]
async fn numbers_follow_the_order_of_the_records_where_keys_are_taken() {
    let bucket = bucket();
    let roll = RollPolicy {
        rows_max: Some(1),
        ..RollPolicy::default()
    };
    let kit = Kit {
        roll,
        ..Kit::default()
    };
    let lines: Vec<String> = (0..9).map(|n| format!(r#"{{"a":{n}}}"#)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    kit.run(&bucket, vec![batch("s", &lines[..3])]).await;
    let outcome = kit.run(&bucket, vec![batch("s", &lines)]).await;
    let objects = objects(&bucket);
    for (receipt, line) in outcome.receipts.iter().zip(&lines) {
        assert_eq!(objects[receipt.key.as_str()], format!("#a\n{line}\n"));
    }
    let keys: Vec<&str> = outcome
        .receipts
        .iter()
        .map(|receipt| receipt.key.as_str())
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

#[tokio::test]
async fn the_hour_that_is_shown_twice() {
    let bucket = bucket();
    let lines = [
        r#"{"at":"2013-11-03T05:30:00Z"}"#,
        r#"{"at":"2013-11-03T06:30:00Z"}"#,
    ];
    let kit = Kit {
        zone: "America/New_York",
        ..by_day()
    };
    let seconds = Kit {
        key: "{cursor_iso_date_time}",
        ..kit
    };
    seconds.run(&bucket, vec![batch("s", &lines)]).await;
    let keys: Vec<String> = objects(&bucket).into_keys().collect();
    assert_eq!(
        keys,
        ["2013-11-03T01:30:00-04:00", "2013-11-03T01:30:00-05:00"]
    );
    // An hour that is shown twice is one period of the calendar.
    let hours = Kit {
        key: "{cursor_hour}",
        zone: "America/New_York",
        ..by_day()
    };
    let outcome = hours.run(&bucket, vec![batch("s", &lines)]).await;
    assert_eq!(outcome.receipts.len(), 1);
}

#[tokio::test]
async fn records_without_a_cursor_go_where_optional_macros_have_vanished() {
    let bucket = bucket();
    let kit = Kit {
        key: "{cursor_year?}/{cursor_month?}/x.lines",
        ..by_day()
    };
    let lines = [
        r#"{"at":"2025-04-14"}"#,
        r#"{"at":null}"#,
        r#"{"at":""}"#,
        r#"{"at":"2025-05-14"}"#,
        "{}",
    ];
    let typed: ArrayRef = Arc::new(StringArray::from(vec![Some("2025-04-15"), None]));
    let without: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let batches = vec![
        batch("s", &lines),
        columns("s", &[("at", typed)]),
        columns("s", &[("b", without)]),
    ];
    let outcome = kit.run(&bucket, batches).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "2025/04/x.lines": "#at\n{\"at\":\"2025-04-14\"}\n{\"at\":\"2025-04-15\"}\n",
        "2025/05/x.lines": "#at\n{\"at\":\"2025-05-14\"}\n",
        "x-00002.lines": "#at,b\n{\"b\":\"1\"}\n",
        "x.lines": "#at\n{\"at\":null}\n{\"at\":\"\"}\n{}\n{}\n",
    }
    "##);
}

#[tokio::test]
async fn one_macro_that_is_not_optional_needs_a_cursor() {
    let bucket = bucket();
    let kit = Kit {
        key: "{cursor_year?}/{cursor_month}.lines",
        ..by_day()
    };
    let outcome = kit.run(&bucket, vec![batch("s", &["{}"])]).await;
    assert!(matches!(outcome.ending, Ending::Failed(_)), "{outcome:?}");
}
