//! What a store knows of an object.

use std::sync::atomic::Ordering;

use object_store::{Attribute, GetOptions, GetResult, ObjectStore};
use spile_core::{BucketErrorKind as Kind, ObjectInfo, ObjectKey};

use super::bucket::S3Bucket;
use super::request::{MARK, path};
use crate::fault::Fault;

/// An object that stands.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) info: ObjectInfo,
    /// Who wrote it.
    pub(super) mark: Option<String>,
}

impl S3Bucket {
    pub(super) async fn look(&self, key: &ObjectKey) -> Result<Option<Found>, Fault> {
        let path = path(key)?;
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        match self.ask(self.to.store.get_opts(&path, options)).await {
            Ok(found) => Ok(Some(read(key, &found))),
            Err(fault) => self.explain(key, fault).await,
        }
    }

    /// The answer to a HEAD has no body, and so no reason. A list of the same key has one.
    async fn explain(&self, key: &ObjectKey, fault: Fault) -> Result<Option<Found>, Fault> {
        let is_absent = fault.kind == Kind::NotFound;
        if is_absent && self.is_there.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let is_vague = matches!(fault.kind, Kind::NotFound | Kind::Denied | Kind::Refused);
        let reason = match is_vague {
            true => self.list_page(key.as_str(), None, 1).await.err(),
            false => None,
        };
        match reason {
            Some(reason) if is_of_all_requests(&reason) => Err(reason),
            _ if is_absent => Ok(None),
            _ => Err(fault),
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

fn read(key: &ObjectKey, found: &GetResult) -> Found {
    let mark = found.attributes.get(&Attribute::Metadata(MARK.into()));
    Found {
        info: ObjectInfo {
            key: key.clone(),
            bytes: found.meta.size,
            etag: found.meta.e_tag.as_deref().map(bare_etag),
            modified: found.meta.last_modified,
        },
        mark: mark.map(|mark| mark.to_string()),
    }
}

/// Stores differ in whether an etag is quoted, and where.
pub(super) fn bare_etag(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}
