//! The format of Airbyte's objects, and what Spile has for it.

use spile_encoders::{Compression, Format};

use super::config::{
    Codec, CompressionConfig, Config, Flattening, FormatConfig, LinesConfig, Others,
};

/// What Spile writes instead of what Airbyte does.
pub(super) struct Written {
    pub(super) format: Format,
    /// The compression within parquet, as its setting has it.
    pub(super) parquet: Option<&'static str>,
    /// The end of Airbyte's keys, without a dot.
    pub(super) extension: &'static str,
    pub(super) losses: Vec<String>,
    pub(super) remarks: Vec<String>,
}

impl Written {
    fn of(format: Format) -> Self {
        Self {
            format,
            parquet: None,
            extension: format.extension(),
            losses: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

pub(super) fn written(config: &Config) -> Written {
    let mut written = match &config.format {
        FormatConfig::Csv(lines) => of_lines(lines, Format::Csv(compression(lines))),
        FormatConfig::Jsonl(lines) => of_lines(lines, Format::Jsonl(compression(lines))),
        FormatConfig::Avro(_) => of_avro(),
        FormatConfig::Parquet(parquet) => of_parquet(parquet.compression_codec),
    };
    let others = names(match &config.format {
        FormatConfig::Csv(lines) | FormatConfig::Jsonl(lines) => &lines.others,
        FormatConfig::Avro(avro) => &avro.others,
        FormatConfig::Parquet(parquet) => &parquet.others,
    });
    if !others.is_empty() {
        let remark = format!("Left out of the format, without a counterpart: {others}.");
        written.remarks.push(remark);
    }
    written
}

/// Names in a row.
pub(super) fn names(others: &Others) -> String {
    let names = others.keys().map(|name| name.escape_debug().to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// Where nothing is said, Airbyte compresses nothing.
fn compression(lines: &LinesConfig) -> Compression {
    match lines.compression {
        Some(CompressionConfig::Gzip) => Compression::Gzip,
        Some(CompressionConfig::None) | None => Compression::None,
    }
}

fn of_lines(lines: &LinesConfig, format: Format) -> Written {
    let mut written = Written::of(format);
    if !matches!(lines.flattening, Some(Flattening::Root)) {
        written.remarks.push(
            "Airbyte has each record as JSON in the field `_airbyte_data`, since flattening is off. \
             Spile writes the fields themselves, unless `airbyte.envelope` is `data`."
                .to_owned(),
        );
    }
    if lines.compression.is_none() {
        written.remarks.push(
            "No compression is set. Versions of the destination before 1.5 took that for gzip: if \
             yours does, add .gz to the format."
                .to_owned(),
        );
    }
    written
}

fn of_avro() -> Written {
    let mut written = Written::of(Format::Parquet);
    written.extension = "avro";
    written.losses.push(
        "Spile doesn't write Avro. The configuration says parquet, which has typed columns too; csv \
         and jsonl are the others."
            .to_owned(),
    );
    written
}

fn of_parquet(codec: Codec) -> Written {
    let mut written = Written::of(Format::Parquet);
    written.parquet = Some(match codec {
        Codec::Uncompressed => "none",
        Codec::Snappy => "snappy",
        Codec::Gzip => "gzip",
        Codec::Lz4 => "lz4",
        Codec::Zstd | Codec::Lzo | Codec::Brotli => "zstd",
    });
    match codec {
        Codec::Lzo | Codec::Brotli => written.losses.push(format!(
            "Spile doesn't compress parquet by {}. The configuration says zstd; snappy, gzip, lz4 \
             and none are the others.",
            format!("{codec:?}").to_uppercase()
        )),
        Codec::Lz4 => written.remarks.push(
            "Spile's lz4 is the LZ4_RAW of parquet, not the older one that is called LZ4 there."
                .to_owned(),
        ),
        _ => {}
    }
    written
}
