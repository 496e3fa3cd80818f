//! The program's peak memory, as the system counts it, stays within `--memory`.
//!
//! A program of its own: the system counts what a process held when it starts another one towards that
//! one's peak, and this one holds next to nothing.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests are no tests themselves"
)]

mod input;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use wait4::Wait4;

use input::Input;

const MIB: u64 = 1 << 20;
const MEMORY: u64 = 64 * MIB;
/// What a run remembers of each object isn't part of its memory: docs/guides/large-loads.md.
const OBJECT: u64 = 2 << 10;
/// What a debug build takes for itself: ten records make its peak 38 MiB (45 as parquet), where that of a
/// release build is 17 (20).
const DEBUG_BUILD: u64 = 24 * MIB;
/// Row groups of parquet are written whole, and the system's allocator keeps in its heap what of their pages
/// was freed. Measured: 99 to 107 MiB with 100 MiB of input, 81 with 80 MiB.
const FREED_PAGES: u64 = 32 * MIB;

/// The threads of gzip have a compressor each, and their own heaps. Measured: 98 to 102 MiB in all in a debug
/// build, more where the disk is slow.
const COMPRESSORS: u64 = 8 * MIB;

/// What a run has used, and made.
struct Run {
    peak_bytes: u64,
    rows: u64,
    objects: u64,
}

/// Loads into a folder, an object at least for each day.
fn load(folder: &Path, format: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spile"));
    command.current_dir(folder).env_clear();
    command.env("HOME", "/nonexistent").env("SPILE_LOG", "warn");
    command.args(["load", "s.jsonl", "--cursor-field", "at", "--to"]);
    command.arg("out/{cursor_iso_date}-{part}.{extension}");
    command.args(["--format", format, "--memory", "64MiB"]);
    command.args(["--output-format", "json"]);
    let file = |name| File::create(folder.join(name)).expect("a file");
    command.stdin(Stdio::null());
    command.stdout(file("report")).stderr(file("log"));
    let child = command.spawn().expect("it runs");
    let used = child.wait4().expect("it ends");
    let read = |name| fs::read_to_string(folder.join(name)).expect("a text");
    assert!(used.status.success(), "{}", read("log"));
    let report: Value = serde_json::from_str(&read("report")).expect("a report");
    let objects = report["objects"].as_array().expect("objects");
    Run {
        peak_bytes: used.rusage.maxrss,
        rows: report["rows"].as_u64().expect("a number"),
        objects: objects.len() as u64,
    }
}

/// Beyond its memory a run may take what is remembered of its objects, and `more`.
fn check(format: &str, input: Input, more: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = input.write(&folder.path().join("s.jsonl"));
    let run = load(folder.path(), format);
    let Run {
        peak_bytes,
        objects,
        ..
    } = run;
    println!(
        "{format}, {} days: {} KiB at most, {objects} objects",
        input.days,
        peak_bytes >> 10
    );
    assert_eq!(run.rows, rows);
    // Where all open objects had room, the limit wasn't met.
    assert!(objects > input.days || input.days == 1);
    let limit = MEMORY + objects * OBJECT + more;
    assert!(
        peak_bytes <= limit,
        "{format}: {peak_bytes} bytes at most, where {limit} may be used"
    );
}

#[test]
fn one_period_as_parquet() {
    check("parquet", Input::one_day(100), DEBUG_BUILD + FREED_PAGES);
}

#[test]
fn one_period_as_csv() {
    check("csv", Input::one_day(80), 0);
}

#[test]
fn one_period_as_jsonl() {
    check("jsonl", Input::one_day(80), 0);
}

/// To compress takes long in a debug build, so the input is less. All of it would be too much nonetheless.
#[test]
fn one_period_as_compressed_jsonl() {
    check("jsonl.gz", Input::one_day(24), 0);
}

#[test]
fn many_periods_as_parquet() {
    check("parquet", Input::many_days(), DEBUG_BUILD);
}

#[test]
fn many_periods_as_csv() {
    check("csv", Input::many_days(), DEBUG_BUILD);
}

#[test]
fn many_periods_as_jsonl() {
    check("jsonl", Input::many_days(), DEBUG_BUILD);
}

#[test]
fn many_periods_as_compressed_jsonl() {
    let more = DEBUG_BUILD + COMPRESSORS;
    check("jsonl.gz", Input::many_days(), more);
}
