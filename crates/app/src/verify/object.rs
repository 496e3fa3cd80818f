//! An object, compared with what the manifest says of it.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use spile_core::ledger::{ColumnRecord, ObjectRecord, SchemaRecord};
use spile_core::{Bucket, BucketErrorKind, Checksum, CursorRange, Retry};

use super::decode::{Content, Reading};
use crate::failure::{Exit, Failure, error_hint};
use crate::runs::range;

/// What it takes to check the objects of a stream.
#[derive(Debug)]
pub(super) struct Checking {
    pub(super) bucket: Arc<dyn Bucket>,
    pub(super) retry: Retry,
    pub(super) reading: Reading,
    pub(super) schemas: Vec<SchemaRecord>,
}

/// What was found of an object.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) stream: String,
    pub(super) key: String,
    pub(super) differences: Vec<Difference>,
    /// Why its cursors weren't compared, if they weren't.
    pub(super) without_cursors: Option<String>,
}

/// Something that isn't as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    pub(super) what: What,
    /// As the manifest says.
    pub(super) expected: String,
    /// As it is.
    pub(super) found: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// There is no such object.
    Missing,
    /// Its length.
    Bytes,
    Checksum,
    Rows,
    Cursors,
    /// It can't be decoded.
    Unreadable,
}

impl What {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Bytes => "bytes",
            Self::Checksum => "checksum",
            Self::Rows => "rows",
            Self::Cursors => "cursors",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Checking {
    /// Reads an object and compares it.
    pub(super) async fn check(&self, record: &ObjectRecord) -> Result<Found, Failure> {
        let mut found = Found {
            stream: record.stream_name().to_string(),
            key: record.key.to_string(),
            differences: Vec::new(),
            without_cursors: None,
        };
        let body = match self.retry.run(|| self.bucket.get(&record.key)).await {
            Ok(body) => body,
            Err(error) if error.kind == BucketErrorKind::NotFound => {
                found.differs(What::Missing, "an object", "none");
                return Ok(found);
            }
            Err(error) => {
                let (exit, hint) = error_hint(&error);
                return Err(Failure::of(exit, &error, hint));
            }
        };
        found.compare(What::Bytes, record.bytes, body.len() as u64);
        found.compare(What::Checksum, record.checksum, Checksum::of(&body));
        match self.decode(record, body).await? {
            Ok(content) => self.compare(record, &content, &mut found),
            Err(cause) => found.differs(What::Unreadable, "records", cause),
        }
        Ok(found)
    }

    /// Reads records off the threads that serve requests.
    async fn decode(
        &self,
        record: &ObjectRecord,
        body: Bytes,
    ) -> Result<Result<Content, String>, Failure> {
        let (reading, key) = (self.reading.clone(), record.key.to_string());
        let columns = self.columns(record).to_vec();
        let read = move || reading.read(&key, &columns, body);
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.map_err(|error| Failure::of(Exit::Bug, &error, None))?;
        Ok(read.map_err(|error| error.to_string()))
    }

    fn columns(&self, record: &ObjectRecord) -> &[ColumnRecord] {
        let is_its = |schema: &&SchemaRecord| schema.fingerprint == record.schema;
        let schema = self.schemas.iter().find(is_its);
        schema.map(|schema| &*schema.columns).unwrap_or_default()
    }

    fn compare(&self, record: &ObjectRecord, content: &Content, found: &mut Found) {
        found.compare(What::Rows, record.rows, content.rows);
        let times = &content.cursors;
        let without = match (record.cursors, times.range) {
            (None, _) => None,
            (Some(_), _) if self.reading.without_cursors().is_some() => {
                self.reading.without_cursors().map(str::to_owned)
            }
            (Some(expected), Some(is)) if is_same(expected, is) => None,
            // Records that have no time may be why the others have another range.
            (Some(_), _) if times.fault.is_some() => times.fault.as_ref().map(ToString::to_string),
            (Some(_), None) => Some("the object has no column of that name".to_owned()),
            (Some(expected), Some(is)) => {
                found.differs(What::Cursors, range(expected), range(is));
                None
            }
        };
        found.without_cursors = without;
    }
}

/// Whether two ranges are of the same instants.
fn is_same(one: CursorRange, other: CursorRange) -> bool {
    let instants = |range: CursorRange| (range.first.instant_micros(), range.last.instant_micros());
    instants(one) == instants(other)
}

impl Found {
    fn compare<T: PartialEq + Display>(&mut self, what: What, expected: T, found: T) {
        if expected != found {
            self.differs(what, expected, found);
        }
    }

    fn differs(&mut self, what: What, expected: impl Display, found: impl Display) {
        self.differences.push(Difference {
            what,
            expected: format!("{expected}"),
            found: format!("{found}"),
        });
    }
}
