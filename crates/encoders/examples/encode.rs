//! JSON lines from stdin to a parquet file: `cargo run --example encode < in.jsonl out.parquet`

use std::error::Error;
use std::io::Read;

use bytes::Bytes;
use spile_core::{JsonRecords, Records, Span, json};
use spile_encoders::{EncodingConfig, Format, resolve};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a file to write")?;
    let format = Format::from_key(&path).ok_or("name it by its format, like x.parquet")?;
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;

    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split(|byte| *byte == b'\n') {
        if !line.is_empty() {
            json::check(line)?;
            spans.push(Span {
                start: u32::try_from(start)?,
                end: u32::try_from(start + line.len())?,
            });
        }
        start += line.len() + 1;
    }
    let records = Records::Json(JsonRecords::new(Bytes::from(text), spans)?);

    let config = EncodingConfig {
        format: format.to_string(),
        ..EncodingConfig::default()
    };
    let encoding = resolve(&config).map_err(|faults| faults[0].clone())?;
    let schema = encoding.schema(None, &records)?;
    let mut encoder = encoding.encoder(&schema)?;
    encoder.write(&records)?;
    let mut object = encoder.take_output();
    object.extend(encoder.finish()?);
    std::fs::write(path, object)?;
    Ok(())
}
