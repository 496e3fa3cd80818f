//! The formats and the extensions they go by.

use std::fmt;

/// A format with its compression: what an object's extension says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `csv`, `csv.gz`, `csv.zst`
    Csv(Compression),
    /// `jsonl`, `jsonl.gz`, `jsonl.zst`
    Jsonl(Compression),
    /// `parquet`, which compresses inside of itself
    Parquet,
}

/// What compresses a whole object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// Nothing does.
    None,
    /// gzip, one member.
    Gzip,
    /// Zstandard, one frame.
    Zstd,
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("know the format `{name}`{}", hint(self.nearest))]
pub struct UnknownFormat {
    /// The name.
    pub name: String,
    /// The format that may have been meant.
    pub nearest: Option<&'static str>,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 7] = [
        Format::Csv(Compression::None),
        Format::Csv(Compression::Gzip),
        Format::Csv(Compression::Zstd),
        Format::Jsonl(Compression::None),
        Format::Jsonl(Compression::Gzip),
        Format::Jsonl(Compression::Zstd),
        Format::Parquet,
    ];

    /// The format of a name as it stands in a configuration: `csv.gz`.
    ///
    /// # Errors
    /// A name that no format has, with the nearest one that some format has.
    pub fn parse(name: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL
            .into_iter()
            .find(|format| format.extension() == name);
        known.ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
            nearest: nearest(name),
        })
    }

    /// The format that the end of a key names: `csv.gz` for `raw/sales.csv.gz`.
    pub fn from_key(key: &str) -> Option<Self> {
        let file = key.rsplit('/').next().unwrap_or(key);
        Self::ALL.into_iter().find(|format| {
            let stem = file.strip_suffix(format.extension());
            stem.is_some_and(|stem| stem.ends_with('.'))
        })
    }

    /// The extension of its objects' keys, which is its name too, without a leading dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv(Compression::None) => "csv",
            Format::Csv(Compression::Gzip) => "csv.gz",
            Format::Csv(Compression::Zstd) => "csv.zst",
            Format::Jsonl(Compression::None) => "jsonl",
            Format::Jsonl(Compression::Gzip) => "jsonl.gz",
            Format::Jsonl(Compression::Zstd) => "jsonl.zst",
            Format::Parquet => "parquet",
        }
    }

    /// The `Content-Type` of its objects. A compressed object is of the compression's type: with a
    /// `Content-Encoding` instead, clients would unpack what is named `.gz`.
    pub fn content_type(self) -> &'static str {
        match (self, self.compression()) {
            (_, Compression::Gzip) => "application/gzip",
            (_, Compression::Zstd) => "application/zstd",
            (Format::Csv(_), _) => "text/csv",
            (Format::Jsonl(_), _) => "application/x-ndjson",
            (Format::Parquet, _) => "application/vnd.apache.parquet",
        }
    }

    /// What compresses the whole object.
    pub fn compression(self) -> Compression {
        match self {
            Format::Csv(compression) | Format::Jsonl(compression) => compression,
            Format::Parquet => Compression::None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

fn hint(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!(": did you mean `{nearest}`?"),
        None => {
            let names: Vec<&str> = Format::ALL
                .iter()
                .map(|format| format.extension())
                .collect();
            format!(": known are {}", names.join(", "))
        }
    }
}

/// Names that others use for these formats.
const ALIASES: [(&str, &str); 10] = [
    ("parquet.gz", "parquet"),
    ("parquet.zst", "parquet"),
    ("parquet.snappy", "parquet"),
    ("snappy.parquet", "parquet"),
    ("pq", "parquet"),
    ("json", "jsonl"),
    ("ndjson", "jsonl"),
    ("ndjson.gz", "jsonl.gz"),
    ("json.gz", "jsonl.gz"),
    ("gz", "csv.gz"),
];

fn nearest(name: &str) -> Option<&'static str> {
    let name = name.trim().trim_start_matches('.').to_ascii_lowercase();
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map(|(_, format)| *format);
    let names = Format::ALL.iter().map(|format| format.extension());
    let similar = || {
        names
            .map(|known| (strsim::damerau_levenshtein(known, &name), known))
            .min()
    };
    alias.or_else(|| {
        similar()
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, known)| known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_extensions() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.extension()), Ok(format));
            assert_eq!(
                Format::from_key(&format!("a.csv/b.c.{format}")),
                Some(format)
            );
        }
    }

    #[test]
    fn a_key_names_its_format() {
        let check = |key, expect| assert_eq!(Format::from_key(key), expect, "{key}");
        check(
            "raw/{date}/x.jsonl.zst",
            Some(Format::Jsonl(Compression::Zstd)),
        );
        check("x.csv.parquet", Some(Format::Parquet));
        check("raw/parquet", None);
        check("x.gz", None);
        check("x.CSV", None);
        check("csv/x", None);
    }

    #[test]
    fn unknown_names_suggest_the_nearest() {
        let check = |name, expect| {
            let error = Format::parse(name).expect_err("unknown");
            assert_eq!(error.to_string(), expect);
        };
        check("cvs", "know the format `cvs`: did you mean `csv`?");
        check("CSV", "know the format `CSV`: did you mean `csv`?");
        check(
            ".parquet",
            "know the format `.parquet`: did you mean `parquet`?",
        );
        check(
            "parquet.gz",
            "know the format `parquet.gz`: did you mean `parquet`?",
        );
        check("ndjson", "know the format `ndjson`: did you mean `jsonl`?");
        check(
            "avro",
            "know the format `avro`: known are csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet",
        );
    }
}
