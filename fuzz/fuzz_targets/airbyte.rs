//! Any bytes are read as messages of Airbyte, or refused, with a catalog and without, in each envelope:
//! what was read is encoded in every form without a panic, and a state that is given back is whole.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use spile_core::{Message, Selection};
use spile_fuzz::load_messages;
use spile_sources::{
    AirbyteConfig, Catalog, Envelope, InputConfig, InputFormat, with_destination_stats,
};

const CATALOG: &[u8] = br#"{"streams":[
    {"stream":{"name":"s","json_schema":{"properties":{"id":{"type":"integer"}}}},
        "destination_sync_mode":"overwrite","generation_id":2,"minimum_generation_id":2},
    {"stream":{"name":"s","namespace":"n"},"destination_sync_mode":"append"}]}"#;

static KNOWN: LazyLock<Arc<Catalog>> =
    LazyLock::new(|| Arc::new(Catalog::parse(CATALOG, &Selection::default()).expect("a catalog")));

fuzz_target!(|input: &[u8]| {
    for catalog in [None, Some(Arc::clone(&KNOWN))] {
        for envelope in [Envelope::None, Envelope::Columns, Envelope::Data] {
            let catalog = catalog.clone();
            let config = InputConfig {
                format: Some(InputFormat::Airbyte),
                airbyte: AirbyteConfig { catalog, envelope },
                ..InputConfig::default()
            };
            load_messages(input, config, |message| {
                if let Message::Checkpoint(state) = message {
                    counted(&state.text);
                }
            });
        }
    }
    // The other thing that others write.
    drop(Catalog::parse(input, &Selection::default()));
});

/// It is still JSON with its counts, and they are all that is new.
fn counted(state: &str) {
    let text = with_destination_stats(state, 2, 1);
    let message: serde_json::Value = match serde_json::from_str(&text) {
        Ok(message) => message,
        // Spile takes numbers and depths that this reader doesn't.
        Err(_) if serde_json::from_str::<serde_json::Value>(state).is_err() => return,
        Err(error) => panic!("{error}: {text}"),
    };
    let counts = &message["state"]["destinationStats"];
    assert_eq!(counts["recordCount"], 2.0, "{text}");
    assert_eq!(counts["rejectedRecordCount"], 1.0, "{text}");
}
