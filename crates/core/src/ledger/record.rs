//! What journals, manifests and indexes say of objects.

use arrow::datatypes::Schema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use spile_macros_template::ObjectKey;

use crate::checksum::{Checksum, ChecksumBuilder};
use crate::column_type::ColumnType;
use crate::period::Period;
use crate::receipt::Receipt;
use crate::router::CursorRange;
use crate::source::StreamName;

/// An object, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// Its number within the run, in the order of their beginning.
    pub object: u64,
    /// The namespace of its stream, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of its stream.
    pub stream: String,
    /// Whether its records are bad ones, set aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quarantine: bool,
    /// The generation of the stream that its records are part of, where the source numbers them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// Its key.
    #[serde(serialize_with = "key_to_text", deserialize_with = "key_from_text")]
    pub key: ObjectKey,
    /// Its records.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// What those come to.
    pub checksum: Checksum,
    /// What the store calls its content, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The first and the last cursor, where cursors are times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursors: Option<CursorRange>,
    /// What its records have in common.
    pub period: Period,
    /// The fingerprint of its columns.
    pub schema: String,
}

/// The columns of some objects, and their fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaRecord {
    /// Tells these columns from others.
    pub fingerprint: String,
    /// In their order.
    pub columns: Vec<ColumnRecord>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRecord {
    /// Its name.
    pub name: String,
    /// Its type, in the words of the setting `schema`, or in Arrow's where those have none.
    #[serde(rename = "type")]
    pub column_type: String,
}

impl ObjectRecord {
    /// What there is to write down of an object.
    pub fn of(receipt: &Receipt, fingerprint: &str) -> Self {
        Self {
            object: receipt.object.0,
            namespace: receipt.stream.namespace.as_deref().map(str::to_owned),
            stream: receipt.stream.name.to_string(),
            quarantine: receipt.is_quarantine,
            generation: receipt.generation,
            key: receipt.key.clone(),
            rows: receipt.rows,
            bytes: receipt.bytes,
            checksum: receipt.checksum,
            etag: receipt.etag.clone(),
            cursors: receipt.cursors,
            period: receipt.period.clone(),
            schema: fingerprint.to_owned(),
        }
    }

    /// The stream that it belongs to.
    pub fn stream_name(&self) -> StreamName {
        StreamName {
            namespace: self.namespace.as_deref().map(Into::into),
            name: self.stream.as_str().into(),
        }
    }
}

impl SchemaRecord {
    /// What there is to write down of some columns.
    pub fn of(schema: &Schema) -> Self {
        let column = |field: &arrow::datatypes::FieldRef| ColumnRecord {
            name: field.name().clone(),
            column_type: match ColumnType::of(field) {
                Some(word) => word.to_string(),
                None => field.data_type().to_string(),
            },
        };
        let columns: Vec<ColumnRecord> = schema.fields().iter().map(column).collect();
        Self {
            fingerprint: fingerprint(&columns),
            columns,
        }
    }
}

/// No UTF-8 has the bytes in between: different columns read differently.
fn fingerprint(columns: &[ColumnRecord]) -> String {
    let mut read = ChecksumBuilder::default();
    for ColumnRecord { name, column_type } in columns {
        for text in [name, column_type] {
            read.update(text.as_bytes());
            read.update(&[0xff]);
        }
    }
    let text = read.checksum().to_string();
    text.rsplit(':').next().unwrap_or_default().to_owned()
}

pub(crate) fn key_to_text<S: Serializer>(
    key: &ObjectKey,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.as_str())
}

pub(crate) fn key_from_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ObjectKey, D::Error> {
    let text = String::deserialize(deserializer)?;
    ObjectKey::new(text).map_err(de::Error::custom)
}
