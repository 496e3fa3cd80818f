//! Counts the records of each stream in some files: `count 'logs/*.jsonl.gz' flights.csv`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stdout};

use spile_core::{Source, StreamName};
use spile_sources::{InputConfig, open};

fn main() -> Result<(), Box<dyn Error>> {
    let paths = std::env::args().skip(1).collect();
    let stream = Some(StreamName::new("stdin"));
    let config = InputConfig {
        paths,
        ..InputConfig::default()
    };
    let is_stdin = config.paths == ["-"];
    let config = if is_stdin {
        InputConfig { stream, ..config }
    } else {
        config
    };

    let mut counts: BTreeMap<StreamName, usize> = BTreeMap::new();
    for batch in open(&config)?.into_source().batches() {
        let batch = batch?;
        *counts.entry(batch.stream).or_default() += batch.records.len();
    }
    for (stream, count) in counts {
        writeln!(stdout(), "{count}\t{stream}")?;
    }
    Ok(())
}
