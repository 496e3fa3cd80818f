//! What an upload is known by.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use spile_core::Attributes;
use uuid::Uuid;

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
