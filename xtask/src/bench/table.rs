//! The table that people read.

use std::time::Duration;

use crate::bench::case::{Case, PEAK_BYTES_MAX};
use crate::bench::measure::Measurement;
use crate::generate::Generated;

/// A line of the table.
pub(super) struct Row {
    pub(super) text: String,
    /// Whether the case reaches what it must.
    pub(super) holds: bool,
}

pub(super) fn heading() -> String {
    line(&[
        "format",
        "input MB",
        "wall s",
        "cpu s",
        "MB/cpu s",
        "MB/wall s",
        "peak MiB",
        "objects",
        "target",
        "holds",
    ])
}

pub(super) fn row(case: &Case, input: &Generated, run: &Measurement) -> Row {
    let speed = per_second(input.bytes, run.cpu);
    let holds = run.peak_bytes <= PEAK_BYTES_MAX && case.target.is_none_or(|least| speed >= least);
    let peak_max = PEAK_BYTES_MAX >> 20;
    let target = match case.target {
        Some(least) => format!(">= {least:.0}, <= {peak_max} MiB"),
        None => format!("<= {peak_max} MiB"),
    };
    let text = line(&[
        case.name,
        &format!("{:.0}", megabytes(input.bytes)),
        &format!("{:.2}", run.wall.as_secs_f64()),
        &format!("{:.2}", run.cpu.as_secs_f64()),
        &format!("{speed:.0}"),
        &format!("{:.0}", per_second(input.bytes, run.wall)),
        &format!("{}", run.peak_bytes.div_ceil(1 << 20)),
        &run.objects.to_string(),
        &target,
        if holds { "yes" } else { "NO" },
    ]);
    Row { text, holds }
}

fn line(cells: &[&str; 10]) -> String {
    let widths = [11, 9, 8, 8, 9, 10, 9, 8, 19, 6];
    let cells = cells.iter().zip(widths).enumerate();
    let padded = cells.map(|(at, (cell, width))| match at {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect()
}

/// Millions of bytes, as network and disk speeds are given.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn per_second(bytes: u64, time: Duration) -> f64 {
    megabytes(bytes) / time.as_secs_f64().max(1e-6)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{Case, Generated, Measurement, row};

    use crate::args::Args;

    fn check(cpu: u64, peak_mib: u64, expect: bool) {
        let case = Case::chosen(&mut Args::new([])).unwrap().remove(0);
        let input = Generated {
            path: PathBuf::new(),
            rows: 1,
            bytes: 1_200_000_000,
        };
        let (wall, cpu) = (Duration::from_secs(1), Duration::from_secs(cpu));
        let run = Measurement {
            wall,
            cpu,
            peak_bytes: peak_mib << 20,
            objects: 1,
        };
        assert_eq!(
            row(&case, &input, &run).holds,
            expect,
            "{cpu:?}, {peak_mib} MiB"
        );
    }

    #[test]
    fn speed_and_memory_must_both_hold() {
        check(10, 256, true);
        check(11, 256, false);
        check(10, 257, false);
    }
}
