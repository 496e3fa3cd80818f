//! The lines of a journal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use spile_macros_template::ObjectKey;

use super::record::{ObjectRecord, SchemaRecord, key_from_text, key_to_text};
use crate::bucket::{Condition, Part, Staged, Upload};

/// What a run writes down before or after it does something. A line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// An attempt at a run begins.
    Begun(Begun),
    /// An object that an earlier attempt has published and this one keeps.
    Kept { record: ObjectRecord },
    /// An object that is to go once this attempt's objects have appeared.
    Retire { record: ObjectRecord },
    /// A stream is met: the template of its keys.
    Stream { stream: String, template: String },
    /// Columns that objects below refer to.
    Schema(SchemaRecord),
    /// An upload is about to begin.
    Claimed {
        object: u64,
        #[serde(serialize_with = "key_to_text", deserialize_with = "key_from_text")]
        key: ObjectKey,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quarantine: bool,
    },
    /// An upload has begun, and its first part is about to be sent.
    Uploading {
        object: u64,
        #[serde(serialize_with = "key_to_text", deserialize_with = "key_from_text")]
        key: ObjectKey,
        upload: String,
        write_id: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quarantine: bool,
    },
    /// An object is about to be put, in one step.
    Putting {
        record: ObjectRecord,
        write_id: String,
    },
    /// An object is whole in the bucket, seen by nobody.
    Staged {
        record: ObjectRecord,
        upload: String,
        write_id: Option<String>,
        parts: Vec<PartRecord>,
        replaces: bool,
    },
    /// An object has appeared.
    Published { object: u64, etag: Option<String> },
    /// Nothing of an object is left.
    Gone { object: u64 },
    /// An object of this attempt that is to go once all has appeared: it is of a generation that
    /// counts no more.
    Outdated { object: u64 },
    /// All objects up to a number have appeared, and so the source may go on from here.
    Released {
        objects: u64,
        checkpoint: Option<String>,
        /// Whether they hold records from behind the checkpoint too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_behind: bool,
    },
    /// All that is staged is to appear. From here on there is no way back.
    Publishing {
        checkpoint: Option<String>,
        /// Whether that holds records from behind the checkpoint too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_behind: bool,
    },
    /// All that is to appear has: indexes are changed next, and what goes is removed.
    Concluding,
    /// Whoever writes this has taken the run over.
    Taken { by: String },
    /// The attempt is over.
    Ended { status: AttemptStatus },
}

/// What an attempt at a run begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) schema_version: u32,
    pub(crate) spile_version: String,
    pub(crate) connection_id: Option<String>,
    pub(crate) run_id: String,
    pub(crate) attempt: u32,
    pub(crate) load_time: DateTime<Utc>,
    pub(crate) timezone: String,
    pub(crate) started_at: DateTime<Utc>,
    /// Whether nothing is to be seen before all is whole.
    pub(crate) as_a_whole: bool,
    /// Whether somebody is to be told when it is whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_told: bool,
    /// Where the source went on from, where it didn't begin at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resumed_from: Option<String>,
    /// Where the objects are, for people.
    pub(crate) destination: String,
    /// Where bad records are, if that is another bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quarantine: Option<String>,
    /// The template of the keys of each stream, of the entries that follow.
    #[serde(skip)]
    pub(crate) templates: BTreeMap<String, String>,
}

/// How an attempt at a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    /// All is published, and the manifest says so.
    Done,
    /// It was asked to stop.
    Interrupted,
    /// It couldn't go on.
    Failed,
    /// It was found dead before it had begun to publish, and undone: what had appeared stays.
    Undone,
    /// It was found dead while it published, and that was finished.
    Finished,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) bytes: u64,
    pub(crate) etag: String,
}

impl Entry {
    /// That an object is staged.
    pub(crate) fn staged(record: ObjectRecord, staged: &Staged, condition: Condition) -> Self {
        let part = |part: &Part| PartRecord {
            bytes: part.bytes,
            etag: part.etag.clone(),
        };
        Self::Staged {
            record,
            upload: staged.upload.id.clone(),
            write_id: staged.upload.write_id.clone(),
            parts: staged.parts.iter().map(part).collect(),
            replaces: condition == Condition::Replace,
        }
    }
}

/// A staged object, as it was written down.
pub(crate) fn staged_of(upload: Upload, parts: &[PartRecord]) -> Staged {
    let part = |(number, part): (u32, &PartRecord)| Part {
        number,
        bytes: part.bytes,
        etag: part.etag.clone(),
    };
    Staged {
        upload,
        parts: (1..).zip(parts).map(part).collect(),
    }
}
