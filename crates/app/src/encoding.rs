//! The encoding of a stream, of the settings that its format knows.

use std::sync::Arc;

use spile_core::Encoding;
use spile_encoders::{
    CsvConfig, EncodingConfig, EncodingConfigError, Format, GzipConfig, ParquetConfig, ZstdConfig,
};

use crate::config::{ConfigFault, ConfigFaults, DestinationSettings};

/// The encoding of a format. The destination's options for other formats are other streams'.
pub(crate) fn resolve(
    format: Format,
    settings: &DestinationSettings,
) -> Result<Arc<dyn Encoding>, ConfigFaults> {
    let mut faults = ConfigFaults::default();
    let config = config(format, settings, &mut faults);
    let fault =
        |error: EncodingConfigError| ConfigFault::new("[destination]", format!("can't {error}"));
    let encoding = spile_encoders::resolve(&config)
        .map_err(|errors| faults.0.extend(errors.into_iter().map(fault)))
        .ok();
    faults.or(encoding)
}

/// What is wrong with the options of any format, whether a stream uses it or not.
pub(crate) fn faults(settings: &DestinationSettings) -> ConfigFaults {
    let mut faults = ConfigFaults::default();
    for format in Format::ALL {
        faults.note_all(resolve(format, settings).err().unwrap_or_default());
    }
    faults
}

/// The options that a format knows.
fn config(
    format: Format,
    settings: &DestinationSettings,
    faults: &mut ConfigFaults,
) -> EncodingConfig {
    let name = format.extension();
    let mut config = EncodingConfig {
        format: name.to_owned(),
        ..EncodingConfig::default()
    };
    if matches!(format, Format::Csv(_)) {
        config.csv = csv(settings, faults);
    }
    if name.ends_with(".gz") {
        config.gzip = GzipConfig {
            level: settings.gzip.level.map(|level| level.0),
        };
    }
    if name.ends_with(".zst") {
        config.zstd = ZstdConfig {
            level: settings.zstd.level.map(|level| level.0),
        };
    }
    if format == Format::Parquet {
        let parquet = &settings.parquet;
        let row_group_bytes = parquet.row_group_bytes;
        config.parquet = ParquetConfig {
            compression: parquet.compression.clone(),
            level: parquet.level.map(|level| level.0),
            row_group_bytes: row_group_bytes.and_then(|bytes| usize::try_from(bytes.0).ok()),
        };
    }
    config
}

fn csv(settings: &DestinationSettings, faults: &mut ConfigFaults) -> CsvConfig {
    let csv = &settings.csv;
    let mut character = |name: &str, text: &Option<String>| {
        faults.check(one_character(
            &format!("destination.csv.{name}"),
            text.as_deref()?,
        ))
    };
    CsvConfig {
        delimiter: character("delimiter", &csv.delimiter),
        quote: character("quote", &csv.quote),
        null: csv.null.clone(),
        header: csv.header,
    }
}

fn one_character(place: &str, text: &str) -> Result<char, ConfigFault> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ if text == "\\t" => Ok('\t'),
        _ => Err(ConfigFault::new(
            place,
            format!("`{text}` isn't one character"),
        )),
    }
}
