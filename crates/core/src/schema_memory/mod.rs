//! What earlier runs of a connection have found of its streams' columns.

mod document;
mod error;

use std::sync::Arc;

use bytes::Bytes;
use spile_macros_template::{ObjectKey, escape_segment};

use crate::bucket::{Attributes, Bucket, BucketError, BucketErrorKind, Condition};
use crate::receipt::Receipt;
use crate::retry::Retry;
use crate::source::StreamName;
use crate::stream_plan::StreamPlan;
use document::Document;
pub use error::SchemaMemoryError;

/// The columns of a connection's streams, kept in a bucket from run to run: an object for each
/// stream whose format has columns, `schemas/<connection>/<stream>.json`.
///
/// Each is read when its stream is met, and written when a run has published objects with other
/// columns.
#[derive(Debug)]
pub struct SchemaMemory {
    store: Store,
    prefix: String,
    connection_id: String,
    streams: Vec<Remembered>,
}

/// Where documents are, and what repeats requests for them.
#[derive(Debug)]
struct Store {
    bucket: Arc<dyn Bucket>,
    retry: Retry,
}

/// What is remembered of a stream.
#[derive(Debug)]
struct Remembered {
    stream: StreamName,
    /// The kind of the schemas that this run makes.
    kind: &'static str,
    key: ObjectKey,
    /// What earlier runs have left.
    document: Option<Document>,
}

impl SchemaMemory {
    /// The memory of a connection. `prefix` is the folders that the keys begin with, without a slash
    /// at either end; empty where there are none.
    pub fn new(bucket: Arc<dyn Bucket>, prefix: &str, connection_id: &str, retry: Retry) -> Self {
        Self {
            store: Store { bucket, retry },
            prefix: prefix.to_owned(),
            connection_id: connection_id.to_owned(),
            streams: Vec::new(),
        }
    }

    /// Reads what is remembered of a stream, and tells its plan.
    ///
    /// What was remembered for another kind of format is left alone, until a run has something
    /// better to remember.
    ///
    /// # Errors
    /// A bucket that can't be read, or a document that can't be understood.
    pub async fn recall(
        &mut self,
        stream: &StreamName,
        plan: &mut StreamPlan,
    ) -> Result<(), SchemaMemoryError> {
        let Some(kind) = plan.encoding.schema_kind() else {
            return Ok(());
        };
        let key = key_of(&self.prefix, &self.connection_id, stream)?;
        let known = self.streams.iter().position(|it| it.stream == *stream);
        let remembered = match known {
            Some(at) => self.streams.swap_remove(at),
            None => Remembered {
                stream: stream.clone(),
                kind,
                document: self.store.read(&key).await?,
                key,
            },
        };
        if let Some(document) = remembered.document.as_ref().filter(|it| it.is_of(kind)) {
            plan.remembered = self.store.understood(&remembered.key, document.schema())?;
        }
        self.streams.push(Remembered { kind, ..remembered });
        Ok(())
    }

    /// Writes down the columns of streams whose objects have others than were remembered. A stream
    /// of which nothing was published, or whose source gives its columns their types, stays as it
    /// was.
    ///
    /// # Errors
    /// The first document that can't be written; the others are written all the same.
    pub async fn remember(&self, receipts: &[&Receipt]) -> Result<(), SchemaMemoryError> {
        let mut result = Ok(());
        for remembered in &self.streams {
            let of_stream = |receipt: &&&Receipt| receipt.stream == remembered.stream;
            // Columns are only appended and widened: the object that began last has most.
            let last = receipts
                .iter()
                .filter(of_stream)
                .max_by_key(|receipt| receipt.object);
            let untyped = last.filter(|receipt| !receipt.typed);
            let Some(schema) = untyped.map(|receipt| &receipt.schema) else {
                continue;
            };
            let Remembered { stream, kind, .. } = remembered;
            let Some(document) = Document::new(&self.connection_id, stream, kind, schema) else {
                tracing::warn!(%stream, "its columns aren't remembered: the type of one has no word");
                continue;
            };
            if remembered.document.as_ref() != Some(&document) {
                result = result.and(self.store.write(&remembered.key, &document).await);
            }
        }
        result
    }
}

impl Store {
    async fn read(&self, key: &ObjectKey) -> Result<Option<Document>, SchemaMemoryError> {
        let text = match self.retry.run(|| self.bucket.get(key)).await {
            Ok(text) => text,
            Err(error) if error.kind == BucketErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        self.understood(key, Document::parse(&text)).map(Some)
    }

    async fn write(&self, key: &ObjectKey, document: &Document) -> Result<(), SchemaMemoryError> {
        let body = Bytes::from(self.understood(key, document.text())?);
        let attributes = Attributes {
            content_type: "application/json".to_owned(),
            ..Attributes::default()
        };
        let put = || {
            let body = body.clone();
            self.bucket.put(key, body, &attributes, Condition::Replace)
        };
        let put: Result<_, BucketError> = self.retry.run(put).await;
        Ok(put.map(drop)?)
    }

    fn understood<T>(
        &self,
        key: &ObjectKey,
        read: Result<T, String>,
    ) -> Result<T, SchemaMemoryError> {
        read.map_err(|cause| SchemaMemoryError::Document {
            key: key.clone(),
            location: self.bucket.location(),
            cause,
        })
    }
}

fn key_of(
    prefix: &str,
    connection_id: &str,
    stream: &StreamName,
) -> Result<ObjectKey, SchemaMemoryError> {
    let mut segments = vec!["schemas".to_owned(), escape_segment(connection_id)];
    segments.extend(stream.namespace.as_deref().map(escape_segment));
    segments.push(escape_segment(&stream.name) + ".json");
    if !prefix.is_empty() {
        segments.insert(0, prefix.to_owned());
    }
    ObjectKey::new(segments.join("/")).map_err(|source| SchemaMemoryError::Key {
        stream: stream.clone(),
        source,
    })
}
