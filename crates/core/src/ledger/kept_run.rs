//! An attempt at a run, as far as something is kept of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use spile_macros_template::ObjectKey;

use super::entry::{AttemptStatus, Begun};
use super::history::{History, ObjectState};
use super::lease::LeaseDocument;
use super::manifest::Manifest;
use super::record::{ObjectRecord, SchemaRecord, key_to_text};

/// What an attempt at a run has come to. Serialised, it is one JSON object, documented in
/// `docs/reference/runs.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// The connection's id, if it has one.
    pub connection_id: Option<String>,
    /// The run's id.
    pub connection_run_id: String,
    /// Which attempt at the run this is, from 1.
    pub attempt: u32,
    /// What has become of it.
    pub status: RunStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// The time of the load, where it is known.
    pub load_time: Option<DateTime<Utc>>,
    /// When all of it had been published, where it is whole.
    pub published_at: Option<DateTime<Utc>>,
    /// Where its objects are, where that is known.
    pub destination: Option<String>,
    /// Objects that have appeared.
    pub objects: u64,
    /// Records in those.
    pub rows: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Bad records that were set aside, in objects of their own.
    pub rejected: u64,
    /// Uploads that have neither appeared nor gone, as far as was written down.
    pub uploads: u64,
    /// What the source may go on from, where it says so.
    pub checkpoint: Option<String>,
}

/// What has become of an attempt at a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// All is published, and its manifest is there.
    Whole,
    /// Somebody works on it.
    Alive,
    /// It couldn't go on.
    Failed,
    /// It was asked to stop.
    Interrupted,
    /// It died before it had begun to publish, and was undone.
    Undone,
    /// It has died, and nobody has seen to it.
    Unfinished,
}

/// All that is kept of an attempt at a run.
#[derive(Clone, Debug, Serialize)]
pub struct KeptRun {
    /// What it has come to.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The time zone that times were told in, by its IANA name.
    pub timezone: String,
    /// The objects that have appeared, in the order in which they began.
    #[serde(rename = "appeared")]
    pub objects: Vec<ObjectRecord>,
    /// The objects of bad records that have appeared, in that order too.
    pub quarantine: Vec<ObjectRecord>,
    /// Uploads that have neither appeared nor gone, as far as was written down.
    #[serde(rename = "begun")]
    pub uploads: Vec<OpenUpload>,
    /// The columns that objects refer to by their fingerprints.
    pub schemas: Vec<SchemaRecord>,
    /// Its manifest, where it is whole.
    #[serde(skip)]
    pub manifest: Option<Manifest>,
}

/// An upload that has neither appeared nor gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenUpload {
    /// Where it would appear.
    #[serde(serialize_with = "key_to_text")]
    pub key: ObjectKey,
    /// What the bucket calls it, where that was written down.
    pub upload: Option<String>,
    /// Its bytes, where it is whole.
    pub bytes: Option<u64>,
}

impl RunStatus {
    /// Its word, as in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Alive => "alive",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Undone => "undone",
            Self::Unfinished => "unfinished",
        }
    }

    fn of(ended: Option<AttemptStatus>, is_alive: bool) -> Self {
        match ended {
            Some(AttemptStatus::Interrupted) => Self::Interrupted,
            Some(AttemptStatus::Undone) => Self::Undone,
            // What was done or finished has a manifest, unless somebody has removed it.
            Some(_) => Self::Failed,
            None if is_alive => Self::Alive,
            None => Self::Unfinished,
        }
    }
}

impl RunSummary {
    /// The newest is the greatest.
    pub(crate) fn order(&self) -> (DateTime<Utc>, String, u32) {
        (
            self.started_at,
            self.connection_run_id.clone(),
            self.attempt,
        )
    }

    /// One that has written nothing down yet.
    pub(crate) fn of_lease(lease: &LeaseDocument) -> Self {
        Self {
            connection_id: lease.connection_id.clone(),
            connection_run_id: lease.run_id.clone(),
            attempt: lease.attempt,
            status: RunStatus::Alive,
            started_at: lease.since,
            load_time: None,
            published_at: None,
            destination: None,
            objects: 0,
            rows: 0,
            bytes: 0,
            rejected: 0,
            uploads: 0,
            checkpoint: None,
        }
    }
}

impl KeptRun {
    pub(crate) fn of_manifest(manifest: Manifest) -> Self {
        let objects: Vec<ObjectRecord> = manifest.objects().cloned().collect();
        let summary = RunSummary {
            connection_id: manifest.connection_id.clone(),
            connection_run_id: manifest.connection_run_id.clone(),
            attempt: manifest.attempt,
            status: RunStatus::Whole,
            started_at: manifest.started_at,
            load_time: Some(manifest.load_time),
            published_at: Some(manifest.published_at),
            destination: Some(manifest.destination.clone()),
            objects: objects.len() as u64,
            rows: manifest.rows,
            bytes: manifest.bytes,
            rejected: manifest.rejected,
            uploads: 0,
            checkpoint: manifest.checkpoint.clone(),
        };
        Self {
            summary,
            timezone: manifest.timezone.clone(),
            objects,
            quarantine: manifest.quarantine.clone(),
            uploads: Vec::new(),
            schemas: manifest.schemas.clone(),
            manifest: Some(manifest),
        }
    }

    pub(crate) fn of_history(history: &History, begun: &Begun, is_alive: bool) -> Self {
        let published = history.published_records().into_iter();
        let (quarantine, objects): (Vec<_>, Vec<ObjectRecord>) =
            published.partition(|record| record.quarantine);
        let uploads: Vec<OpenUpload> = history.objects.values().filter_map(open).collect();
        let released = history.released.as_ref();
        let checkpoint = match released {
            Some(released) => released.checkpoint.clone(),
            None => begun.resumed_from.clone(),
        };
        let summary = RunSummary {
            connection_id: begun.connection_id.clone(),
            connection_run_id: begun.run_id.clone(),
            attempt: begun.attempt,
            status: RunStatus::of(history.ended, is_alive),
            started_at: begun.started_at,
            load_time: Some(begun.load_time),
            published_at: None,
            destination: Some(begun.destination.clone()),
            objects: objects.len() as u64,
            rows: objects.iter().map(|record| record.rows).sum(),
            bytes: objects.iter().map(|record| record.bytes).sum(),
            rejected: quarantine.iter().map(|record| record.rows).sum(),
            uploads: uploads.len() as u64,
            checkpoint,
        };
        Self {
            summary,
            timezone: begun.timezone.clone(),
            objects,
            quarantine,
            uploads,
            schemas: history.schemas.values().cloned().collect(),
            manifest: None,
        }
    }
}

fn open(state: &ObjectState) -> Option<OpenUpload> {
    let (key, upload, bytes) = match state {
        ObjectState::Claimed { key, .. } => (key, None, None),
        ObjectState::Uploading { upload, .. } => (&upload.key, Some(upload.id.clone()), None),
        ObjectState::Putting { record, .. } => (&record.key, None, Some(record.bytes)),
        ObjectState::Staged { record, upload, .. } => {
            (&record.key, Some(upload.id.clone()), Some(record.bytes))
        }
        ObjectState::Published(_) => return None,
    };
    Some(OpenUpload {
        key: key.clone(),
        upload,
        bytes,
    })
}
