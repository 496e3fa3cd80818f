//! Laws of every run: each record lands in exactly one object, in order, in that of its period.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int8Array, StringArray, UInt64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use proptest::prelude::*;
use spile_core::{Batch, Ending, RollPolicy, SourceError};

use crate::kit::{Kit, batch, bucket, columns, objects};

/// A record with a column that comes and goes.
struct Record {
    day: u32,
    number: usize,
    extra: bool,
}

fn record((number, (day, extra)): (usize, (&u32, &bool))) -> Record {
    Record {
        day: *day,
        number,
        extra: *extra,
    }
}

impl Record {
    fn at(&self) -> String {
        format!("2025-04-{:02}", self.day)
    }

    fn line(&self) -> String {
        let extra = if self.extra { r#","b":"1""# } else { "" };
        format!(r#"{{"at":"{}","n":"{}"{extra}}}"#, self.at(), self.number)
    }
}

/// Records as lines of JSON, or as columns, of which those that are null throughout are left out.
fn batch_of(records: &[Record], typed: bool) -> Result<Batch, SourceError> {
    if !typed {
        let lines: Vec<String> = records.iter().map(Record::line).collect();
        return batch("s", &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let at = StringArray::from_iter_values(records.iter().map(Record::at));
    let at = cast(&at, &DataType::Date32).expect("dates");
    let number = UInt64Array::from_iter_values(records.iter().map(|record| record.number as u64));
    let extra = records.iter().map(|record| record.extra.then_some(1));
    let extra: ArrayRef = Arc::new(Int8Array::from_iter(extra));
    let mut all = vec![("at", at), ("n", Arc::new(number) as ArrayRef)];
    all.extend((extra.null_count() < extra.len()).then_some(("b", extra)));
    columns("s", &all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_record_lands_once(
        days in prop::collection::vec(1_u32..6, 1..80),
        per_batch in 1_usize..20,
        rows_max in prop::option::of(1_u64..9),
        open_bytes in 200_usize..4_000,
        extra in prop::collection::vec(any::<bool>(), 80),
        typed in prop::collection::vec(any::<bool>(), 80),
    ) {
        let mut kit = Kit {
            key: "{cursor_day}.lines",
            cursor_field: Some("at"),
            roll: RollPolicy { rows_max, ..RollPolicy::default() },
            ..Kit::default()
        };
        kit.memory.open_bytes = open_bytes;
        let records: Vec<Record> = days.iter().zip(&extra).enumerate().map(record).collect();
        let lines: Vec<String> = records.iter().map(Record::line).collect();
        let as_batch = |(records, typed): (&[Record], &bool)| batch_of(records, *typed);
        let batches = records.chunks(per_batch).zip(&typed).map(as_batch).collect();
        let bucket = bucket();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.expect("a runtime").block_on(kit.run(&bucket, batches));
        prop_assert!(matches!(outcome.ending, Ending::Done), "{:?}", outcome);

        let mut landed = Vec::new();
        let objects = objects(&bucket);
        for day in 1..6 {
            let prefix = format!("{day:02}");
            let keys = outcome.receipts.iter().map(|receipt| receipt.key.as_str());
            let records: Vec<String> = keys
                .filter(|key| key.starts_with(&prefix))
                .flat_map(|key| objects[key].lines())
                .filter(|line| !line.starts_with('#'))
                .map(str::to_owned)
                .collect();
            let of_day = format!(r#""2025-04-{day:02}""#);
            let expect: Vec<String> = lines
                .iter()
                .filter(|line| line.contains(&of_day))
                .cloned()
                .collect();
            prop_assert_eq!(&records, &expect, "day {}", day);
            landed.extend(records);
        }
        prop_assert_eq!(landed.len(), lines.len());
        if let Some(rows_max) = rows_max {
            prop_assert!(outcome.receipts.iter().all(|receipt| receipt.rows <= rows_max));
        }
    }
}
