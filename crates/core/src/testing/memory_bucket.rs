//! A bucket in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use spile_macros_template::ObjectKey;

use super::faults::{Call, Fault, Operation};
use super::memory_state::{Object, Pending, State};
use crate::bucket::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, Part, PartLimits,
    Published, Staged, Upload,
};

/// A bucket in memory that can be made to fail, and that remembers what was asked of it.
///
/// Its clock stands still but for one second with each object that appears.
#[derive(Debug)]
pub struct MemoryBucket {
    part_limits: PartLimits,
    if_absent: IfAbsent,
    abort_at: Option<DateTime<Utc>>,
    state: Mutex<State>,
}

/// What a store makes of [`Condition::IfAbsent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IfAbsent {
    Honoured,
    Ignored,
    Unknown,
}

impl Default for MemoryBucket {
    fn default() -> Self {
        MemoryBucket::new()
    }
}

impl MemoryBucket {
    /// A bucket without objects that keeps every promise and takes parts of any size.
    pub fn new() -> Self {
        MemoryBucket {
            part_limits: PartLimits {
                bytes_min: 1,
                bytes_usual: 1 << 20,
                count_max: 10_000,
            },
            if_absent: IfAbsent::Honoured,
            abort_at: None,
            state: Mutex::default(),
        }
    }

    /// Makes it ignore [`Condition::IfAbsent`] in silence, as some stores do.
    #[must_use]
    pub fn ignoring_if_absent(self) -> Self {
        MemoryBucket {
            if_absent: IfAbsent::Ignored,
            ..self
        }
    }

    /// Makes it refuse all that [`Condition::IfAbsent`] is put on, as others do.
    #[must_use]
    pub fn without_if_absent(self) -> Self {
        MemoryBucket {
            if_absent: IfAbsent::Unknown,
            ..self
        }
    }

    /// Makes it say of each upload that it will be removed then.
    #[must_use]
    pub fn removing_uploads_at(self, abort_at: DateTime<Utc>) -> Self {
        MemoryBucket {
            abort_at: Some(abort_at),
            ..self
        }
    }

    /// Sets the sizes that it takes parts of.
    #[must_use]
    pub fn with_part_limits(self, part_limits: PartLimits) -> Self {
        MemoryBucket {
            part_limits,
            ..self
        }
    }

    /// Makes a call fail that is still to come.
    pub fn inject(&self, fault: Fault) {
        self.state().script.add(fault);
    }

    /// Takes back what was to fail.
    pub fn heal(&self) {
        self.state().script.heal();
    }

    /// The calls so far, also those that failed.
    pub fn calls(&self) -> Vec<Call> {
        self.state().script.calls().to_vec()
    }

    /// How many uploads are neither published nor discarded.
    pub fn pending_uploads(&self) -> usize {
        self.state().uploads.len()
    }

    /// The attributes of the object at `key`.
    pub fn attributes(&self, key: &ObjectKey) -> Option<Attributes> {
        let state = self.state();
        state
            .objects
            .get(key)
            .map(|object| object.attributes.clone())
    }

    /// Every object's key and content, ordered by key.
    pub fn objects(&self) -> Vec<(ObjectKey, Bytes)> {
        let state = self.state();
        let object = |(key, object): (&ObjectKey, &Object)| (key.clone(), object.body.clone());
        state.objects.iter().map(object).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does a call, unless it is one that fails.
    fn call<T>(
        &self,
        operation: Operation,
        on: &str,
        work: impl FnOnce(&mut State) -> Result<T, BucketErrorKind>,
    ) -> Result<T, BucketError> {
        let mut state = self.state();
        let done = match state.script.call(operation, on) {
            None => work(&mut state),
            Some(fault) if fault.is_done() => work(&mut state).and(Err(fault.kind())),
            Some(fault) => Err(fault.kind()),
        };
        done.map_err(|kind| self.error(kind, operation, on))
    }

    fn error(&self, kind: BucketErrorKind, operation: Operation, on: &str) -> BucketError {
        BucketError {
            kind,
            action: format!("{operation:?} {on}").to_lowercase(),
            location: self.location(),
            message: format!("{kind:?}"),
            retry_after_s: None,
            tried: None,
            source: None,
        }
    }

    /// Whether an object that stands is in the way.
    fn refuses(&self, condition: Condition) -> Result<bool, BucketErrorKind> {
        match (condition, self.if_absent) {
            (Condition::IfAbsent, IfAbsent::Honoured) => Ok(true),
            (Condition::IfAbsent, IfAbsent::Unknown) => Err(BucketErrorKind::Refused),
            (Condition::IfAbsent, IfAbsent::Ignored) | (Condition::Replace, _) => Ok(false),
        }
    }

    /// Every part but the last is large enough, and their numbers are 1, 2, 3 and so on.
    fn allows(&self, parts: &[Part]) -> bool {
        let Some((_, all_but_last)) = parts.split_last() else {
            return false;
        };
        let numbers = parts.iter().map(|part| part.number);
        parts.len() <= self.part_limits.count_max as usize
            && numbers.eq((1..).take(parts.len()))
            && all_but_last
                .iter()
                .all(|part| part.bytes >= self.part_limits.bytes_min as u64)
    }
}

#[async_trait]
impl Bucket for MemoryBucket {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn part_limits(&self) -> PartLimits {
        self.part_limits
    }

