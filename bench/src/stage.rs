//! The stages and their names.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::load::load;
use crate::{Failure, encode, parse};

/// A part of a load. In words: what is done, the format of the input, and what else there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage(&'static [&'static str]);

/// A key for all records, and keys by the month and the day of a cursor: some 80 and 2,500 of them.
const ONE_KEY: &str = "{stream_name}-{part}.{extension}";
const KEY_BY_MONTH: &str = "{cursor_year}-{cursor_month}/{part}.{extension}";
const KEY_BY_DAY: &str = "{cursor_iso_date}/{part}.{extension}";

impl Stage {
    /// Every stage. One whose meaning changes takes another name: two revisions are compared by them.
    pub const ALL: [Self; 20] = [
        Self(&["parse", "jsonl"]),
        Self(&["parse", "csv"]),
        Self(&["parse", "parquet"]),
        Self(&["parse", "singer"]),
        Self(&["parse", "airbyte"]),
        Self(&["encode", "jsonl", "parquet"]),
        Self(&["encode", "jsonl", "csv"]),
        Self(&["encode", "jsonl", "csv.gz"]),
        Self(&["encode", "jsonl", "jsonl"]),
        Self(&["encode", "jsonl", "jsonl.gz"]),
        Self(&["encode", "csv", "parquet"]),
        Self(&["encode", "csv", "csv"]),
        Self(&["encode", "csv", "jsonl"]),
        Self(&["route", "jsonl", "month"]),
        Self(&["route", "jsonl", "day"]),
        Self(&["load", "jsonl", "parquet"]),
        Self(&["load", "jsonl", "csv"]),
        Self(&["load", "jsonl", "csv.gz"]),
        Self(&["load", "jsonl", "jsonl"]),
        Self(&["load", "jsonl", "jsonl.gz"]),
    ];

    /// Does its work over a file, and says how many records there were.
    ///
    /// # Errors
    /// The input isn't what the stage takes.
    pub fn run(self, path: &Path) -> Result<u64, Failure> {
        match *self.0 {
            ["parse", format] => parse::parse(path, format),
            ["encode", "jsonl", to] => encode::encode(&[parse::lines(path)?], to),
            ["encode", from, to] => encode::encode(&parse::records(path, from)?, to),
            ["route", from, "month"] => load(path, from, "jsonl", KEY_BY_MONTH),
            ["route", from, _] => load(path, from, "jsonl", KEY_BY_DAY),
            ["load", from, to] => load(path, from, to, ONE_KEY),
            _ => Err(format!("nobody knows how to {self}").into()),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl FromStr for Stage {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|it| it.to_string() == name);
        found.ok_or_else(|| format!("there is no stage `{name}`").into())
    }
}
