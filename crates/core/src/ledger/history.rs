//! What a journal says of an attempt at a run.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use spile_macros_template::ObjectKey;

use super::entry::{AttemptStatus, Begun, Entry, PartRecord};
use super::record::{ObjectRecord, SchemaRecord};
use super::shelf::{LedgerError, Series, Shelf, VERSION, unknown_version};
use crate::bucket::Upload;

/// What has become of an attempt at a run, as far as it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) begun: Option<Begun>,
    /// Objects of earlier attempts that this one keeps.
    pub(crate) kept: Vec<ObjectRecord>,
    /// Objects that go once this attempt's have appeared.
    pub(crate) retire: Vec<ObjectRecord>,
    /// Objects of this attempt that go then, too.
    pub(crate) outdated: BTreeSet<u64>,
    pub(crate) schemas: BTreeMap<String, SchemaRecord>,
    pub(crate) objects: BTreeMap<u64, ObjectState>,
    /// What wasn't there when somebody looked.
    pub(crate) late: Vec<Late>,
    /// Up to which number all objects have appeared, and what the source may go on from.
    pub(crate) released: Option<Released>,
    pub(crate) publishing: Option<Publishing>,
    pub(crate) ended: Option<AttemptStatus>,
    /// The number of the last segment.
    pub(crate) segments: u32,
    /// Whether its first segment is gone: somebody was removing it, and has died over it.
    pub(crate) is_remains: bool,
}

/// That all objects up to a number have appeared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Released {
    pub(crate) objects: u64,
    pub(crate) checkpoint: Option<String>,
    /// Whether they hold records from behind the checkpoint too.
    pub(crate) is_behind: bool,
}

/// That publishing has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publishing {
    /// What the source may go on from when all has appeared.
    pub(crate) checkpoint: Option<String>,
    /// Whether there are records from behind the checkpoint too.
    pub(crate) is_behind: bool,
}

/// What was the last thing to be written down of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObjectState {
    Claimed {
        key: ObjectKey,
        quarantine: bool,
    },
    Uploading {
        upload: Upload,
        quarantine: bool,
    },
    Putting {
        record: ObjectRecord,
        write_id: String,
    },
    Staged {
        record: ObjectRecord,
        upload: Upload,
        parts: Vec<PartRecord>,
        replaces: bool,
    },
    Published(ObjectRecord),
}

/// What was about to come, and wasn't there when somebody looked: a request that was under way when its
/// process died may have been done since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    /// An object, and the id of its write.
    Put {
        record: Box<ObjectRecord>,
        write_id: String,
    },
    /// An upload, whose id nobody knows.
    Begin { key: ObjectKey, quarantine: bool },
}

impl Late {
    fn of(state: ObjectState) -> Option<Self> {
        match state {
            ObjectState::Putting { record, write_id } => {
                let record = Box::new(record);
                Some(Self::Put { record, write_id })
            }
            ObjectState::Claimed { key, quarantine } => Some(Self::Begin { key, quarantine }),
            _ => None,
        }
    }
}

/// An upload, as it was written down.
fn upload_of(key: ObjectKey, id: String, write_id: Option<String>) -> Upload {
    Upload {
        key,
        id,
        write_id,
        abort_at: None,
    }
}

/// Segments that are read at once.
const READS: usize = 8;

impl History {
    /// Reads the journal of an attempt, as far as there is one.
    pub(crate) async fn read(shelf: &Shelf, series: &Series) -> Result<Self, LedgerError> {
        let numbers = series.numbers(shelf).await?;
        Self::of_segments(shelf, series, &numbers).await
    }

    /// Reads the segments of a journal that have these numbers, in order.
    pub(crate) async fn of_segments(
        shelf: &Shelf,
        series: &Series,
        numbers: &[u32],
    ) -> Result<Self, LedgerError> {
        // What comes after a gap was never relied on by anybody.
        let whole = (1..).zip(numbers).take_while(|(n, number)| n == *number);
        let reads = whole.map(|(number, _)| async move {
            let key = series.key(shelf, number)?;
            let text = shelf.text(&key).await?;
            let text = text.ok_or_else(|| shelf.misunderstood(&key, "it is gone"))?;
            Ok::<_, LedgerError>((number, key, text))
        });
        let mut segments = stream::iter(reads).buffered(READS);
        let mut history = Self {
            is_remains: numbers.first().is_some_and(|first| *first > 1),
            ..Self::default()
        };
        while let Some((number, key, text)) = segments.try_next().await? {
            let added = history.add_segment(&text);
            added.map_err(|cause| shelf.misunderstood(&key, cause))?;
            history.segments = number;
        }
        Ok(history)
    }

