//! What the stages work on: the same line items in each format that is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Outcome, while_};
use crate::generate::Input;
use crate::messages::Protocol;
use crate::process;
use crate::workspace::Workspace;

/// Some 9,000 line items, 3 MB of JSON: enough for starting a process not to count.
const SCALE: f64 = 0.0015;
/// Those that a program writes from lines of JSON.
const WRITTEN: [&str; 2] = ["csv", "parquet"];

/// Files by their format.
pub(super) struct Inputs(BTreeMap<&'static str, PathBuf>);

impl Inputs {
    /// Generates what isn't there yet. Both sides work on the same files, also where they would write
    /// them otherwise.
    pub(super) fn ensure(workspace: &Workspace, program: &Path) -> Outcome<Self> {
        let generated = [
            ("jsonl", Input::Lineitem(SCALE)),
            ("singer", Input::Messages(Protocol::Singer, SCALE)),
            ("airbyte", Input::Messages(Protocol::Airbyte, SCALE)),
        ];
        let mut files = BTreeMap::new();
        for (format, input) in generated {
            files.insert(format, input.ensure(workspace)?.path);
        }
        for format in WRITTEN {
            let file = write(program, format, &files["jsonl"])?;
            files.insert(format, file);
        }
        Ok(Self(files))
    }

    /// The input of a stage: its second word is the format.
    pub(super) fn of(&self, stage: &str) -> Outcome<PathBuf> {
        let format = stage.split(' ').nth(1).unwrap_or_default();
        let file = self.0.get(format).cloned();
        file.ok_or_else(|| format!("the stage `{stage}` needs an input that nobody makes").into())
    }
}

/// Under another name first: what is there is whole.
fn write(program: &Path, format: &str, lines: &Path) -> Outcome<PathBuf> {
    let (file, begun) = (lines.with_extension(format), lines.with_extension("begun"));
    if !file.is_file() {
        let mut command = Command::new(program);
        command.args(["write", format]).arg(lines).arg(&begun);
        process::run(&mut command)?;
        fs::rename(&begun, &file).map_err(while_(format!("naming {}", file.display())))?;
    }
    Ok(file)
}
