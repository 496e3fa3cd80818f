//! What is measured, and what it must reach.

use crate::args::Args;
use crate::failure::Outcome;

/// The resident memory that no load may exceed: what `limits.memory` promises.
pub(super) const PEAK_BYTES_MAX: u64 = 256 << 20;

/// One way to load the input.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The arguments of `spile load` after the input and the destination.
    pub(super) arguments: &'static [&'static str],
    /// Megabytes of input for each CPU second, at least.
    pub(super) target: Option<f64>,
    is_usual: bool,
    /// Whether the input says its streams itself, and gets its states back.
    pub(super) has_messages: bool,
    /// How often a program prints the input, one after the other, where Spile doesn't read the file: it
    /// would read that once, however often it was named.
    pub(super) printed: Option<usize>,
}

const FORMATS: [Case; 6] = [
    format(
        "parquet",
        &["--stream", "lineitem", "--format", "parquet"],
        Some(120.0),
        true,
    ),
    format(
        "csv",
        &["--stream", "lineitem", "--format", "csv"],
        Some(150.0),
        true,
    ),
    format(
        "jsonl",
        &["--stream", "lineitem", "--format", "jsonl"],
        Some(400.0),
        true,
    ),
    format(
        "jsonl.gz",
        &["--stream", "lineitem", "--format", "jsonl.gz"],
        Some(60.0),
        true,
    ),
    format(
        "csv.gz",
        &["--stream", "lineitem", "--format", "csv.gz"],
        None,
        false,
    ),
    format(
        "jsonl.zst",
        &["--stream", "lineitem", "--format", "jsonl.zst"],
        None,
        false,
    ),
];

const fn format(
    name: &'static str,
    arguments: &'static [&'static str],
    target: Option<f64>,
    is_usual: bool,
) -> Case {
    Case {
        name,
        arguments,
        target,
        is_usual,
        has_messages: false,
        printed: None,
    }
}

impl Case {
    /// The formats that `--only` or `--all` chooses.
    pub(super) fn chosen(args: &mut Args) -> Outcome<Vec<Self>> {
        let all = args.take_flag("--all");
        match args.take_value::<String>("--only")? {
            Some(names) => Self::named(&names),
            None => Ok(Self::usual(all)),
        }
    }

    /// The formats that have a target, or all.
    fn usual(all: bool) -> Vec<Self> {
        FORMATS
            .into_iter()
            .filter(|case| all || case.is_usual)
            .collect()
    }

    /// The formats in a list such as `parquet,csv`, in their usual order.
    fn named(list: &str) -> Outcome<Vec<Self>> {
        let names: Vec<_> = list.split(',').map(str::trim).collect();
        let known = |name: &&str| FORMATS.iter().any(|case| case.name == *name);
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            let known = FORMATS.map(|case| case.name).join(", ");
            return Err(format!("`{unknown}` is not measured; choose from {known}").into());
        }
        Ok(FORMATS
            .into_iter()
            .filter(|case| names.contains(&case.name))
            .collect())
    }

    /// The same format, of an input of messages.
    pub(super) fn of_messages(&self) -> Self {
        Self {
            name: self.name,
            arguments: &self.arguments[2..],
            target: None,
            is_usual: self.is_usual,
            has_messages: true,
            printed: None,
        }
    }

    /// An object, at least, for each of many days whose rows come in random order.
    pub(super) fn periods(name: &'static str) -> Self {
        let arguments = &[
            "--stream",
            "periods",
            "--format",
            "parquet",
            "--cursor-field",
            "day",
            "--memory",
            "256MiB",
            "--key",
            "{stream_name}/{cursor_iso_date}.{extension}",
        ];
        format(name, arguments, None, true)
    }

    /// Parquet of an input that is printed so many times.
    pub(super) fn printed(name: &'static str, times: usize) -> Self {
        let arguments = &["--stream", "lineitem", "--format", "parquet"];
        Self {
            printed: Some(times),
            ..format(name, arguments, None, true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    use crate::args::Args;

    fn chosen(words: &[&str]) -> Vec<&'static str> {
        let mut args = Args::new(words.iter().map(|word| (*word).to_owned()));
        let cases = Case::chosen(&mut args).unwrap();
        assert!(args.finish().is_ok());
        names(&cases)
    }

    fn names(cases: &[Case]) -> Vec<&'static str> {
        cases.iter().map(|case| case.name).collect()
    }

    #[test]
    fn formats_are_chosen_by_name() {
        assert_eq!(chosen(&["--only", "csv, parquet"]), ["parquet", "csv"]);
        assert!(Case::named("parquet,orc").is_err());
        assert_eq!(chosen(&[]), ["parquet", "csv", "jsonl", "jsonl.gz"]);
        assert_eq!(chosen(&["--all"]).len(), 6);
    }
}