    /// Adds what a segment says.
    pub(crate) fn add_segment(&mut self, text: &Bytes) -> Result<(), String> {
        for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            if text.is_empty() {
                continue;
            }
            let entry = serde_json::from_slice(text);
            let added = entry.map_err(|error| error.to_string());
            let added = added.and_then(|entry| self.add(entry));
            added.map_err(|cause| format!("line {line}: {cause}"))?;
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> Result<(), String> {
        match entry {
            Entry::Begun(begun) if begun.schema_version != VERSION => {
                return Err(unknown_version(begun.schema_version));
            }
            Entry::Begun(begun) => self.begun = Some(begun),
            Entry::Kept { record } => self.kept.push(record),
            Entry::Retire { record } => self.retire.push(record),
            Entry::Outdated { object } => {
                self.outdated.insert(object);
            }
            Entry::Stream { stream, template } => {
                let begun = self.begun.as_mut();
                begun.map(|begun| begun.templates.insert(stream, template));
            }
            Entry::Schema(schema) => {
                self.schemas.insert(schema.fingerprint.clone(), schema);
            }
            Entry::Claimed {
                object,
                key,
                quarantine,
            } => self.set(object, ObjectState::Claimed { key, quarantine }),
            Entry::Uploading {
                object,
                key,
                upload,
                write_id,
                quarantine,
            } => self.set(
                object,
                ObjectState::Uploading {
                    upload: upload_of(key, upload, write_id),
                    quarantine,
                },
            ),
            Entry::Putting { record, write_id } => {
                self.set(record.object, ObjectState::Putting { record, write_id });
            }
            Entry::Staged {
                record,
                upload,
                write_id,
                parts,
                replaces,
            } => self.set(
                record.object,
                ObjectState::Staged {
                    upload: upload_of(record.key.clone(), upload, write_id),
                    record,
                    parts,
                    replaces,
                },
            ),
            Entry::Published { object, etag } => self.published(object, etag)?,
            Entry::Gone { object } => {
                let gone = self.objects.remove(&object);
                self.late.extend(gone.and_then(Late::of));
            }
            Entry::Released {
                objects,
                checkpoint,
                is_behind,
            } => {
                self.released = Some(Released {
                    objects,
                    checkpoint,
                    is_behind,
                });
            }
            Entry::Publishing {
                checkpoint,
                is_behind,
            } => {
                self.publishing = Some(Publishing {
                    checkpoint,
                    is_behind,
                });
            }
            Entry::Concluding | Entry::Taken { .. } => {}
            Entry::Ended { status } => self.ended = Some(status),
        }
        Ok(())
    }

    fn set(&mut self, object: u64, state: ObjectState) {
        self.objects.insert(object, state);
    }

    fn published(&mut self, object: u64, etag: Option<String>) -> Result<(), String> {
        let record = match self.objects.remove(&object) {
            Some(
                ObjectState::Putting { record, .. }
                | ObjectState::Staged { record, .. }
                | ObjectState::Published(record),
            ) => record,
            _ => return Err(format!("object {object} has appeared, and was never whole")),
        };
        self.set(
            object,
            ObjectState::Published(ObjectRecord { etag, ..record }),
        );
        Ok(())
    }

    /// Whether there are objects that have neither appeared nor gone.
    pub(crate) fn has_unpublished(&self) -> bool {
        let is_published = |state: &ObjectState| matches!(state, ObjectState::Published(_));
        !self.objects.values().all(is_published)
    }

    /// Whether any of its objects holds bad records.
    pub(crate) fn has_quarantine(&self) -> bool {
        let is_aside = |state: &ObjectState| match state {
            ObjectState::Claimed { quarantine, .. } | ObjectState::Uploading { quarantine, .. } => {
                *quarantine
            }
            ObjectState::Putting { record, .. }
            | ObjectState::Staged { record, .. }
            | ObjectState::Published(record) => record.quarantine,
        };
        let mut others = self.kept.iter().chain(&self.retire);
        self.objects.values().any(is_aside) || others.any(|record| record.quarantine)
    }

    /// The objects that have appeared, those of earlier attempts that are kept among them.
    pub(crate) fn published_records(&self) -> Vec<ObjectRecord> {
        let own = self.objects.values().filter_map(|state| match state {
            ObjectState::Published(record) => Some(record),
            _ => None,
        });
        self.kept.iter().chain(own).cloned().collect()
    }
}

/// Reads segments that are at hand.
#[cfg(feature = "testing")]
pub(crate) fn read_segments(segments: &[Bytes]) -> Result<String, String> {
    let mut history = History::default();
    for segment in segments {
        history.add_segment(segment)?;
    }
    Ok(format!("{history:?}"))
}
