//! The fields that Singer's targets add to records.

use serde_json::{Value, json};
use spile_core::Message;

use super::{SCHEMA_A, SCHEMA_B, config, lines, messages, record, records, told, versioned};
use crate::{InputConfig, SingerConfig};

pub(super) fn with_metadata(batch_bytes: usize) -> InputConfig {
    InputConfig {
        singer: SingerConfig {
            record_metadata: true,
            ..SingerConfig::default()
        },
        batch_bytes,
        ..config()
    }
}

/// The records with their lines. What the clock says is looked at, and left out.
fn stamped(config: &InputConfig, input: &[String]) -> Vec<(u64, Value)> {
    let (messages, error) = messages(config, &lines(input));
    assert!(error.is_none(), "{error:?}");
    let batches = messages.iter().filter_map(|message| match message {
        Message::Batch(batch) => Some(records(batch)),
        _ => None,
    });
    let timeless = |(line, text): (u64, String)| {
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        let fields = value.as_object_mut().expect("an object");
        let received = fields.remove("_sdc_received_at").expect("it is there");
        assert_eq!(fields.remove("_sdc_batched_at"), Some(received.clone()));
        let received: chrono::DateTime<chrono::Utc> =
            received.as_str().expect("a text").parse().expect("a time");
        let sequence = fields.remove("_sdc_sequence").expect("it is there");
        assert_eq!(sequence, received.timestamp_millis());
        (line, value)
    };
    batches.flatten().map(timeless).collect()
}

#[test]
fn each_record_gets_them() {
    let extracted = |record: String| {
        record.replace(
            "\"type\"",
            "\"time_extracted\":\"2025-04-14T11:23:45.5+02:00\",\"type\"",
        )
    };
    let input = [
        SCHEMA_A.to_owned(),
        record("a", "{}"),
        extracted(versioned("a", "{ \"n\" : 1.10 }", 7)),
        record("a", "{\"_sdc_deleted_at\":\"2025-04-14\"}"),
    ];
    let fields = |extracted: Value, version: Value| {
        json!({
            "_sdc_extracted_at": extracted, "_sdc_deleted_at": null, "_sdc_table_version": version,
        })
    };
    let mut second = fields("2025-04-14T11:23:45.5+02:00".into(), 7.into());
    second["n"] = serde_json::from_str("1.10").expect("a number");
    let mut third = fields(Value::Null, Value::Null);
    third["_sdc_deleted_at"] = "2025-04-14".into();
    let expect = [
        (2, fields(Value::Null, Value::Null)),
        (4, third),
        (3, second),
    ];
    assert_eq!(stamped(&with_metadata(1 << 20), &input), expect);
}

/// The text of a record with them is no longer that of the input: its line is known all the same.
#[test]
fn records_are_still_where_they_were_read() {
    let mut input = vec![SCHEMA_A.to_owned(), SCHEMA_B.to_owned()];
    for line in 3..60_i64 {
        input.push(match line % 5 {
            0 => String::new(),
            1 => versioned("a", &format!("{{\"line\":{line}}}"), line % 2),
            2 => super::state("1"),
            _ => record(
                ["a", "b"][(line % 3 / 2) as usize],
                &format!("{{\"line\":{line}}}"),
            ),
        });
    }
    for batch_bytes in [1, 200, 1 << 20] {
        let found = stamped(&with_metadata(batch_bytes), &input);
        assert_eq!(found.len(), 35, "{batch_bytes}");
        for (line, record) in found {
            assert_eq!(record["line"], line, "{batch_bytes}");
        }
    }
}

#[test]
fn the_stream_has_their_columns() {
    let own = r#"{"type":"SCHEMA","stream":"a","key_properties":[],"schema":{"properties":{"_sdc_sequence":{"type":"string"},"n":{"type":"integer"}}}}"#;
    let told = told(&with_metadata(1 << 20), &lines(&[own, own]));
    let expect = "stream a _sdc_sequence:text n:int64 _sdc_extracted_at:timestamp_utc \
                  _sdc_received_at:timestamp_utc _sdc_batched_at:timestamp_utc \
                  _sdc_deleted_at:timestamp_utc _sdc_table_version:int64";
    assert_eq!(told, [expect]);
}
