//! The report of a run, for people and for machines.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::ledger::Recovery;
use crate::receipt::{Receipt, Unpublished};
use crate::router::CursorRange;
use crate::run::{Ending, Outcome};

/// What a run did. Serialised, it is one JSON object, documented in `docs/reference/report.md`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this form. A reader of version 1 can read all that say 1.
    pub schema_version: u32,
    /// How the run ended.
    pub status: Status,
    /// The connection's id, if it has one.
    pub connection_id: Option<String>,
    /// The run's id, unless it failed before it had one.
    pub connection_run_id: Option<String>,
    /// The time zone that times were told in, by its IANA name, unless it failed before it had one.
    pub timezone: Option<String>,
    /// The time of the load, unless it failed before it had one.
    #[serde(serialize_with = "as_it_was_given")]
    pub load_time: Option<DateTime<Utc>>,
    /// When it began.
    #[serde(serialize_with = "to_the_millisecond")]
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub seconds: f64,
    /// Records in the objects below.
    pub rows: u64,
    /// Bytes of the objects below.
    pub bytes: u64,
    /// Records that were read. More than `rows` and `rejected` where a run failed.
    pub rows_read: u64,
    /// Bad records that were set aside: those in the objects of `quarantine`.
    pub rejected: u64,
    /// Requests to the destination that were repeated.
    pub retries: u64,
    /// Sums by stream.
    pub streams: Vec<StreamReport>,
    /// The objects that have appeared, in the order in which they began.
    pub objects: Vec<ObjectReport>,
    /// The objects of bad records that have appeared, in that order too.
    pub quarantine: Vec<ObjectReport>,
    /// The objects that are whole in the bucket but couldn't be published, in that order too.
    pub staged: Vec<StagedReport>,
    /// What was found dead and recovered before it began.
    pub recovered: Option<Recovery>,
    /// What went wrong, if anything did.
    pub error: Option<ErrorReport>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All records were loaded.
    Done,
    /// It was asked to stop.
    Interrupted,
    /// It couldn't go on.
    Failed,
}

/// The objects of one stream, summed up.
#[derive(Clone, Debug, Serialize)]
pub struct StreamReport {
    /// The stream, with its namespace.
    pub stream: String,
    /// Its objects.
    pub objects: u64,
    /// Its records.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// The first and the last cursor, where cursors are times.
    pub cursors: Option<CursorReport>,
}

/// An object that has appeared.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectReport {
    /// The stream, with its namespace.
    pub stream: String,
    /// Its key.
    pub key: String,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// In how many parts it was sent.
    pub parts: u32,
    /// The first and the last cursor, where cursors are times.
    pub cursors: Option<CursorReport>,
}

/// An object that is whole in the bucket but couldn't be published: it stays there, seen by nobody.
#[derive(Clone, Debug, Serialize)]
pub struct StagedReport {
    /// The stream, with its namespace.
    pub stream: String,
    /// The key at which it was to appear.
    pub key: String,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// What the bucket calls its upload.
    pub upload: String,
}

/// The first and the last of some cursors, as RFC 3339 in the run's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CursorReport {
    /// The earliest.
    pub first: String,
    /// The latest.
    pub last: String,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReport {
    /// What happened, with all its causes.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The program's exit code.
    pub exit_code: u8,
}

/// What is known of a run apart from its outcome.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The connection's id, if it has one.
    pub connection_id: Option<String>,
    /// The run's id, unless it failed before it had one.
    pub connection_run_id: Option<String>,
    /// The time zone that times were told in, by its IANA name, unless it failed before it had one.
    pub timezone: Option<String>,
    /// The time of the load, unless it failed before it had one.
    pub load_time: Option<DateTime<Utc>>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub seconds: f64,
    /// Requests that were repeated.
    pub retries: u64,
}

