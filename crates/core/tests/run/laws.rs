//! Laws of every run: each record lands in exactly one object, in order, in that of its period.

use proptest::prelude::*;
use spile_core::{Ending, RollPolicy};

use crate::kit::{Kit, batch, bucket, objects};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_record_lands_once(
        days in prop::collection::vec(1_u32..6, 1..80),
        per_batch in 1_usize..20,
        rows_max in prop::option::of(1_u64..9),
        open_bytes in 200_usize..4_000,
        extra in prop::collection::vec(any::<bool>(), 80),
    ) {
        let mut kit = Kit {
            key: "{cursor_day}.lines",
            cursor_field: Some("at"),
            roll: RollPolicy { rows_max, ..RollPolicy::default() },
            ..Kit::default()
        };
        kit.memory.open_bytes = open_bytes;
        let line = |(at, day): (usize, &u32)| {
            let extra = if extra[at] { r#","b":1"# } else { "" };
            format!(r#"{{"at":"2025-04-{day:02}","n":{at}{extra}}}"#)
        };
        let lines: Vec<String> = days.iter().enumerate().map(line).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let batches = lines.chunks(per_batch).map(|lines| batch("s", lines)).collect();
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
                .map(|line| (*line).to_owned())
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
