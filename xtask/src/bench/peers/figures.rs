//! What a run took, and what several come to.

use std::time::Duration;

/// Of one run, or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    /// User and system time together.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
    pub(super) peak_bytes: u64,
    /// Of what was written.
    pub(super) bytes: u64,
}

impl Figures {
    /// The median of each figure, but the highest peak: that one is a limit. Of two runs the lower
    /// figure: none is invented.
    pub(super) fn of(runs: &[Self]) -> Option<Self> {
        Some(Self {
            cpu: median(runs.iter().map(|run| run.cpu))?,
            wall: median(runs.iter().map(|run| run.wall))?,
            peak_bytes: runs.iter().map(|run| run.peak_bytes).max()?,
            bytes: median(runs.iter().map(|run| run.bytes))?,
        })
    }
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Figures, median};

    #[test]
    fn each_figure_has_its_own_median() {
        let run = |cpu, wall, peak_bytes, bytes| Figures {
            cpu: Duration::from_secs(cpu),
            wall: Duration::from_secs(wall),
            peak_bytes,
            bytes,
        };
        let runs = [run(5, 9, 1, 7), run(4, 8, 3, 7), run(6, 7, 2, 9)];
        assert_eq!(Figures::of(&runs), Some(run(5, 8, 3, 7)));
        assert_eq!(Figures::of(&[]), None);
        assert_eq!(median([4, 2].into_iter()), Some(2));
    }
}
