//! In how many parts objects are sent.

use spile_core::{Ending, PublishMode, RollPolicy};

use crate::kit::{Kit, batch, bucket, objects};

/// The length of the kit's parts.
const PART: usize = 64;
const HEADER: &str = "#a\n";

/// A record that makes an object of a length.
fn record_for(bytes: usize) -> String {
    let frame = HEADER.len() + "{\"a\":\"\"}\n".len();
    format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - frame))
}

#[tokio::test]
async fn objects_around_multiples_of_the_part() {
    for publish in [PublishMode::Object, PublishMode::Run] {
        for bytes in [
            PART - 1,
            PART,
            PART + 1,
            3 * PART - 1,
            3 * PART,
            3 * PART + 1,
        ] {
            let bucket = bucket();
            let kit = Kit {
                publish,
                ..Kit::default()
            };
            let outcome = kit
                .run(&bucket, vec![batch("s", &[&record_for(bytes)])])
                .await;
            let receipt = &outcome.receipts[0];
            let parts = bytes.div_ceil(PART) as u32;
            assert_eq!(
                (receipt.bytes, receipt.parts),
                (bytes as u64, parts),
                "{publish:?}"
            );
            let text = &objects(&bucket)["s.lines"];
            assert_eq!(*text, format!("{HEADER}{}\n", record_for(bytes)));
            assert_eq!(bucket.pending_uploads(), 0);
        }
    }
}

#[tokio::test]
async fn a_further_object_begins_before_a_store_takes_no_more_parts() {
    let bucket = bucket();
    let kit = Kit {
        roll: RollPolicy {
            bytes_max: u64::MAX,
            ..RollPolicy::default()
        },
        ..Kit::default()
    };
    let line = format!("{{\"a\":\"{}\"}}", "x".repeat(191));
    // A batch is shorter than a few parts, as it is where those are of a real store.
    let lines = [line.as_str(); 2];
    let batches = (0..2_000).map(|_| batch("s", &lines)).collect();
    let outcome = kit.run(&bucket, batches).await;
    assert!(
        matches!(outcome.ending, Ending::Done),
        "{:?}",
        outcome.ending
    );
    let parts: Vec<u32> = outcome
        .receipts
        .iter()
        .map(|receipt| receipt.parts)
        .collect();
    assert!(parts.iter().sum::<u32>() > 10_000, "{parts:?}");
    assert!(parts.iter().all(|parts| *parts <= 10_000), "{parts:?}");
    let rows: u64 = outcome.receipts.iter().map(|receipt| receipt.rows).sum();
    assert_eq!(rows, 4_000);
}
