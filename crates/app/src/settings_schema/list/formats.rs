//! Options of the formats. Streams of other formats have no use for them.

use crate::settings_schema::setting::{Kind, Sample, Setting};

pub(super) const CSV: Setting = Setting::new(
    "csv",
    Kind::Table(&[
        Setting::new(
            "delimiter",
            Kind::Text,
            "Delimiter",
            "Stands between fields: an ASCII punctuation character, or \\t for a tab.",
        )
        .default(Sample::Text(",")),
        Setting::new(
            "quote",
            Kind::Text,
            "Quote",
            "Stands around fields that need it.",
        )
        .default(Sample::Text("\"")),
        Setting::new("null", Kind::Text, "Null", "Stands for a null.").default(Sample::Text("")),
        Setting::new(
            "header",
            Kind::Flag,
            "Header",
            "Whether the first line names the columns.",
        )
        .default(Sample::Flag(true)),
    ]),
    "CSV",
    "Options of csv.",
);

pub(super) const GZIP: Setting = Setting::new(
    "gzip",
    Kind::Table(&[Setting::new(
        "level",
        Kind::Whole {
            min: 0,
            max: Some(9),
        },
        "Level",
        "0 compresses nothing, and 9 makes the smallest objects. Otherwise it is 3.",
    )
    .example(Sample::Whole(6))]),
    "gzip",
    "Options of csv.gz and jsonl.gz.",
);

pub(super) const ZSTD: Setting = Setting::new(
    "zstd",
    Kind::Table(&[Setting::new(
        "level",
        Kind::Whole {
            min: 1,
            max: Some(22),
        },
        "Level",
        "1 is the quickest, and 22 makes the smallest objects. Levels above 18 take much memory for each open object.",
    )
    .default(Sample::Whole(3))]),
    "Zstandard",
    "Options of csv.zst and jsonl.zst.",
);

pub(super) const PARQUET: Setting = Setting::new(
    "parquet",
    Kind::Table(&[
        Setting::new(
            "compression",
            Kind::Choice(&["zstd", "snappy", "gzip", "lz4", "none"]),
            "Compression",
            "What compresses the pages of a file.",
        )
        .default(Sample::Text("zstd")),
        // Its default depends on the compression, and some have no level.
        Setting::new(
            "level",
            Kind::Whole {
                min: 0,
                max: Some(22),
            },
            "Level",
            "The level of zstd, from 1 to 22, or of gzip, from 0 to 9. Otherwise it is 1 for zstd \
             and 6 for gzip.",
        )
        .example(Sample::Whole(3)),
        Setting::new(
            "row_group_bytes",
            Kind::Size,
            "Size of row groups",
            "Encoded bytes of a row group, at least 64KiB.",
        )
        .default(Sample::Text("32MiB")),
    ]),
    "Parquet",
    "Options of parquet.",
);
