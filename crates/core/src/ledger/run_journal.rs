//! What the uploads of a run write down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spile_macros_template::ObjectKey;

use super::entry::Entry;
use super::journal::Journal;
use super::record::{ObjectRecord, SchemaRecord};
use super::shelf::LedgerError;
use crate::bucket::{Condition, Staged, Upload};
use crate::object::ObjectId;
use crate::receipt::Receipt;

/// The journal of a run, for its uploads. It is cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RunJournal {
    pub(super) journal: Journal,
    schemas: Arc<Mutex<BTreeMap<String, SchemaRecord>>>,
    /// Uploads that have begun, and of which it isn't known that nothing is left.
    open: Arc<Mutex<BTreeSet<ObjectId>>>,
}

impl RunJournal {
    /// A journal that begins, and the columns that earlier attempts have written down.
    pub(super) fn new(journal: Journal, schemas: BTreeMap<String, SchemaRecord>) -> Self {
        Self {
            journal,
            schemas: Arc::new(Mutex::new(schemas)),
            open: Arc::default(),
        }
    }

    /// An upload is about to begin.
    pub(crate) async fn claimed(
        &self,
        object: ObjectId,
        key: &ObjectKey,
        quarantine: bool,
    ) -> Result<(), LedgerError> {
        self.open().insert(object);
        let claimed = Entry::Claimed {
            object: object.0,
            key: key.clone(),
            quarantine,
        };
        self.journal.record(&claimed).await
    }

    /// An upload has begun, and its first part is about to be sent.
    pub(crate) async fn uploading(
        &self,
        object: ObjectId,
        upload: &Upload,
        quarantine: bool,
    ) -> Result<(), LedgerError> {
        let uploading = Entry::Uploading {
            object: object.0,
            key: upload.key.clone(),
            upload: upload.id.clone(),
            write_id: upload.write_id.clone(),
            quarantine,
        };
        self.journal.record(&uploading).await
    }

    /// An object is about to be put in one step.
    pub(crate) async fn putting(
        &self,
        receipt: &Receipt,
        write_id: &str,
    ) -> Result<(), LedgerError> {
        self.open().insert(receipt.object);
        let record = self.record_of(receipt);
        let write_id = write_id.to_owned();
        self.journal
            .record(&Entry::Putting { record, write_id })
            .await
    }

    /// An object is whole in the bucket, and about to appear where it doesn't wait for others.
    pub(crate) async fn staged(
        &self,
        receipt: &Receipt,
        staged: &Staged,
        condition: Condition,
        waits: bool,
    ) -> Result<(), LedgerError> {
        let entry = Entry::staged(self.record_of(receipt), staged, condition);
        if waits {
            self.journal.note(&entry);
            return Ok(());
        }
        self.journal.record(&entry).await
    }

    /// An object has appeared.
    pub(crate) fn published(&self, receipt: &Receipt) {
        self.open().remove(&receipt.object);
        self.journal.note(&Entry::Published {
            object: receipt.object.0,
            etag: receipt.etag.clone(),
        });
    }

    /// Nothing of an object is left.
    pub(crate) fn gone(&self, object: ObjectId) {
        self.open().remove(&object);
        self.journal.note(&Entry::Gone { object: object.0 });
    }

    /// What is written down of an object; its columns come before the first object that has them.
    pub(super) fn record_of(&self, receipt: &Receipt) -> ObjectRecord {
        let schema = SchemaRecord::of(&receipt.schema);
        let record = ObjectRecord::of(receipt, &schema.fingerprint);
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if !schemas.contains_key(&schema.fingerprint) {
            self.journal.note(&Entry::Schema(schema.clone()));
            schemas.insert(schema.fingerprint.clone(), schema);
        }
        record
    }

    pub(super) fn has_open_uploads(&self) -> bool {
        !self.open().is_empty()
    }

    fn open(&self) -> MutexGuard<'_, BTreeSet<ObjectId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn schemas(&self) -> BTreeMap<String, SchemaRecord> {
        let schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        schemas.clone()
    }
}
