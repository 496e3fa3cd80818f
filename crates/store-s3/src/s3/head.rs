//! What a store knows of an object.

use std::sync::atomic::Ordering;

use object_store::{Attribute, GetOptions, GetResult, ObjectStore};
use spile_core::{BucketErrorKind as Kind, ObjectInfo, ObjectKey};

use super::bucket::S3Bucket;
use super::error::StoreAnswer;
use super::request::{MARK, path};
use crate::fault::Fault;

impl S3Bucket {
    pub(super) async fn look(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, Fault> {
        let path = path(key)?;
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        let fault = match self.ask(self.to.store.get_opts(&path, options)).await {
            Ok(found) => return Ok(Some(read(key, &found))),
            Err(fault) => fault,
        };
        let is_absent = fault.kind == Kind::NotFound;
        if is_absent && self.is_there.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match self.explain(key, fault).await {
            fault if fault.kind == Kind::NotFound => Ok(None),
            fault => Err(fault),
        }
    }

    /// Why nothing is told of an object, as far as a list of its key has it.
    ///
    /// The answer to a HEAD has no body, and so no reason. And AWS says that a key is absent only
    /// to those who may list all keys: whoever may list those under a prefix is denied instead.
    pub(super) async fn explain(&self, key: &ObjectKey, fault: Fault) -> Fault {
        if !matches!(fault.kind, Kind::NotFound | Kind::Denied | Kind::Refused) {
            return fault;
        }
        match self.list_page(key.as_str(), None, 1).await {
            Err(reason) if is_of_all_requests(&reason) => reason,
            Err(reason) if is_silent(&fault) && is_forbidden(&reason) => reason,
            Ok(page) if fault.kind == Kind::Denied && !page.begins_with(key) => {
                Fault::new(Kind::NotFound, "there is no such object")
            }
            _ => fault,
        }
    }
}

/// Whether the same would be the answer to any request.
fn is_of_all_requests(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        Kind::NoSuchBucket | Kind::Unauthenticated | Kind::Expired | Kind::WrongRegion
    )
}

/// Whether it was denied without a word.
fn is_silent(fault: &Fault) -> bool {
    let source = fault.source.as_ref();
    let answer = source.and_then(|source| source.downcast_ref::<StoreAnswer>());
    fault.kind == Kind::Denied && answer.is_some_and(|answer| answer.code.is_empty())
}

/// Whether a policy denies it, as one does to all requests where the sessions of a role are revoked.
fn is_forbidden(fault: &Fault) -> bool {
    fault.kind == Kind::Denied && fault.message.contains("explicit deny")
}

fn read(key: &ObjectKey, found: &GetResult) -> ObjectInfo {
    let mark = found.attributes.get(&Attribute::Metadata(MARK.into()));
    ObjectInfo {
        key: key.clone(),
        bytes: found.meta.size,
        etag: found.meta.e_tag.as_deref().map(bare_etag),
        modified: found.meta.last_modified,
        write_id: mark.map(|mark| mark.to_string()),
    }
}

/// Stores differ in whether an etag is quoted, and where.
pub(super) fn bare_etag(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}
