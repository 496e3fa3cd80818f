//! The formats that are read, and their names.

use std::fmt;
use std::str::FromStr;

/// The format of an input, whatever its compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// One JSON object a line.
    Jsonl,
    /// Fields between commas (RFC 4180).
    Csv,
    /// CSV with tabs.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC: the file format (Feather version 2) or the stream format.
    Arrow,
    /// Messages of a Singer tap.
    Singer,
    /// Messages of a source of Airbyte.
    Airbyte,
}

/// A format that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("find the input format `{name}`: {}", advice(.nearest))]
pub struct UnknownFormat {
    /// The name as it was given.
    pub name: String,
    /// What was meant, perhaps.
    pub nearest: Option<InputFormat>,
}

impl InputFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Jsonl,
        Self::Csv,
        Self::Tsv,
        Self::Parquet,
        Self::Arrow,
        Self::Singer,
        Self::Airbyte,
    ];

    /// Whether its messages name their streams themselves.
    pub fn names_streams(self) -> bool {
        matches!(self, Self::Singer | Self::Airbyte)
    }

    /// The format of a name: its own or one of the usual extensions (`ndjson`, `ipc`), in any case.
    ///
    /// # Errors
    /// A name that isn't known, with the nearest one that is.
    pub fn parse(name: &str) -> Result<Self, UnknownFormat> {
        let lower = name.trim().to_ascii_lowercase();
        let lower = lower.trim_start_matches('.');
        Self::of_extension(lower).ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
            nearest: nearest(lower),
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Singer => "singer",
            Self::Airbyte => "airbyte",
        }
    }

    /// The format that files with this extension (lower case, no dot) have.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension))
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jsonl => &["jsonl", "ndjson", "json"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv"],
            Self::Parquet => &["parquet"],
            Self::Arrow => &["arrow", "feather", "ipc"],
            Self::Singer => &["singer"],
            Self::Airbyte => &["airbyte"],
        }
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InputFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::parse(name)
    }
}

fn nearest(name: &str) -> Option<InputFormat> {
    let names = InputFormat::ALL.into_iter().flat_map(|format| {
        format
            .extensions()
            .iter()
            .map(move |extension| (strsim::jaro_winkler(name, extension), format))
    });
    names
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|best| best.1)
}

fn advice(nearest: &Option<InputFormat>) -> String {
    match nearest {
        Some(format) => format!("did you mean `{format}`?"),
        None => format!(
            "known are {}",
            InputFormat::ALL.map(InputFormat::name).join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_usual_extensions_are_known() {
        let check = |name: &str, format| assert_eq!(InputFormat::parse(name), Ok(format), "{name}");
        check("jsonl", InputFormat::Jsonl);
        check("NDJSON", InputFormat::Jsonl);
        check(".csv", InputFormat::Csv);
        check(" tsv ", InputFormat::Tsv);
        check("feather", InputFormat::Arrow);
        for format in InputFormat::ALL {
            check(format.name(), format);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_by_the_nearest() {
        let message = |name| InputFormat::parse(name).unwrap_err().to_string();
        assert_eq!(
            message("jsnl"),
            "find the input format `jsnl`: did you mean `jsonl`?"
        );
        assert_eq!(
            message("parket"),
            "find the input format `parket`: did you mean `parquet`?"
        );
        assert_eq!(
            message("xml"),
            "find the input format `xml`: known are jsonl, csv, tsv, parquet, arrow, singer, airbyte"
        );
    }
}
