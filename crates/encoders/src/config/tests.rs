use super::*;

fn faults(config: &EncodingConfig) -> Vec<String> {
    let faults = resolve(config).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect()
}

fn of_format(format: &str) -> EncodingConfig {
    EncodingConfig {
        format: format.to_owned(),
        ..EncodingConfig::default()
    }
}

#[test]
fn every_format_resolves_by_its_name_alone() {
    for format in Format::ALL {
        let encoding = resolve(&of_format(format.extension())).expect("resolves");
        assert_eq!(encoding.extension(), format.extension());
        assert_eq!(encoding.content_type(), format.content_type());
    }
}

#[test]
fn all_faults_come_at_once() {
    let config = EncodingConfig {
        format: "cvs.gz".to_owned(),
        csv: CsvConfig {
            delimiter: Some('"'),
            ..CsvConfig::default()
        },
        gzip: GzipConfig { level: Some(12) },
        zstd: ZstdConfig { level: Some(0) },
        parquet: ParquetConfig {
            compression: Some("brotli".to_owned()),
            level: None,
            row_group_bytes: Some(1),
        },
    };
    assert_eq!(
        faults(&config),
        [
            "know the format `cvs.gz`: did you mean `csv.gz`?",
            "set the option `csv.delimiter` to `\"`: it is the quote too",
            "set the option `gzip.level` to `12`: from 0 to 9",
            "set the option `zstd.level` to `0`: from 1 to 22",
            "set the option `parquet.compression` to `brotli`: zstd, snappy, gzip, lz4 or none",
            "set the option `parquet.row_group_bytes` to `1`: at least 65536",
        ]
    );
}

#[test]
fn options_are_never_ignored() {
    let mut config = of_format("parquet");
    config.csv.header = Some(false);
    config.gzip.level = Some(1);
    assert_eq!(
        faults(&config),
        [
            "use the option `csv.header` in the format parquet",
            "use the option `gzip.level` in the format parquet",
        ]
    );
}

#[test]
fn csv_options() {
    let check = |csv: CsvConfig, expect: &[&str]| {
        assert_eq!(
            faults(&EncodingConfig {
                csv,
                ..of_format("csv")
            }),
            expect
        );
    };
    let delimiter = |delimiter| CsvConfig {
        delimiter: Some(delimiter),
        ..CsvConfig::default()
    };
    check(delimiter('\t'), &[]);
    check(delimiter('|'), &[]);
    let hint = "one ASCII character that is no letter, digit, space, line break or `+-.`";
    for refused in ['\n', 'x', '5', '.', '-', 'é', ' '] {
        let shown = refused.escape_default();
        check(
            delimiter(refused),
            &[&format!(
                "set the option `csv.delimiter` to `{shown}`: {hint}"
            )],
        );
    }
    let null = CsvConfig {
        null: Some("a,b".to_owned()),
        ..CsvConfig::default()
    };
    check(
        null,
        &["set the option `csv.null` to `a,b`: no delimiter, quote or line break can be in it"],
    );
}

#[test]
fn parquet_options() {
    let check = |compression: &str, level, expect: &[&str]| {
        let compression = Some(compression.to_owned());
        let parquet = ParquetConfig {
            compression,
            level,
            row_group_bytes: None,
        };
        assert_eq!(
            faults(&EncodingConfig {
                parquet,
                ..of_format("parquet")
            }),
            expect
        );
    };
    check("zstd", Some(22), &[]);
    check(
        "zstd",
        Some(23),
        &["set the option `parquet.level` to `23`: from 1 to 22"],
    );
    check(
        "gzip",
        Some(12),
        &["set the option `parquet.level` to `12`: from 0 to 9"],
    );
    check(
        "snappy",
        Some(1),
        &["set the option `parquet.level` to `1`: only zstd and gzip have levels"],
    );
    check("lz4", None, &[]);
    check("none", None, &[]);
}
