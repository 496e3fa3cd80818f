//! `cargo xtask generate`: the inputs of the benchmarks, the same on every machine.

mod lineitem;
mod periods;
mod random;
mod shape;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tpchgen::generators::LineItemGenerator;

use crate::args::Args;
use crate::failure::{Outcome, while_};
pub(crate) use crate::generate::lineitem::write_item;
use crate::generate::lineitem::write_lineitem;
use crate::generate::periods::write_periods;
pub(crate) use crate::generate::shape::Shape;
use crate::messages::Protocol;
use crate::workspace::Workspace;

const DEFAULT_PERIODS: u64 = 1_000;
const DEFAULT_SCALE: f64 = 0.5;

/// An input to load.
#[derive(Clone, Copy)]
pub(crate) enum Input {
    /// TPC-H's lineitem at a scale.
    Lineitem(f64),
    /// Rows of so many days in random order.
    Periods(u64),
    /// TPC-H's lineitem as the messages of a protocol.
    Messages(Protocol, f64),
    /// Rows of a shape, 600 MB of them at scale 1.
    Shape(Shape, f64),
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
    let periods = args.take_value("--count")?.unwrap_or(DEFAULT_PERIODS);
    args.finish()?;
    let name = name.unwrap_or_default();
    let input = match (name.as_str(), Protocol::named(&name), Shape::named(&name)) {
        ("lineitem", ..) => Input::Lineitem(scale),
        ("periods", ..) => Input::Periods(periods),
        (_, Some(protocol), _) => Input::Messages(protocol, scale),
        (.., Some(shape)) => Input::Shape(shape, scale),
        _ => return Err("say what to generate; `cargo xtask --help` has the list".into()),
    };
    input.generate(&Workspace::load()?)
}

impl Input {
    /// What was generated earlier, if it was finished.
    pub(crate) fn find(self, workspace: &Workspace) -> Option<Generated> {
        Generated::find(self.path(workspace))
    }

    /// What was generated earlier, or is now.
    pub(crate) fn ensure(self, workspace: &Workspace) -> Outcome<Generated> {
        if self.find(workspace).is_none() {
            self.generate(workspace)?;
        }
        let found = self.find(workspace);
        found.ok_or_else(|| "the generated input is not whole; try again".into())
    }

    /// The words after `cargo xtask generate`.
    pub(crate) fn words(self) -> Vec<String> {
        match self {
            Self::Lineitem(scale) => vec!["lineitem".into(), "--scale".into(), scale.to_string()],
            Self::Periods(count) => vec!["periods".into(), "--count".into(), count.to_string()],
            Self::Messages(protocol, scale) => {
                vec![protocol.name().into(), "--scale".into(), scale.to_string()]
            }
            Self::Shape(shape, scale) => {
                vec![shape.name().into(), "--scale".into(), scale.to_string()]
            }
        }
    }

    pub(crate) fn path(self, workspace: &Workspace) -> PathBuf {
        let name = match self {
            Self::Lineitem(scale) => format!("lineitem-{scale}.jsonl"),
            Self::Periods(count) => format!("periods-{count}.jsonl"),
            Self::Shape(shape, scale) => format!("{}-{scale}.jsonl", shape.name()),
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

    fn write(self, path: &Path) -> io::Result<(u64, u64)> {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let rows = match self {
            Self::Lineitem(scale) => {
                write_lineitem(&mut out, &LineItemGenerator::new(scale, 1, 1))?
            }
            Self::Periods(count) => write_periods(&mut out, count)?,
            Self::Shape(shape, scale) => shape.write(&mut out, scale)?,
            Self::Messages(protocol, scale) => {
                protocol.write(&mut out, &LineItemGenerator::new(scale, 1, 1))?
            }
        };
        out.flush()?;
        let whole = Generated::keep(path.to_owned(), rows)?;
        Ok((rows, whole.bytes))
    }
}

impl Generated {
    /// The file, if it was finished.
    pub(crate) fn find(path: PathBuf) -> Option<Self> {
        let summary: Value = serde_json::from_slice(&fs::read(summary_of(&path)).ok()?).ok()?;
        let bytes = summary["bytes"].as_u64()?;
        let is_whole = fs::metadata(&path).ok()?.len() == bytes;
        is_whole.then_some(Self {
            path,
            rows: summary["rows"].as_u64()?,
            bytes,
        })
    }

    /// The same, as it is when it is read so many times.
    pub(crate) fn repeated(&self, times: u64) -> Self {
        Self {
            path: self.path.clone(),
            rows: self.rows * times,
            bytes: self.bytes * times,
        }
    }

    /// Says that the file is whole: its summary is written last.
    pub(crate) fn keep(path: PathBuf, rows: u64) -> io::Result<Self> {
        let bytes = fs::metadata(&path)?.len();
        let summary = json!({ "rows": rows, "bytes": bytes });
        fs::write(summary_of(&path), summary.to_string())?;
        Ok(Self { path, rows, bytes })
    }
}

fn summary_of(path: &Path) -> PathBuf {
    path.with_added_extension("summary")
}

#[cfg(test)]
mod testing {
    use serde_json::Value;

    pub(super) fn lines(bytes: &[u8]) -> Vec<Value> {
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// Takes the first lines, and then no more.
    #[derive(Default)]
    pub(super) struct Head(pub(super) Vec<u8>);

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
