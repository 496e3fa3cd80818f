//! In how many parts objects are sent.

use std::sync::Arc;

use spile_core::testing::MemoryBucket;
use spile_core::{Ending, MemoryPlan, PartLimits, PublishMode, RollPolicy};

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

/// S3 takes 10,000; what counts is that the last part that it takes is never passed.
#[tokio::test]
async fn a_further_object_begins_before_a_store_takes_no_more_parts() {
    const PARTS_MAX: u32 = 40;
    let limits = PartLimits {
        bytes_min: 1,
        bytes_usual: 16 << 10,
        count_max: PARTS_MAX,
    };
    let bucket = Arc::new(MemoryBucket::new().with_part_limits(limits));
    let kit = Kit {
        roll: RollPolicy {
            bytes_max: u64::MAX,
            ..RollPolicy::default()
        },
        memory: MemoryPlan {
            open_bytes: 4 << 20,
            upload_bytes: 4 << 20,
            part_bytes: 16 << 10,
        },
        ..Kit::default()
    };
    let line = format!("{{\"a\":\"{}\"}}", "x".repeat(991));
    let lines = [line.as_str(); 20];
    let batches = (0..100).map(|_| batch("s", &lines)).collect();
    let outcome = kit.run(&bucket, batches).await;
    assert!(
        matches!(outcome.ending, Ending::Done),
        "{:?}",
        outcome.ending
    );
    let receipts = outcome.receipts.iter();
    let parts: Vec<u32> = receipts.map(|receipt| receipt.parts).collect();
    assert!(parts.iter().sum::<u32>() > 3 * PARTS_MAX, "{parts:?}");
    let range = 20..=PARTS_MAX;
    assert!(
        parts[..parts.len() - 1].iter().all(|it| range.contains(it)),
        "{parts:?}"
    );
    let rows: u64 = outcome.receipts.iter().map(|receipt| receipt.rows).sum();
    assert_eq!(rows, 2_000);
}