    async fn honours_if_absent(&self) -> Result<bool, BucketError> {
        Ok(self.if_absent == IfAbsent::Honoured)
    }

    async fn begin(&self, key: &ObjectKey, attributes: &Attributes) -> Result<Upload, BucketError> {
        self.call(Operation::Begin, key.as_str(), |state| {
            let abort_at = self.abort_at;
            Ok(Upload {
                abort_at,
                ..state.begin(key, attributes)
            })
        })
    }

    async fn part(&self, upload: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError> {
        self.call(Operation::Part, upload.key.as_str(), |state| {
            let pending = state
                .uploads
                .get_mut(&upload.id)
                .ok_or(BucketErrorKind::NotFound)?;
            let bytes = body.len() as u64;
            let etag = format!("{}-{number}-{bytes}", upload.id);
            pending.parts.insert(number, body);
            Ok(Part {
                number,
                bytes,
                etag,
            })
        })
    }

    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError> {
        self.call(Operation::Finish, upload.key.clone().as_str(), |state| {
            let pending = state
                .uploads
                .get(&upload.id)
                .ok_or(BucketErrorKind::NotFound)?;
            let has = |part: &Part| pending.parts.contains_key(&part.number);
            match self.allows(&parts) && parts.iter().all(has) {
                true => Ok(Staged { upload, parts }),
                false => Err(BucketErrorKind::Refused),
            }
        })
    }

    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        self.call(Operation::Publish, staged.upload.key.as_str(), |state| {
            state.publish(staged, self.refuses(condition)?)
        })
    }

    async fn discard(&self, upload: &Upload) -> Result<(), BucketError> {
        self.call(Operation::Discard, upload.key.as_str(), |state| {
            state.uploads.remove(&upload.id);
            Ok(())
        })
    }

    async fn uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, BucketError> {
        self.call(Operation::UploadsAt, key.as_str(), |state| {
            let at_key = state
                .uploads
                .iter()
                .filter(|(_, upload)| upload.key == *key);
            let upload = |(id, upload): (&String, &Pending)| Upload {
                key: upload.key.clone(),
                id: id.clone(),
                write_id: None,
                abort_at: self.abort_at,
            };
            Ok(at_key.map(upload).collect())
        })
    }

    async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        attributes: &Attributes,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        self.call(Operation::Put, key.as_str(), |state| {
            let standing = state
                .objects
                .get(key)
                .map(|object| &object.attributes.write_id);
            let is_repeated =
                standing.is_some_and(|id| !id.is_empty() && *id == attributes.write_id);
            if self.refuses(condition)? && standing.is_some() && !is_repeated {
                return Err(BucketErrorKind::AlreadyExists);
            }
            Ok(state.appear(key, body, attributes.clone(), None))
        })
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError> {
        self.call(Operation::Head, key.as_str(), |state| {
            Ok(state.objects.get(key).map(|object| object.info(key)))
        })
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError> {
        self.call(Operation::Get, key.as_str(), |state| {
            let object = state.objects.get(key).ok_or(BucketErrorKind::NotFound)?;
            Ok(object.body.clone())
        })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, BucketError> {
        self.call(Operation::List, prefix, |state| {
            let under = state
                .objects
                .iter()
                .filter(|(key, _)| key.as_str().starts_with(prefix));
            Ok(under.map(|(key, object)| object.info(key)).collect())
        })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        self.call(Operation::Delete, key.as_str(), |state| {
            state.objects.remove(key);
            Ok(())
        })
    }
}
