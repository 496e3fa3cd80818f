//! Any bytes are read as segments of a journal, or refused.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use spile_core::testing::read_journal;

fuzz_target!(|input: &[u8]| {
    let segments: Vec<Bytes> = input
        .split(|byte| *byte == 0)
        .map(Bytes::copy_from_slice)
        .collect();
    let read = read_journal(&segments);
    assert_eq!(read, read_journal(&segments), "it reads alike each time");
});
