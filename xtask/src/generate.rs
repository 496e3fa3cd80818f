//! `cargo xtask generate`: the inputs of the benchmarks, the same on every machine.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tpchgen::generators::{LineItem, LineItemGenerator};

use crate::args::Args;
use crate::failure::{Outcome, while_};
use crate::messages::Protocol;
use crate::workspace::Workspace;

/// Distinct days in `periods.jsonl`.
pub(crate) const PERIODS: u64 = 1_000;
const PERIOD_ROWS: u64 = 2_000_000;
const DEFAULT_SCALE: f64 = 0.5;

/// An input to load.
#[derive(Clone, Copy)]
pub(crate) enum Input {
    /// TPC-H's lineitem at a scale.
    Lineitem(f64),
    /// Rows of [`PERIODS`] days in random order.
    Periods,
    /// TPC-H's lineitem as the messages of a protocol.
    Messages(Protocol, f64),
}

/// A file that has been generated as a whole.
pub(crate) struct Generated {
    pub(crate) path: PathBuf,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

pub(crate) fn run(mut args: Args) -> Outcome {
    let name = args.take_first();
    let scale = args.take_value("--scale")?.unwrap_or(DEFAULT_SCALE);
    args.finish()?;
    let input = match name.as_deref() {
        Some("lineitem") => Input::Lineitem(scale),
        Some("periods") => Input::Periods,
        Some(name) if let Some(protocol) = Protocol::named(name) => {
            Input::Messages(protocol, scale)
        }
        _ => {
            return Err(
                "say what to generate: `cargo xtask generate lineitem`, `periods`, `singer`, `airbyte` or \
                 `singer-200`"
                    .into(),
            );
        }
    };
    input.generate(&Workspace::load()?)
}

impl Input {
    /// What was generated earlier, if it was finished.
    pub(crate) fn find(self, workspace: &Workspace) -> Option<Generated> {
        let path = self.path(workspace);
        let summary: Value = serde_json::from_slice(&fs::read(summary_of(&path)).ok()?).ok()?;
        let bytes = summary["bytes"].as_u64()?;
        let is_whole = fs::metadata(&path).ok()?.len() == bytes;
        is_whole.then_some(Generated {
            path,
            rows: summary["rows"].as_u64()?,
            bytes,
        })
    }

    /// The words after `cargo xtask generate`.
    pub(crate) fn words(self) -> Vec<String> {
        match self {
            Self::Lineitem(scale) => vec!["lineitem".into(), "--scale".into(), scale.to_string()],
            Self::Periods => vec!["periods".into()],
            Self::Messages(protocol, scale) => {
                vec![protocol.name().into(), "--scale".into(), scale.to_string()]
            }
        }
    }

    fn path(self, workspace: &Workspace) -> PathBuf {
        let name = match self {
            Self::Lineitem(scale) => format!("lineitem-{scale}.jsonl"),
            Self::Periods => "periods.jsonl".to_owned(),
            Self::Messages(protocol, scale) => {
                format!(
                    "lineitem-{scale}.{}.{}",
                    protocol.name(),
                    protocol.extension()
                )
            }
        };
        workspace.target.join("bench").join(name)
    }

    fn generate(self, workspace: &Workspace) -> Outcome {
        let path = self.path(workspace);
        let written = self.write(&path);
        let (rows, bytes) = written.map_err(while_(format!("writing {}", path.display())))?;
        println!("{}: {rows} rows, {bytes} bytes", path.display());
        Ok(())
    }

