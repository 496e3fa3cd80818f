//! What a verification comes to, for people and for programs.

use std::collections::BTreeSet;

use indicatif::HumanBytes;
use serde::Serialize;
use spile_core::ledger::Manifest;

use super::object::{Difference, Found, What};
use crate::failure::{Exit, Failure};
use crate::report::plural;
use crate::table::shown;

/// What a verification comes to.
#[derive(Debug, Serialize)]
pub(super) struct Outcome<'a> {
    schema_version: u32,
    /// `same` or `different`.
    status: &'static str,
    connection_id: Option<&'a str>,
    connection_run_id: &'a str,
    attempt: u32,
    /// Objects that were compared, and what the manifest says of them.
    objects: u64,
    rows: u64,
    bytes: u64,
    different: Vec<Different>,
    not_compared: BTreeSet<NotCompared>,
}

/// An object that isn't as the manifest says.
#[derive(Debug, Serialize)]
struct Different {
    stream: String,
    key: String,
    differences: Vec<Difference>,
}

/// What of a stream wasn't compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct NotCompared {
    stream: String,
    what: &'static str,
    why: String,
}

impl<'a> Outcome<'a> {
    pub(super) fn of(manifest: &'a Manifest) -> Self {
        Self {
            schema_version: 1,
            status: "same",
            connection_id: manifest.connection_id.as_deref(),
            connection_run_id: &manifest.connection_run_id,
            attempt: manifest.attempt,
            objects: 0,
            rows: manifest.rows,
            bytes: manifest.bytes,
            different: Vec::new(),
            not_compared: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, found: Found) {
        self.objects += 1;
        if let Some(why) = found.without_cursors {
            self.not_compared.insert(NotCompared {
                stream: found.stream.clone(),
                what: What::Cursors.word(),
                why,
            });
        }
        if !found.differences.is_empty() {
            self.status = "different";
            self.different.push(Different {
                stream: found.stream,
                key: found.key,
                differences: found.differences,
            });
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self.different.is_empty() {
            true => Exit::Done,
            false => Exit::Different,
        }
    }

    pub(super) fn json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::of(Exit::Bug, &error, None))
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for object in &self.different {
            text += &format!("{}\n", object.key);
            text.extend(object.differences.iter().map(line));
        }
        for NotCompared { stream, what, why } in &self.not_compared {
            text += &shown(&format!("stream {stream}: {what} not compared: {why}"));
            text += "\n";
        }
        let objects = plural(self.objects, "object");
        let run = shown(self.connection_run_id);
        let (rows, bytes) = (plural(self.rows, "record"), HumanBytes(self.bytes));
        text + &match self.different.len() {
            0 => format!("same: run {run}, {rows} in {objects} ({bytes})\n"),
            differ => format!("different: run {run}, {differ} of {objects}\n"),
        }
    }
}

fn line(difference: &Difference) -> String {
    let Difference {
        what,
        expected,
        found,
    } = difference;
    let what = what.word();
    match difference.what {
        What::Missing => "  missing: there is no such object\n".to_owned(),
        What::Unreadable => format!("  {what}: {}\n", shown(found)),
        _ => format!("  {what}: {expected} in the manifest, {found} in the object\n"),
    }
}
