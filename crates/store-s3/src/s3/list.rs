//! Lists of a bucket.
//!
//! Asked for by [`S3Bucket::query`], since `object_store` gives up on a bucket in which another program has made a key
//! with an empty segment, and takes a key that ends in `/` for one that doesn't.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use spile_core::{ObjectInfo, ObjectKey};
use url::form_urlencoded::Serializer;

use super::bucket::S3Bucket;
use super::head::bare_etag;
use crate::fault::Fault;

/// The most that stores hand out at once.
const PAGE: u32 = 1_000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Page {
    contents: Vec<Entry>,
    next_continuation_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    size: u64,
    last_modified: DateTime<Utc>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

impl S3Bucket {
    /// The objects whose keys begin with `prefix`, ordered by key. Other programs' keys that
    /// can't be ours aren't among them.
    pub(super) async fn list_all(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Fault> {
        let mut objects = Vec::new();
        let mut token = None;
        loop {
            // A page that fails is no reason to begin with the first again.
            let ask = || self.list_page(prefix, token.as_deref(), PAGE);
            let what = format!("`{prefix}`");
            let page = self.patiently("list what begins with", &what, ask).await?;
            objects.extend(page.contents.into_iter().filter_map(Entry::info));
            token = page
                .next_continuation_token
                .filter(|token| !token.is_empty());
            if token.is_none() {
                // S3 hands them out in this order; not every store does.
                objects.sort_unstable_by(|a: &ObjectInfo, b| a.key.cmp(&b.key));
                return Ok(objects);
            }
        }
    }

    pub(super) async fn list_page(
        &self,
        prefix: &str,
        token: Option<&str>,
        count: u32,
    ) -> Result<Page, Fault> {
        self.query(&list_query(prefix, token, count)).await
    }
}

fn list_query(prefix: &str, token: Option<&str>, count: u32) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("list-type", "2");
    query.append_pair("max-keys", &count.to_string());
    query.append_pair("prefix", prefix);
    if let Some(token) = token {
        query.append_pair("continuation-token", token);
    }
    query.finish()
}

impl Page {
    /// Whether the first of the keys is this one: of all keys that begin with it, it comes first.
    pub(super) fn begins_with(&self, key: &ObjectKey) -> bool {
        self.contents
            .first()
            .is_some_and(|entry| entry.key == key.as_str())
    }
}

impl Entry {
    fn info(self) -> Option<ObjectInfo> {
        Some(ObjectInfo {
            key: ObjectKey::new(self.key).ok()?,
            bytes: self.size,
            etag: self.etag.as_deref().map(bare_etag),
            modified: self.last_modified,
            write_id: None,
        })
    }
}