    /// The summary is written last: with it, the file is whole.
    fn write(self, path: &Path) -> io::Result<(u64, u64)> {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let rows = match self {
            Self::Lineitem(scale) => {
                write_lineitem(&mut out, &LineItemGenerator::new(scale, 1, 1))?
            }
            Self::Periods => write_periods(&mut out)?,
            Self::Messages(protocol, scale) => {
                protocol.write(&mut out, &LineItemGenerator::new(scale, 1, 1))?
            }
        };
        out.flush()?;
        let bytes = fs::metadata(path)?.len();
        fs::write(
            summary_of(path),
            json!({ "rows": rows, "bytes": bytes }).to_string(),
        )?;
        Ok((rows, bytes))
    }
}

fn summary_of(path: &Path) -> PathBuf {
    path.with_added_extension("summary")
}

fn write_lineitem(out: &mut impl Write, generator: &LineItemGenerator<'_>) -> io::Result<u64> {
    let mut rows = 0;
    for item in generator.iter() {
        write_item(out, &item)?;
        out.write_all(b"\n")?;
        rows += 1;
    }
    Ok(rows)
}

/// Decimals as numbers, dates as text. None of the texts needs an escape: TPC-H's grammar knows
/// neither quotes nor backslashes.
pub(crate) fn write_item(out: &mut impl Write, item: &LineItem<'_>) -> io::Result<()> {
    write!(
        out,
        r#"{{"l_orderkey":{},"l_partkey":{},"l_suppkey":{},"l_linenumber":{},"#,
        item.l_orderkey, item.l_partkey, item.l_suppkey, item.l_linenumber
    )?;
    write!(
        out,
        r#""l_quantity":{},"l_extendedprice":{},"l_discount":{},"l_tax":{},"#,
        item.l_quantity, item.l_extendedprice, item.l_discount, item.l_tax
    )?;
    write!(
        out,
        r#""l_returnflag":"{}","l_linestatus":"{}","l_shipdate":"{}","l_commitdate":"{}","#,
        item.l_returnflag, item.l_linestatus, item.l_shipdate, item.l_commitdate
    )?;
    write!(
        out,
        r#""l_receiptdate":"{}","l_shipinstruct":"{}","l_shipmode":"{}","l_comment":"{}"}}"#,
        item.l_receiptdate, item.l_shipinstruct, item.l_shipmode, item.l_comment
    )
}

/// The first rows take each day once, in random order, so that all of them are there.
fn write_periods(out: &mut impl Write) -> io::Result<u64> {
    let mut random = Random(20_130_101);
    let mut days: Vec<u64> = (0..PERIODS).collect();
    for at in (1..days.len()).rev() {
        let other = random.below(at as u64 + 1);
        days.swap(at, usize::try_from(other).unwrap_or_default());
    }
    for row in 0..PERIOD_ROWS {
        let first = usize::try_from(row)
            .ok()
            .and_then(|row| days.get(row).copied());
        let day = first.unwrap_or_else(|| random.below(PERIODS));
        let (amount, customer) = (random.below(1_000_000), random.below(50_000));
        writeln!(
            out,
            r#"{{"id":{row},"day":"{}","customer":"customer-{customer:05}","amount":{}.{:02},"note":"{:016x}{:016x}"}}"#,
            date(day),
            amount / 100,
            amount % 100,
            random.next(),
            random.next()
        )?;
    }
    Ok(PERIOD_ROWS)
}

/// The day this many days after 2020-01-01.
fn date(mut day: u64) -> String {
    let mut year = 2020;
    loop {
        let is_leap = year % 4 == 0;
        if day < 365 + u64::from(is_leap) {
            let february = 28 + u64::from(is_leap);
            return date_in(
                year,
                day,
                &[31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31],
            );
        }
        day -= 365 + u64::from(is_leap);
        year += 1;
    }
}

fn date_in(year: u64, mut day: u64, months: &[u64]) -> String {
    let mut month = 1;
    for length in months {
        if day < *length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use tpchgen::distribution::Distributions;
    use tpchgen::generators::LineItemGenerator;
    use tpchgen::text::TextPool;

    use super::{PERIODS, date, write_lineitem, write_periods};

    fn lines(bytes: &[u8]) -> Vec<Value> {
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_item_has_sixteen_columns() {
        // The usual pool of texts takes seconds to fill.
        let words = Distributions::static_default();
        let texts = TextPool::new(1 << 16, words);
        let generator =
            LineItemGenerator::new_with_distributions_and_text_pool(0.0005, 1, 1, words, &texts);
        let mut out = Vec::new();
        let rows = write_lineitem(&mut out, &generator).unwrap();
        let items = lines(&out);
        assert_eq!(items.len() as u64, rows);
        assert!(
            items
                .iter()
                .all(|item| item.as_object().is_some_and(|item| item.len() == 16))
        );
        assert!(items[0]["l_extendedprice"].is_number());
        assert_eq!(items[0]["l_shipdate"].as_str().map(str::len), Some(10));
    }

    #[test]
    fn there_are_as_many_days_as_promised() {
        let days: BTreeSet<_> = (0..PERIODS).map(date).collect();
        assert_eq!(days.len() as u64, PERIODS);
        assert_eq!(date(0), "2020-01-01");
        assert_eq!(date(59), "2020-02-29");
        assert_eq!(date(366), "2021-01-01");
        assert_eq!(date(999), "2022-09-26");
    }

    #[test]
    fn the_first_rows_take_each_day_once() {
        let mut head = Head(Vec::new());
        // Stops writing by an error once enough is there.
        assert!(write_periods(&mut head).is_err());
        let rows = lines(&head.0);
        let first: BTreeSet<_> = rows
            .iter()
            .take(1_000)
            .map(|row| row["day"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(first.len() as u64, PERIODS);
    }

    struct Head(Vec<u8>);

    impl std::io::Write for Head {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.len() > 200_000 && self.0.ends_with(b"\n") {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
