//! The fields that Singer's targets add to the records of files.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use spile_core::{Batch, Message, Records};

use super::files::{Folder, batch, parquet};
use super::metadata::with_metadata;
use super::{SCHEMA_A, lines, messages, records, state};

/// The batches of a message, whose time of extraction may be told.
fn batches(format: &str, file: &[u8], extracted: Option<&str>) -> Vec<Batch> {
    let folder = Folder::new();
    let path = folder.write("1", file);
    let extracted = extracted.map(|time| format!("\"time_extracted\":\"{time}\",\"type\""));
    let batch = batch("a", format, &[&path]);
    let told = batch.replace("\"type\"", extracted.as_deref().unwrap_or("\"type\""));
    let told = told.replace("\"stream\"", "\"version\":7,\"stream\"");
    let input = lines(&[SCHEMA_A, &told, &state("1")]);
    let (messages, error) = messages(&with_metadata(1 << 20), &input);
    assert!(error.is_none(), "{error:?}");
    let batches = messages.into_iter().filter_map(|message| match message {
        Message::Batch(batch) => Some(batch),
        _ => None,
    });
    batches.collect()
}

/// Where a record was read is known by the line breaks before it, also of those that are bad.
#[test]
fn lines_get_them_and_are_still_where_they_were_read() {
    let line = |number: u64| match number % 7 {
        0 => "\n".to_owned(),
        3 => "{\n".to_owned(),
        _ => format!("{{\"line\":{number}}} \n"),
    };
    let file: String = (1..6_000).map(line).collect();
    let batches = batches("jsonl", file.as_bytes(), Some("2025-04-14T11:23:45Z"));
    let (mut good, mut bad) = (0, 0);
    for batch in &batches {
        assert!(batch.records.len() <= 4_096);
        for (line, text) in records(batch) {
            let record: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(record["line"], line);
            assert_eq!(record["_sdc_extracted_at"], "2025-04-14T11:23:45Z");
            assert_eq!(record["_sdc_received_at"], record["_sdc_batched_at"]);
            assert!(record["_sdc_sequence"].as_i64() > Some(1_700_000_000_000));
            assert_eq!(record["_sdc_table_version"], 7);
            assert_eq!(record["_sdc_deleted_at"], Value::Null);
            good += 1;
        }
        for rejected in &batch.rejected {
            assert_eq!(rejected.position.number % 7, 3);
            assert!(rejected.before <= batch.records.len());
            bad += 1;
        }
    }
    assert_eq!((good, bad), (4_285, 857));
    let bytes: u64 = batches.iter().map(|batch| batch.input_bytes).sum();
    assert_eq!(bytes, file.len() as u64);
}

/// The columns of the one batch of a file.
fn columns(file: &[u8], extracted: Option<&str>) -> RecordBatch {
    let mut batches = batches("parquet", file, extracted);
    let Some(Records::Columns(columns)) = batches.pop().map(|batch| batch.records) else {
        panic!("no columns");
    };
    assert!(batches.is_empty());
    columns
}

#[test]
fn columns_get_them_behind_their_own() {
    let found = columns(&parquet(), Some("2025-04-14T11:23:45.5+02:00"));
    let schema = found.schema();
    let names: Vec<String> = schema.fields().iter().map(ToString::to_string).collect();
    let times = "Timestamp(µs, \"UTC\")";
    assert!(
        names[1].contains(times) && names[4].contains(times),
        "{names:?}"
    );
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    let expect = [
        "n",
        "_sdc_extracted_at",
        "_sdc_received_at",
        "_sdc_batched_at",
        "_sdc_deleted_at",
        "_sdc_sequence",
        "_sdc_table_version",
    ];
    assert_eq!(names, expect);
    let times = |at: usize| found.column(at).as_primitive::<TimestampMicrosecondType>();
    let numbers = |at: usize| found.column(at).as_primitive::<Int64Type>();
    assert_eq!(times(1).values(), &[1_744_622_625_500_000; 3]);
    assert_eq!(times(2), times(3));
    assert_eq!(times(4).null_count(), 3);
    assert_eq!(times(2).value(2), numbers(5).value(0) * 1_000);
    assert_eq!(numbers(6).values(), &[7; 3]);
}

/// As where a tap reads what was loaded before.
#[test]
fn columns_of_their_own_are_kept_where_nothing_else_is_known() {
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let rows = RecordBatch::try_from_iter([
        ("_sdc_deleted_at", text("deleted")),
        ("_sdc_sequence", text("sequence")),
        ("_sdc_extracted_at", text("extracted")),
        ("n", text("n")),
    ]);
    let rows = rows.expect("columns");
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), None).expect("a writer");
    writer.write(&rows).expect("written");
    let file = writer.into_inner().expect("ended");
    let value = |columns: &RecordBatch, name: &str| {
        let column = columns.column_by_name(name).expect("it is there");
        column
            .as_string_opt::<i32>()
            .map(|texts| texts.value(0).to_owned())
    };
    let own = columns(&file, None);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(own.num_columns(), 7);
    assert_eq!(value(&own, "n"), text("n"));
    assert_eq!(value(&own, "_sdc_deleted_at"), text("deleted"));
    assert_eq!(value(&own, "_sdc_extracted_at"), text("extracted"));
    assert_eq!(value(&own, "_sdc_sequence"), None);
    // Finer than microseconds it stays a text.
    let fine = "2025-04-14T11:23:45.123456789Z";
    let told = columns(&file, Some(fine));
    assert_eq!(value(&told, "_sdc_extracted_at"), text(fine));
}
