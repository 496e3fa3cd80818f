//! The fields that Airbyte's destinations add to a record, or put it in.

use spile_core::json::{Kind, kind};
use spile_core::{SchemaColumn, StreamDeclaration};
use uuid::Builder;

use super::message::{RecordFields, last};
use crate::protocol::Stamp;

/// The field of the record as a whole.
const DATA: &str = "_airbyte_data";

/// Which of Airbyte's own fields a record has in its object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// None: the record as the source has it.
    #[default]
    None,
    /// `_airbyte_raw_id`, `_airbyte_extracted_at`, `_airbyte_meta` and `_airbyte_generation_id` beside
    /// its own.
    Columns,
    /// Those, and the record as a whole in `_airbyte_data`.
    Data,
}

/// All of them, with their types.
const OWN: [(&str, &str); 5] = [
    ("_airbyte_raw_id", "text"),
    ("_airbyte_extracted_at", "int64"),
    ("_airbyte_meta", "json"),
    ("_airbyte_generation_id", "int64"),
    (DATA, "json"),
];

impl Envelope {
    /// The names of all of them.
    pub const NAMES: [&str; 3] = ["none", "columns", "data"];

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "columns" => Self::Columns,
            "data" => Self::Data,
            _ => return None,
        })
    }

    /// Adds the columns that come of it to a stream. Where a record is within, so is its cursor.
    pub(super) fn declare(self, stream: &mut StreamDeclaration) {
        let columns = self.columns();
        if columns.is_empty() {
            return;
        }
        let own = stream.columns.take().filter(|_| self != Self::Data);
        let mut own = own.unwrap_or_default();
        own.retain(|column| !columns.iter().any(|it| it.name == column.name));
        own.extend(columns);
        stream.columns = Some(own);
        if self == Self::Data && !stream.cursor.is_empty() {
            stream.cursor.insert(0, DATA.to_owned());
        }
    }

    fn columns(self) -> Vec<SchemaColumn> {
        let count = match self {
            Self::None => 0,
            Self::Columns => 4,
            Self::Data => 5,
        };
        let column = |(name, word): &(&str, &str)| {
            Some(SchemaColumn {
                name: (*name).to_owned(),
                column_type: word.parse().ok()?,
                is_exact: true,
            })
        };
        OWN[..count].iter().filter_map(column).collect()
    }

    /// Writes a record with them.
    pub(super) fn write(
        self,
        data: &[u8],
        fields: &RecordFields<'_>,
        generation: Option<i64>,
        sync_id: Option<i64>,
        out: &mut Vec<u8>,
    ) {
        let mut stamp = match self {
            Self::Data => Stamp::new(out),
            Self::None | Self::Columns => {
                Stamp::beside(out, data, "_airbyte_", &OWN.map(|(name, _)| name))
            }
        };
        let (high, low) = (fastrand::u64(..), fastrand::u64(..));
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        let id = Builder::from_random_bytes(bytes).into_uuid();
        let mut text = [0; 36];
        stamp.plain("_airbyte_raw_id", id.hyphenated().encode_lower(&mut text));
        stamp.field(
            "_airbyte_extracted_at",
            fields.emitted_at.unwrap_or(b"null"),
        );
        let number = |number: Option<i64>| number.map_or("null".to_owned(), |it| it.to_string());
        let changes = fields.meta.and_then(|meta| last(meta, b"changes"));
        let changes = changes.filter(|changes| kind(changes) == Some(Kind::Array));
        let sync_id = format!(r#"{{"sync_id":{},"changes":"#, number(sync_id));
        let meta = [sync_id.as_bytes(), changes.unwrap_or(b"[]"), b"}"].concat();
        stamp.field("_airbyte_meta", &meta);
        stamp.field("_airbyte_generation_id", number(generation).as_bytes());
        if self == Self::Data {
            stamp.field(DATA, data);
        }
        stamp.end();
    }
}
