//! The manifest of a run: what a whole run has come to. It is written last.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::AttemptFolder;
use super::record::{ObjectRecord, SchemaRecord};
use super::shelf::{LedgerError, Shelf, VERSION, text_of, unknown_version};
use crate::source::StreamName;

/// What a run has come to. Serialised, it is one JSON object, documented in
/// `docs/reference/manifest.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form. A reader of version 1 can read all that say 1.
    pub schema_version: u32,
    /// The version of Spile that wrote it.
    pub spile_version: String,
    /// The connection's id, if it has one.
    pub connection_id: Option<String>,
    /// The run's id.
    pub connection_run_id: String,
    /// Which attempt at the run this is, from 1.
    pub attempt: u32,
    /// The time of the load.
    pub load_time: DateTime<Utc>,
    /// The time zone that times were told in, by its IANA name.
    pub timezone: String,
    /// When this attempt began.
    pub started_at: DateTime<Utc>,
    /// When all of it had been published.
    pub published_at: DateTime<Utc>,
    /// Where the objects are.
    pub destination: String,
    /// Where those of bad records are, if that is another bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine_destination: Option<String>,
    /// Records in the objects below.
    pub rows: u64,
    /// Bytes of the objects below.
    pub bytes: u64,
    /// Bad records that were set aside: those in the objects of `quarantine`.
    #[serde(default)]
    pub rejected: u64,
    /// The checksum of the last state that was released, where the source has states.
    pub state_checksum: Option<String>,
    /// What the source may go on from, where it says so.
    pub checkpoint: Option<String>,
    /// Whether the objects hold records from behind the checkpoint too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_behind: bool,
    /// The streams, with their objects.
    pub streams: Vec<StreamManifest>,
    /// The objects of bad records, in the order in which they began. No index has them, and no later
    /// run replaces them.
    #[serde(default)]
    pub quarantine: Vec<ObjectRecord>,
    /// The columns that objects refer to by their fingerprints.
    pub schemas: Vec<SchemaRecord>,
}

/// What a run has come to for a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamManifest {
    /// The namespace, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    pub stream: String,
    /// The template of its keys.
    #[serde(default)]
    pub template: String,
    /// Its records.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Its objects, in the order in which they began.
    pub objects: Vec<ObjectRecord>,
}

impl Manifest {
    /// All objects, stream by stream, those of the quarantine apart.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectRecord> {
        self.streams.iter().flat_map(|stream| &stream.objects)
    }

    /// The template of the keys of each stream.
    pub(crate) fn templates(&self) -> BTreeMap<String, String> {
        let of = |it: &StreamManifest| (it.stream_name().to_string(), it.template.clone());
        self.streams.iter().map(of).collect()
    }

    /// Its text, as it is written.
    pub fn text(&self) -> Bytes {
        text_of(self)
    }

    /// The manifest of an attempt, if it has one.
    pub(crate) async fn read(
        shelf: &Shelf,
        at: &AttemptFolder,
    ) -> Result<Option<Self>, LedgerError> {
        let key = shelf.key(&at.manifest())?;
        let manifest: Option<Self> = shelf.read(&key).await?;
        match &manifest {
            Some(Self { schema_version, .. }) if *schema_version != VERSION => {
                Err(shelf.misunderstood(&key, unknown_version(*schema_version)))
            }
            _ => Ok(manifest),
        }
    }
}

impl StreamManifest {
    fn stream_name(&self) -> StreamName {
        StreamName {
            namespace: self.namespace.as_deref().map(Into::into),
            name: self.stream.as_str().into(),
        }
    }
}

/// The objects of each stream, streams in the order of their names.
pub(crate) fn by_stream(
    objects: Vec<ObjectRecord>,
    templates: &BTreeMap<String, String>,
) -> Vec<StreamManifest> {
    let mut streams: BTreeMap<StreamName, Vec<ObjectRecord>> = BTreeMap::new();
    for object in objects {
        streams
            .entry(object.stream_name())
            .or_default()
            .push(object);
    }
    let sum = |(stream, mut objects): (StreamName, Vec<ObjectRecord>)| {
        objects.sort_by_key(|object| object.object);
        StreamManifest {
            template: templates
                .get(&stream.to_string())
                .cloned()
                .unwrap_or_default(),
            namespace: stream.namespace.as_deref().map(str::to_owned),
            stream: stream.name.to_string(),
            rows: objects.iter().map(|object| object.rows).sum(),
            bytes: objects.iter().map(|object| object.bytes).sum(),
            objects,
        }
    };
    streams.into_iter().map(sum).collect()
}