impl Report {
    /// The report of a run. `error` says what went wrong, where something did.
    pub fn new(facts: RunFacts, outcome: &Outcome, error: Option<ErrorReport>) -> Self {
        let receipts = &outcome.receipts;
        Self {
            schema_version: 1,
            status: Status::of(&outcome.ending),
            connection_id: facts.connection_id,
            connection_run_id: facts.connection_run_id,
            timezone: facts.timezone,
            load_time: facts.load_time,
            started_at: facts.started_at,
            seconds: facts.seconds,
            rows: receipts.iter().map(|receipt| receipt.rows).sum(),
            bytes: receipts.iter().map(|receipt| receipt.bytes).sum(),
            rows_read: outcome.rows_read,
            rejected: outcome.quarantine.iter().map(|it| it.rows).sum(),
            retries: facts.retries,
            streams: by_stream(receipts),
            objects: receipts.iter().map(ObjectReport::of).collect(),
            quarantine: outcome.quarantine.iter().map(ObjectReport::of).collect(),
            staged: outcome.unpublished.iter().map(StagedReport::of).collect(),
            recovered: outcome.recovered.clone(),
            error,
        }
    }
}

impl Report {
    /// The report of a run that failed before it read anything.
    pub fn of_nothing(facts: RunFacts, error: ErrorReport) -> Self {
        Self {
            schema_version: 1,
            status: Status::Failed,
            connection_id: facts.connection_id,
            connection_run_id: facts.connection_run_id,
            timezone: facts.timezone,
            load_time: facts.load_time,
            started_at: facts.started_at,
            seconds: facts.seconds,
            rows: 0,
            bytes: 0,
            rows_read: 0,
            rejected: 0,
            retries: facts.retries,
            streams: Vec::new(),
            objects: Vec::new(),
            quarantine: Vec::new(),
            staged: Vec::new(),
            recovered: None,
            error: Some(error),
        }
    }
}

impl Status {
    fn of(ending: &Ending) -> Self {
        match ending {
            Ending::Done => Status::Done,
            Ending::Interrupted => Status::Interrupted,
            Ending::Failed(_) => Status::Failed,
        }
    }
}

impl ObjectReport {
    fn of(receipt: &Receipt) -> Self {
        Self {
            stream: receipt.stream.to_string(),
            key: receipt.key.to_string(),
            rows: receipt.rows,
            bytes: receipt.bytes,
            parts: receipt.parts,
            cursors: receipt.cursors.and_then(CursorReport::of),
        }
    }
}

impl StagedReport {
    fn of(left: &Unpublished) -> Self {
        Self {
            stream: left.stream.to_string(),
            key: left.staged.upload.key.to_string(),
            rows: left.rows,
            bytes: left.staged.bytes(),
            upload: left.staged.upload.id.clone(),
        }
    }
}

impl CursorReport {
    fn of(range: CursorRange) -> Option<Self> {
        let text =
            |time: DateTime<chrono::FixedOffset>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let first = range.first.to_date_time().map(text)?;
        Some(Self {
            first,
            last: range.last.to_date_time().map(text)?,
        })
    }
}

fn as_it_was_given<S: serde::Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(utc_text).serialize(serializer)
}

/// RFC 3339 in UTC, with a fraction only where there is one.
fn utc_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn to_the_millisecond<S: serde::Serializer>(
    time: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn by_stream(receipts: &[Receipt]) -> Vec<StreamReport> {
    let mut streams: BTreeMap<_, Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts {
        streams.entry(&receipt.stream).or_default().push(receipt);
    }
    let sum = |(stream, receipts): (&crate::StreamName, Vec<&Receipt>)| StreamReport {
        stream: stream.to_string(),
        objects: receipts.len() as u64,
        rows: receipts.iter().map(|receipt| receipt.rows).sum(),
        bytes: receipts.iter().map(|receipt| receipt.bytes).sum(),
        cursors: receipts
            .iter()
            .filter_map(|receipt| receipt.cursors)
            .reduce(CursorRange::joined)
            .and_then(CursorReport::of),
    };
    streams.into_iter().map(sum).collect()
}
