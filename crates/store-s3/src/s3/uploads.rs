//! Uploads that were begun and are neither completed nor aborted.

use serde::Deserialize;
use spile_core::{ObjectKey, Upload};
use url::form_urlencoded::Serializer;

use super::bucket::S3Bucket;
use crate::fault::Fault;

/// The most that stores hand out at once.
const PAGE: u32 = 1_000;

/// A page of a list of uploads.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct UploadPage {
    upload: Vec<Entry>,
    is_truncated: bool,
    next_key_marker: Option<String>,
    next_upload_id_marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    upload_id: String,
}

impl S3Bucket {
    /// The uploads at a key. The marks that their objects will bear aren't told.
    pub(super) async fn list_uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, Fault> {
        let mut uploads = Vec::new();
        let mut marker = None;
        loop {
            let page: UploadPage = self
                .query(&uploads_query(key.as_str(), marker.as_ref(), PAGE))
                .await?;
            // Of all keys that begin with this one, it comes first.
            let is_past = page.upload.iter().any(|entry| entry.key != key.as_str());
            let at_key = page.upload.into_iter();
            let at_key = at_key.filter(|entry| entry.key == key.as_str());
            uploads.extend(at_key.map(|entry| Upload {
                key: key.clone(),
                id: entry.upload_id,
                write_id: None,
                abort_at: None,
            }));
            marker = page.next_key_marker.zip(page.next_upload_id_marker);
            if is_past || !page.is_truncated || marker.is_none() {
                return Ok(uploads);
            }
        }
    }
}

/// Asks for uploads whose keys begin with a prefix, after one of them.
pub(super) fn uploads_query(prefix: &str, after: Option<&(String, String)>, count: u32) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("uploads", "");
    query.append_pair("max-uploads", &count.to_string());
    query.append_pair("prefix", prefix);
    if let Some((key, id)) = after {
        query.append_pair("key-marker", key);
        query.append_pair("upload-id-marker", id);
    }
    query.finish()
}
