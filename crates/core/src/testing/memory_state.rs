//! What is in a bucket in memory.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use chrono::DateTime;
use spile_macros_template::ObjectKey;

use super::faults::Script;
use crate::bucket::{Attributes, BucketErrorKind, ObjectInfo, Part, Published, Staged, Upload};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) objects: BTreeMap<ObjectKey, Object>,
    pub(super) uploads: HashMap<String, Pending>,
    pub(super) uploads_begun: u64,
    pub(super) seconds: i64,
    pub(super) script: Script,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) body: Bytes,
    pub(super) attributes: Attributes,
    pub(super) etag: String,
    pub(super) seconds: i64,
    /// The upload that it was published by, which makes a repeated publish known.
    pub(super) upload_id: Option<String>,
}

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) key: ObjectKey,
    pub(super) attributes: Attributes,
    pub(super) parts: BTreeMap<u32, Bytes>,
}

impl State {
    pub(super) fn begin(&mut self, key: &ObjectKey, attributes: &Attributes) -> Upload {
        self.uploads_begun += 1;
        let id = format!("upload-{}", self.uploads_begun);
        let pending = Pending {
            key: key.clone(),
            attributes: attributes.clone(),
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.clone(), pending);
        Upload {
            key: key.clone(),
            id,
            write_id: None,
            abort_at: None,
        }
    }

    pub(super) fn publish(
        &mut self,
        staged: &Staged,
        refuses: bool,
    ) -> Result<Published, BucketErrorKind> {
        let Upload { key, id, .. } = &staged.upload;
        let standing = self.objects.get(key);
        if let Some(own) = standing.filter(|object| object.upload_id.as_ref() == Some(id)) {
            return Ok(Published {
                etag: Some(own.etag.clone()),
            });
        }
        if !self.uploads.contains_key(id) {
            return Err(BucketErrorKind::NotFound);
        }
        if refuses && standing.is_some() {
            return Err(BucketErrorKind::AlreadyExists);
        }
        let pending = self.uploads.remove(id).ok_or(BucketErrorKind::NotFound)?;
        let body = joined(&pending, &staged.parts);
        Ok(self.appear(key, body, pending.attributes, Some(id.clone())))
    }

    pub(super) fn appear(
        &mut self,
        key: &ObjectKey,
        body: Bytes,
        attributes: Attributes,
        upload_id: Option<String>,
    ) -> Published {
        self.seconds += 1;
        let etag = format!("etag-{}", self.seconds);
        let object = Object {
            body,
            attributes,
            etag: etag.clone(),
            seconds: self.seconds,
            upload_id,
        };
        self.objects.insert(key.clone(), object);
        Published { etag: Some(etag) }
    }
}

impl Object {
    pub(super) fn info(&self, key: &ObjectKey) -> ObjectInfo {
        ObjectInfo {
            key: key.clone(),
            bytes: self.body.len() as u64,
            etag: Some(self.etag.clone()),
            modified: DateTime::from_timestamp(self.seconds, 0).unwrap_or_default(),
            write_id: Some(self.attributes.write_id.clone()).filter(|id| !id.is_empty()),
        }
    }
}

fn joined(pending: &Pending, parts: &[Part]) -> Bytes {
    let mut body = Vec::new();
    for part in parts {
        let of_part = pending.parts.get(&part.number);
        body.extend_from_slice(of_part.map_or(&[], |bytes| bytes));
    }
    Bytes::from(body)
}
