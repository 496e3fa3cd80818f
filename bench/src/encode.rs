//! Writing objects.

use std::path::Path;
use std::sync::Arc;

use spile_core::{Encoding, Records};
use spile_encoders::{EncodingConfig, resolve};

use crate::{Failure, parse};

/// Records of a write where they aren't batches yet: about a mebibyte, as sources make them.
const WRITE: usize = 3_000;

/// A format with its defaults.
pub(crate) fn encoding(format: &str) -> Result<Arc<dyn Encoding>, Failure> {
    let config = EncodingConfig {
        format: format.to_owned(),
        ..EncodingConfig::default()
    };
    resolve(&config).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        faults.join(", ").into()
    })
}

/// Makes an object of batches.
pub(crate) fn encode(batches: &[Records], format: &str) -> Result<u64, Failure> {
    write(batches, format)?;
    Ok(batches.iter().map(|batch| batch.len() as u64).sum())
}

/// The object that the lines of a file make.
///
/// # Errors
/// The file isn't JSON lines, or a format that nobody knows.
pub fn object(path: &Path, format: &str) -> Result<Vec<u8>, Failure> {
    write(&[parse::lines(path)?], format)
}

fn write(batches: &[Records], format: &str) -> Result<Vec<u8>, Failure> {
    let encoding = encoding(format)?;
    // As in a run: what the first records have is the schema.
    let first = batches.first().ok_or("the input is empty")?;
    let schema = encoding.schema(None, &first.slice(0..first.len().min(WRITE)))?;
    let mut encoder = encoding.encoder(&schema)?;
    let mut object = Vec::new();
    for batch in batches {
        for start in (0..batch.len()).step_by(WRITE) {
            let end = batch.len().min(start + WRITE);
            encoder
                .write(&batch.slice(start..end))
                .map_err(|error| format!("write records: {error:?}"))?;
            object.append(&mut encoder.take_output());
        }
    }
    object.append(&mut encoder.finish()?);
    Ok(object)
}
