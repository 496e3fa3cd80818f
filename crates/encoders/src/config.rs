//! The encoding that a configuration asks for.

use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde::Deserialize;
use spile_core::Encoding;

use crate::csv::{CsvEncoding, Dialect};
use crate::format::{self, Format, UnknownFormat};
use crate::jsonl::JsonlEncoding;
use crate::parquet::ParquetEncoding;
use crate::sink::{Codec, Gzip};

/// A format and its options, as a person wrote them. What is left out has its default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncodingConfig {
    /// The format's name: `csv`, `csv.gz`, `csv.zst`, `jsonl`, `jsonl.gz`, `jsonl.zst`, `parquet`.
    pub format: String,
    /// Options of the csv formats.
    pub csv: CsvConfig,
    /// Options of the `.gz` formats.
    pub gzip: GzipConfig,
    /// Options of the `.zst` formats.
    pub zstd: ZstdConfig,
    /// Options of parquet.
    pub parquet: ParquetConfig,
}

/// Options of csv.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvConfig {
    /// Stands between fields, `,` by default: one ASCII character that no number is written with.
    pub delimiter: Option<char>,
    /// Stands around fields that need it, `"` by default.
    pub quote: Option<char>,
    /// Stands for a null, nothing by default. An empty text is `""` in any case.
    pub null: Option<String>,
    /// Whether the first line names the columns, `true` by default.
    pub header: Option<bool>,
}

/// Options of gzip.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GzipConfig {
    /// From 0 (none) to 9 (smallest), 3 by default.
    pub level: Option<u32>,
}

/// Options of Zstandard.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZstdConfig {
    /// From 1 (quickest) to 22 (smallest), 3 by default.
    pub level: Option<i32>,
}

/// Options of parquet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParquetConfig {
    /// `zstd` (the default), `snappy`, `gzip`, `lz4` or `none`.
    pub compression: Option<String>,
    /// Of zstd from 1 to 22, by default 1; of gzip from 0 to 9, by default 6.
    pub level: Option<u32>,
    /// Encoded bytes of a row group, by default 32 MiB.
    pub row_group_bytes: Option<usize>,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingConfigError {
    /// A format that nobody knows.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// An option that objects of this format have no use for.
    #[error("use the option `{option}` in the format {format}")]
    NotForFormat {
        /// The option, as a dotted path.
        option: &'static str,
        /// The format.
        format: Format,
    },
    /// An option whose value is out of the question.
    #[error("set the option `{option}` to `{value}`: {hint}")]
    Value {
        /// The option, as a dotted path.
        option: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        hint: &'static str,
    },
}

/// Where more time stops to pay: the next level takes half as long again of csv for a twentieth less, and a
/// third longer of jsonl for a tenth less.
const GZIP_LEVEL: u32 = 3;
const PARQUET_GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;
const PARQUET_ZSTD_LEVEL: u32 = 1;
const ROW_GROUP_BYTES: usize = 32 << 20;

/// The encoding that a configuration asks for.
///
/// # Errors
/// Everything that is wrong with it.
pub fn resolve(config: &EncodingConfig) -> Result<Arc<dyn Encoding>, Vec<EncodingConfigError>> {
    let mut faults = Faults::default();
    let format = faults.note(Format::parse(&config.format).map_err(Into::into));
    if let Some(format) = format {
        faults.0.extend(unused(config, format));
    }
    let dialect = faults.dialect(&config.csv);
    let gzip = faults.gzip_level("gzip.level", config.gzip.level.unwrap_or(GZIP_LEVEL));
    let zstd = faults.zstd_level(config.zstd.level);
    let compression = faults.compression(&config.parquet);
    let row_group_bytes = faults.row_group_bytes(config.parquet.row_group_bytes);
    let (Some(format), true) = (format, faults.0.is_empty()) else {
        return Err(faults.0);
    };
    let codec = match format.compression() {
        format::Compression::None => Codec::None,
        format::Compression::Gzip => Codec::Gzip(Gzip::new(gzip)),
        format::Compression::Zstd => Codec::Zstd { level: zstd },
    };
    let header = config.csv.header.unwrap_or(true);
    Ok(match format {
        Format::Csv(_) => Arc::new(CsvEncoding {
            format,
            codec,
            dialect,
            header,
        }),
        Format::Jsonl(_) => Arc::new(JsonlEncoding { format, codec }),
        Format::Parquet => {
            let properties = Arc::new(properties(compression, row_group_bytes));
            Arc::new(ParquetEncoding { properties })
        }
    })
}

/// Row groups end by their bytes, so that memory is bounded however wide the rows are. Statistics
/// are kept for each page, so that readers can skip.
fn properties(compression: Compression, row_group_bytes: usize) -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("spile".to_owned())
        .set_compression(compression)
        .set_max_row_group_bytes(Some(row_group_bytes))
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Page)
        .build()
}

