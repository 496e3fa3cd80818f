//! Any bytes are read as JSON lines, or refused; what was read is encoded in every form without a
//! panic, and no record is lost on the way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spile_fuzz::load;
use spile_sources::InputFormat;

fuzz_target!(|input: &[u8]| {
    load(input, InputFormat::Jsonl);
});
