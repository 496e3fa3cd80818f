//! Columns that are known before the first record: declared in the settings, or remembered from
//! earlier runs of the connection.

use std::process::Command;

use crate::kit::{Desk, told};

mod declared;
mod remembered;

const READ_COLUMNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/read_columns.py");

/// The parquet objects in a folder, their columns and rows, as DuckDB reads them.
pub(crate) fn columns(desk: &Desk, folder: &str) -> String {
    let mut python = Command::new(told("PYTHON"));
    let output = python.arg(READ_COLUMNS).arg(desk.path(folder)).output();
    let output = output.expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).expect("text")
}
