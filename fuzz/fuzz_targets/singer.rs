//! Any bytes are read as Singer's messages, or refused: the same records, states and schemas wherever
//! the input is cut into batches, at the same lines where records get further fields. What was read is
//! encoded in every form without a panic, and no record is lost on the way.

#![no_main]

use std::collections::BTreeMap;
use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use spile_core::{Batch, Message, Records, Source, StreamName};
use spile_fuzz::load;
use spile_sources::{InputConfig, InputFormat, SingerConfig, open_with};

fuzz_target!(|input: &[u8]| {
    if names_files(input) {
        return;
    }
    let whole = said(input, 1 << 20, false);
    assert_eq!(said(input, 16, false), whole);
    let stamped = said(input, 16, true);
    assert_eq!(
        (stamped.lines(), &stamped.error),
        (whole.lines(), &whole.error)
    );
    load(input, InputFormat::Singer);
});

/// A BATCH names files, and a fuzzer is to read none of this machine.
fn names_files(input: &[u8]) -> bool {
    let lower = input.to_ascii_lowercase();
    lower.windows(5).any(|word| word == b"batch")
}

/// A stream, and a version of it.
type Key = (StreamName, Option<i64>);

#[derive(Debug, Default, PartialEq)]
struct Said {
    /// Of each stream and version, its records by their lines.
    records: BTreeMap<Key, Vec<(u64, Vec<u8>)>>,
    /// All else, each behind how many records were said before it.
    others: Vec<(usize, String)>,
    error: Option<String>,
}

impl Said {
    fn lines(&self) -> Vec<u64> {
        let records = self.records.values().flatten();
        records.map(|(line, _)| *line).collect()
    }

    fn add(&mut self, batch: &Batch) {
        let Records::Json(json) = &batch.records else {
            panic!("messages are JSON");
        };
        let lines = (0..).map(|index| batch.position_of(index).number);
        let records = lines.zip(json.iter().map(<[u8]>::to_vec));
        let key = (batch.stream.clone(), batch.generation);
        self.records.entry(key).or_default().extend(records);
    }
}

fn said(input: &[u8], batch_bytes: usize, record_metadata: bool) -> Said {
    let config = InputConfig {
        paths: vec!["-".to_owned()],
        format: Some(InputFormat::Singer),
        singer: SingerConfig {
            record_metadata,
            end_is_known: true,
        },
        batch_bytes,
        ..InputConfig::default()
    };
    let mut said = Said::default();
    let inputs = match open_with(&config, Cursor::new(input.to_vec())) {
        Ok(inputs) => inputs,
        Err(errors) => {
            said.error = Some(errors.to_string());
            return said;
        }
    };
    let mut source = inputs.into_source();
    let mut count = 0;
    loop {
        match source.next_messages() {
            Ok(Some(messages)) => {
                for message in &messages {
                    match message {
                        Message::Batch(batch) => {
                            said.add(batch);
                            count += batch.records.len();
                        }
                        other => said.others.push((count, format!("{other:?}"))),
                    }
                }
            }
            Ok(None) => return said,
            Err(error) => {
                said.error = Some(error.to_string());
                return said;
            }
        }
    }
}
