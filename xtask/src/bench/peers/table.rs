//! The table that people read: a line for each of those compared, and what Spile comes to.

use std::time::Duration;

use crate::bench::case::PEAK_BYTES_MAX;
use crate::bench::peers::engine::Engine;
use crate::bench::peers::figures::Figures;
use crate::bench::peers::format::Format;
use crate::bench::peers::lane::Lane;

/// The lines of one format.
pub(super) struct Rows {
    pub(super) text: String,
    /// Whether Spile reaches what it must.
    pub(super) holds: bool,
}

/// Spile's figures to the least of the others', each by itself.
struct Ratios {
    cpu: f64,
    wall: f64,
}

pub(super) fn heading() -> String {
    let ratios = ["cpu/best", "wall/best"];
    line(
        ["format", "engine", "cpu s", "wall s", "peak MiB", "out MB"],
        &format!("{:>10}{:>11}  {:<5}  target", ratios[0], ratios[1], "holds"),
    )
}

pub(super) fn rows(format: &Format, lanes: &[Lane]) -> Rows {
    let peers: Vec<Figures> = lanes
        .iter()
        .filter(|lane| lane.engine != Engine::Spile && lane.failure.is_none())
        .filter_map(|lane| Figures::of(&lane.runs))
        .collect();
    let mut rows = Rows {
        text: String::new(),
        holds: true,
    };
    for lane in lanes {
        let figures = Figures::of(&lane.runs).filter(|_| lane.failure.is_none());
        let text = match (figures, lane.engine) {
            (None, _) => failed(format, lane),
            (Some(figures), Engine::Spile) => {
                let ratios = Ratios::of(&figures, &peers);
                rows.holds = holds(format, &figures, ratios.as_ref());
                measured(
                    format,
                    lane.engine,
                    &figures,
                    &verdict(format, ratios, rows.holds),
                )
            }
            (Some(figures), _) => measured(format, lane.engine, &figures, ""),
        };
        rows.text.push_str(text.trim_end());
        rows.text.push('\n');
    }
    rows
}

impl Ratios {
    /// None where no other can do it.
    fn of(spile: &Figures, peers: &[Figures]) -> Option<Self> {
        let cpu = peers.iter().map(|peer| peer.cpu).min()?;
        let wall = peers.iter().map(|peer| peer.wall).min()?;
        let ratio = |ours: Duration, best: Duration| ours.as_secs_f64() / best.as_secs_f64();
        Some(Self {
            cpu: ratio(spile.cpu, cpu),
            wall: ratio(spile.wall, wall),
        })
    }
}

fn holds(format: &Format, spile: &Figures, ratios: Option<&Ratios>) -> bool {
    let within = |found: f64, most: Option<f64>| most.is_none_or(|most| found <= most);
    spile.peak_bytes <= PEAK_BYTES_MAX
        && within(megabytes(spile.bytes), format.output_max)
        && ratios
            .is_none_or(|it| within(it.cpu, format.cpu_max) && within(it.wall, format.wall_max))
}

fn verdict(format: &Format, ratios: Option<Ratios>, holds: bool) -> String {
    let (cpu, wall) = match ratios {
        Some(ratios) => (format!("{:.2}", ratios.cpu), format!("{:.2}", ratios.wall)),
        None => Default::default(),
    };
    let holds = if holds { "yes" } else { "NO" };
    format!("{cpu:>10}{wall:>11}  {holds:<5}  {}", target(format))
}

fn target(format: &Format) -> String {
    let limits = [
        format.cpu_max.map(|most| format!("cpu <= {most}")),
        format.wall_max.map(|most| format!("wall <= {most}")),
        format
            .output_max
            .map(|most| format!("out <= {} MB", (most * 10.0).round() / 10.0)),
        Some(format!("peak <= {} MiB", PEAK_BYTES_MAX >> 20)),
    ];
    limits.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn failed(format: &Format, lane: &Lane) -> String {
    let why = lane.failure.as_deref().unwrap_or("it wasn't run");
    let why: String = why.chars().take(120).collect();
    line(
        [format.name, lane.engine.name(), "-", "-", "-", "-"],
        &format!("  {why}"),
    )
}

fn measured(format: &Format, engine: Engine, figures: &Figures, rest: &str) -> String {
    let cells = [
        format.name,
        engine.name(),
        &format!("{:.2}", figures.cpu.as_secs_f64()),
        &format!("{:.2}", figures.wall.as_secs_f64()),
        &figures.peak_bytes.div_ceil(1 << 20).to_string(),
        &format!("{:.1}", megabytes(figures.bytes)),
    ];
    line(cells, rest)
}

fn line(cells: [&str; 6], rest: &str) -> String {
    let [format, engine, cpu, wall, peak, out] = cells;
    format!("{format:<10}{engine:<8}{cpu:>8}{wall:>8}{peak:>10}{out:>9}{rest}")
}

/// Millions of bytes, as network and disk speeds are given.
#[expect(clippy::cast_precision_loss, reason = "four digits are shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Engine, Figures, Format, Lane, rows};

    const FORMAT: Format = Format {
        name: "csv.gz",
        cpu_max: Some(0.65),
        wall_max: Some(1.0),
        output_max: Some(123.0),
    };

    fn lane(engine: Engine, cpu: u64, wall: u64, peak_mib: u64, megabytes: u64) -> Lane {
        let figures = Figures {
            cpu: Duration::from_millis(cpu),
            wall: Duration::from_millis(wall),
            peak_bytes: peak_mib << 20,
            bytes: megabytes * 1_000_000,
        };
        Lane {
            engine,
            runs: vec![figures],
            failure: None,
        }
    }

    fn check(spile: Lane, expect: bool) {
        let peers = [
            lane(Engine::DuckDb, 1_000, 5_000, 1_000, 100),
            lane(Engine::Polars, 9_000, 1_000, 1_000, 100),
        ];
        let [first, second] = peers;
        let rows = rows(&FORMAT, &[first, second, spile]);
        assert_eq!(rows.holds, expect, "{}", rows.text);
    }

    #[test]
    fn all_limits_must_hold() {
        check(lane(Engine::Spile, 650, 1_000, 256, 123), true);
        check(lane(Engine::Spile, 660, 1_000, 256, 123), false);
        check(lane(Engine::Spile, 650, 1_010, 256, 123), false);
        check(lane(Engine::Spile, 650, 1_000, 257, 123), false);
        check(lane(Engine::Spile, 650, 1_000, 256, 124), false);
    }

    #[test]
    fn whoever_has_failed_is_no_rival() {
        let mut fast = lane(Engine::Polars, 1, 1, 1, 1);
        fast.failure = Some("it wrote 9 rows of 10".to_owned());
        let slow = lane(Engine::ChDb, 2_000, 2_000, 1, 1);
        let spile = lane(Engine::Spile, 1_000, 2_000, 1, 1);
        let rows = rows(&FORMAT, &[fast, slow, spile]);
        let expected = "\
csv.gz    Polars         -       -         -        -  it wrote 9 rows of 10
csv.gz    chDB        2.00    2.00         1      1.0
csv.gz    Spile       1.00    2.00         1      1.0      0.50       1.00  yes    cpu <= 0.65, wall <= 1, out <= 123 MB, peak <= 256 MiB
";
        assert_eq!(rows.text, expected);
    }
}
