//! Records that are shaped on their way, and streams that are declared anew.

use arrow::datatypes::{DataType, Field};
use insta::assert_debug_snapshot;
use spile_core::{
    Ending, Message, QuarantinedRecord, Reshape, ReshapeConfig, SourceError, declared_schema,
};

use crate::kit::{Kit, batch, bucket, declaration, objects};

fn renamed(from: &str, to: &str) -> Option<Reshape> {
    let config = ReshapeConfig {
        rename: [(from.to_owned(), to.to_owned())].into(),
        ..ReshapeConfig::default()
    };
    Reshape::new(&config).expect("names")
}

fn records(stream: &str, lines: &[&str]) -> Result<Message, SourceError> {
    batch(stream, lines).map(Message::Batch)
}

/// What is open of it is sealed, what is open of others isn't; its columns come before those that it
/// had.
#[tokio::test]
async fn a_stream_that_is_declared_anew_has_its_new_columns_first() {
    let bucket = bucket();
    let messages = vec![
        Ok(declaration("s", &["a", "b"])),
        records("s", &[r#"{"a":1}"#, r#"{"c":2}"#]),
        records("t", &[r#"{"a":1}"#]),
        Ok(declaration("s", &["d", "b"])),
        records("t", &[r#"{"a":2}"#]),
        records("s", &[r#"{"a":3,"d":4}"#]),
    ];
    let outcome = Kit::default().run_messages(&bucket, messages).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_eq!((outcome.routes, outcome.distinct_routes), (2, 2));
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "s-00002.lines": "#d,b,a,c\n{\"a\":3,\"d\":4}\n",
        "s.lines": "#a,b,c\n{\"a\":1}\n{\"c\":2}\n",
        "t.lines": "#a\n{\"a\":1}\n{\"a\":2}\n",
    }
    "##);
}

#[tokio::test]
async fn a_cursor_goes_by_its_new_name() {
    let bucket = bucket();
    let kit = Kit {
        key: "{cursor_day}.lines",
        cursor_field: Some("at"),
        reshape: renamed("ts", "at"),
        ..Kit::default()
    };
    let lines = [
        r#"{"n":1,"ts":"2025-04-13"}"#,
        r#"{"n":2,"ts":"2025-04-14"}"#,
    ];
    let outcome = kit.run_messages(&bucket, vec![records("s", &lines)]).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    assert_debug_snapshot!(objects(&bucket), @r##"
    {
        "13.lines": "#at,n\n{\"n\":1,\"at\":\"2025-04-13\"}\n",
        "14.lines": "#at,n\n{\"n\":2,\"at\":\"2025-04-14\"}\n",
    }
    "##);
}

/// A record that a declared column doesn't take is told and kept as it was read, not as it would have
/// been loaded.
#[tokio::test]
async fn a_bad_record_is_told_as_it_was_read() {
    let kit = |bad_records_max| Kit {
        reshape: renamed("old", "new"),
        declared: Some(declared_schema([Field::new("new", DataType::Int64, true)])),
        bad_records_max,
        ..Kit::default()
    };
    let lines = [
        r#"{"old":1, "pad":"longer than it is afterwards"}"#,
        r#"{"new_":2}"#,
        r#"{"old":3}"#,
    ];
    let messages = || vec![records("s", &lines)];
    let failed = kit(None).run_messages(&bucket(), messages()).await;
    let Ending::Failed(error) = failed.ending else {
        panic!("{failed:?}");
    };
    assert!(error.to_string().contains("line 2 of test"), "{error}");
    let bucket = bucket();
    let outcome = kit(Some(9)).run_messages(&bucket, messages()).await;
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let objects = objects(&bucket);
    assert_debug_snapshot!(objects["s.lines"], @r##""#new,pad\n{\"new\":1, \"pad\":\"longer than it is afterwards\"}\n{\"new\":3}\n""##);
    let aside = objects.iter().find(|(key, _)| key.starts_with("_spile/"));
    let (_, aside) = aside.expect("an object of bad records");
    let aside: QuarantinedRecord = serde_json::from_str(aside.trim_end()).expect("a line");
    assert_eq!(aside.record.as_deref(), Some(r#"{"new_":2}"#));
    assert_eq!(aside.line, Some(2));
}
