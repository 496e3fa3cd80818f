//! The name of an upload.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use spile_core::{Attributes, Upload};
use uuid::Uuid;

/// A store's id of an upload, and the mark that its object bears. Both go into [`Upload::id`], so
/// that whoever publishes, now or after a restart, knows its own object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UploadName {
    pub(super) store_id: String,
    pub(super) mark: Option<String>,
}

impl UploadName {
    /// An id without a mark may come from the store's own list of uploads.
    pub(super) fn of(upload: &Upload) -> UploadName {
        match upload.id.rsplit_once('#') {
            Some((store_id, mark)) if mark.parse::<Uuid>().is_ok() => UploadName {
                store_id: store_id.to_owned(),
                mark: Some(mark.to_owned()),
            },
            _ => UploadName {
                store_id: upload.id.clone(),
                mark: None,
            },
        }
    }

    pub(super) fn id(store_id: &str, mark: &str) -> String {
        format!("{store_id}#{mark}")
    }
}

/// When a lifecycle rule of the bucket will abort an upload that has been begun, as the answer's
/// headers say it.
pub(super) fn abort_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get("x-amz-abort-date")?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    Some(date.to_utc())
}

/// The mark of a write: its own id, or a new one where it has none.
pub(super) fn mark_of(attributes: &Attributes) -> String {
    match attributes.write_id.as_str() {
        "" => new_mark(),
        id => id.to_owned(),
    }
}

/// A mark that no other object bears.
pub(super) fn new_mark() -> String {
    Uuid::new_v4().to_string()
}
