//! Any bytes are read as a manifest or as an index, or refused; what was read is written as it was
//! understood.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spile_core::ledger::{Manifest, StreamIndex};

fuzz_target!(|input: &[u8]| {
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(input) {
        let text = serde_json::to_vec(&manifest).expect("it can be written");
        assert_eq!(
            serde_json::from_slice::<Manifest>(&text).ok(),
            Some(manifest)
        );
    }
    if let Ok(index) = serde_json::from_slice::<StreamIndex>(input) {
        let text = serde_json::to_vec(&index).expect("it can be written");
        assert_eq!(
            serde_json::from_slice::<StreamIndex>(&text).ok(),
            Some(index)
        );
    }
});
