//! What differs from run to run, taken out of what is printed.

use std::path::Path;

/// Folders, ids, moments and durations by their names.
pub(crate) fn redact(text: &str, folder: &Path) -> String {
    let real = folder.canonicalize().expect("it is there");
    let text = text
        .replace(&real.display().to_string(), "DIR")
        .replace(&folder.display().to_string(), "DIR");
    let text = replace_runs(&text, is_of_uuid, is_uuid, "UUID");
    let text = replace_runs(&text, is_of_moment, is_moment, "MOMENT");
    let line = |line: &str| without_duration(line).trim_end_matches(' ').to_owned();
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Replaces each longest run of some characters that reads like something.
fn replace_runs(
    text: &str,
    is_of: fn(char) -> bool,
    reads_like: fn(&str) -> bool,
    name: &str,
) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(start) = rest.find(is_of) {
        let (before, run) = rest.split_at(start);
        let end = run.find(|c| !is_of(c)).unwrap_or(run.len());
        out += before;
        out += if reads_like(&run[..end]) {
            name
        } else {
            &run[..end]
        };
        rest = &run[end..];
    }
    out + rest
}

fn is_of_uuid(c: char) -> bool {
    c.is_ascii_hexdigit() || c == '-'
}

fn is_uuid(run: &str) -> bool {
    let lengths: Vec<_> = run.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
}

fn is_of_moment(c: char) -> bool {
    c.is_ascii_digit() || "-:.TZ".contains(c)
}

/// Only what a clock tells has fractions of a second.
fn is_moment(run: &str) -> bool {
    run.len() > 20 && run.as_bytes()[10] == b'T' && run.contains('.') && run.ends_with('Z')
}

/// The report ends `in 1.6 s`.
fn without_duration(line: &str) -> String {
    let durations = line.rmatch_indices(" in ").filter_map(|(at, found)| {
        let (number, rest) = line[at + found.len()..].split_once(" s")?;
        number.parse::<f64>().ok()?;
        Some(format!("{} in TIME{rest}", &line[..at]))
    });
    durations.last().unwrap_or_else(|| line.to_owned())
}
