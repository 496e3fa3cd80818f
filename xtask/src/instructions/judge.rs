//! What the numbers come to.

use std::fmt;

use crate::failure::Outcome;

/// How many times the instructions of before a stage may take.
const RATIO_MAX: f64 = 1.03;

/// The instructions of a stage.
pub(super) struct Row {
    pub(super) stage: String,
    /// `None` where the other revision hasn't the stage.
    pub(super) before: Option<u64>,
    pub(super) after: u64,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        let before = self.before.filter(|count| *count > 0)?;
        Some(self.after as f64 / before as f64)
    }

    fn is_slower(&self) -> bool {
        self.ratio().is_some_and(|ratio| ratio > RATIO_MAX)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, after) = (&self.stage, millions(self.after));
        match (self.before, self.ratio()) {
            (Some(before), Some(ratio)) => {
                let before = millions(before);
                write!(f, "{stage:<24} {before:>12} {after:>12} {ratio:>8.4}")?;
            }
            _ => write!(f, "{stage:<24} {:>12} {after:>12} {:>8}", "-", "new")?,
        }
        f.write_str(if self.is_slower() { "  slower" } else { "" })
    }
}

/// Above the rows.
pub(super) fn heading(commit: &str) -> String {
    let short = &commit[..commit.len().min(10)];
    format!(
        "{:<24} {short:>12} {:>12} {:>8}\n{:<24} {:>12} {:>12}",
        "stage", "here", "ratio", "", "million", "million"
    )
}

/// Fails where a stage takes too many more than before, unless there is a reason for it.
pub(super) fn judge(rows: &[Row], commit: &str, reason: Option<&str>) -> Outcome {
    let slower = rows.iter().filter(|row| row.is_slower());
    let slower: Vec<&str> = slower.map(|row| row.stage.as_str()).collect();
    if slower.is_empty() {
        return Ok(());
    }
    let text = format!(
        "more than {:.0} % more instructions than at {}: {}",
        (RATIO_MAX - 1.0) * 100.0,
        &commit[..commit.len().min(10)],
        slower.join(", ")
    );
    if let Some(reason) = reason {
        println!("{text}\nThe commit says why: {reason}");
        return Ok(());
    }
    Err(format!(
        "{text}\nwhere that is meant, say why at the end of the commit's message: `Slower: …`"
    )
    .into())
}

fn millions(count: u64) -> String {
    format!("{:.3}", count as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::{Row, judge};

    fn check(counts: &[(Option<u64>, u64)], reason: Option<&str>, passes: bool) {
        let rows = counts.iter().map(|(before, after)| Row {
            stage: "parse jsonl".to_owned(),
            before: *before,
            after: *after,
        });
        let rows: Vec<Row> = rows.collect();
        assert_eq!(judge(&rows, "0123456789abcdef", reason).is_ok(), passes);
    }

    #[test]
    fn three_per_cent_more_are_too_many() {
        check(&[(Some(1_000), 1_029), (Some(1_000), 500)], None, true);
        check(&[(Some(1_000), 1_000), (Some(1_000), 1_031)], None, false);
    }

    #[test]
    fn what_is_new_is_not_compared() {
        check(&[(None, 1_000_000)], None, true);
    }

    #[test]
    fn a_reason_lets_it_pass() {
        check(&[(Some(1_000), 2_000)], Some("it checks more"), true);
    }
}