/// Options that are set but that the format has no use for.
fn unused(config: &EncodingConfig, format: Format) -> impl Iterator<Item = EncodingConfigError> {
    let csv = matches!(format, Format::Csv(_));
    let gzip = format.compression() == format::Compression::Gzip;
    let zstd = format.compression() == format::Compression::Zstd;
    let parquet = format == Format::Parquet;
    let options = [
        ("csv.delimiter", config.csv.delimiter.is_some(), csv),
        ("csv.quote", config.csv.quote.is_some(), csv),
        ("csv.null", config.csv.null.is_some(), csv),
        ("csv.header", config.csv.header.is_some(), csv),
        ("gzip.level", config.gzip.level.is_some(), gzip),
        ("zstd.level", config.zstd.level.is_some(), zstd),
        (
            "parquet.compression",
            config.parquet.compression.is_some(),
            parquet,
        ),
        ("parquet.level", config.parquet.level.is_some(), parquet),
        (
            "parquet.row_group_bytes",
            config.parquet.row_group_bytes.is_some(),
            parquet,
        ),
    ];
    let unused = options.into_iter().filter(|(_, set, used)| *set && !used);
    unused.map(move |(option, ..)| EncodingConfigError::NotForFormat { option, format })
}

/// Gathers what is wrong; values that are wrong read as their defaults meanwhile.
#[derive(Default)]
struct Faults(Vec<EncodingConfigError>);

impl Faults {
    fn note<T>(&mut self, read: Result<T, EncodingConfigError>) -> Option<T> {
        read.map_err(|fault| self.0.push(fault)).ok()
    }

    fn refuse(&mut self, option: &'static str, value: &impl ToString, hint: &'static str) {
        self.0.push(EncodingConfigError::Value {
            option,
            value: value.to_string(),
            hint,
        });
    }

    fn dialect(&mut self, csv: &CsvConfig) -> Dialect {
        let delimiter = self.separator("csv.delimiter", csv.delimiter.unwrap_or(','));
        let quote = self.separator("csv.quote", csv.quote.unwrap_or('"'));
        let null = csv.null.clone().unwrap_or_default();
        if delimiter == quote {
            self.refuse(
                "csv.delimiter",
                &char::from(delimiter),
                "it is the quote too",
            );
        }
        let breaks = ['\n', '\r', char::from(delimiter), char::from(quote)];
        if null.contains(breaks) {
            self.refuse(
                "csv.null",
                &null,
                "no delimiter, quote or line break can be in it",
            );
        }
        Dialect {
            delimiter,
            quote,
            null: null.into_bytes().into(),
        }
    }

    fn separator(&mut self, option: &'static str, value: char) -> u8 {
        const HINT: &str =
            "one ASCII character that is no letter, digit, space, line break or `+-.`";
        let usable = value == '\t' || value.is_ascii_punctuation();
        if !usable || "+-.".contains(value) {
            self.refuse(option, &value.escape_default(), HINT);
        }
        u8::try_from(value).unwrap_or(b',')
    }

    fn gzip_level(&mut self, option: &'static str, level: u32) -> u32 {
        if level > 9 {
            self.refuse(option, &level, "from 0 to 9");
        }
        level
    }

    fn zstd_level(&mut self, level: Option<i32>) -> i32 {
        let level = level.unwrap_or(ZSTD_LEVEL);
        if !(1..=22).contains(&level) {
            self.refuse("zstd.level", &level, "from 1 to 22");
        }
        level
    }

    fn compression(&mut self, parquet: &ParquetConfig) -> Compression {
        let name = parquet.compression.as_deref().unwrap_or("zstd");
        let plain = match name {
            "zstd" => return self.parquet_zstd(parquet.level),
            "gzip" => return self.parquet_gzip(parquet.level),
            "snappy" => Compression::SNAPPY,
            "lz4" => Compression::LZ4_RAW,
            "none" => Compression::UNCOMPRESSED,
            _ => {
                self.refuse(
                    "parquet.compression",
                    &name,
                    "zstd, snappy, gzip, lz4 or none",
                );
                return Compression::UNCOMPRESSED;
            }
        };
        if let Some(level) = parquet.level {
            self.refuse("parquet.level", &level, "only zstd and gzip have levels");
        }
        plain
    }

    fn parquet_zstd(&mut self, level: Option<u32>) -> Compression {
        let level = level.unwrap_or(PARQUET_ZSTD_LEVEL);
        let checked = i32::try_from(level)
            .ok()
            .and_then(|level| ZstdLevel::try_new(level).ok());
        if checked.is_none() {
            self.refuse("parquet.level", &level, "from 1 to 22");
        }
        Compression::ZSTD(checked.unwrap_or_default())
    }

    fn parquet_gzip(&mut self, level: Option<u32>) -> Compression {
        let level = self.gzip_level("parquet.level", level.unwrap_or(PARQUET_GZIP_LEVEL));
        Compression::GZIP(GzipLevel::try_new(level).unwrap_or_default())
    }

    fn row_group_bytes(&mut self, bytes: Option<usize>) -> usize {
        const SMALLEST: usize = 64 << 10;
        let bytes = bytes.unwrap_or(ROW_GROUP_BYTES);
        if bytes < SMALLEST {
            self.refuse("parquet.row_group_bytes", &bytes, "at least 65536");
        }
        bytes
    }
}

#[cfg(test)]
mod tests;
