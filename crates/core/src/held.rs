//! Records that wait until there are enough of them to encode at once.
//!
//! Where a batch is divided between many routes, each gets a few records. They are copied, JSON text
//! here and columns where the batch is divided, so that they don't keep the whole batch in memory,
//! and encoded together.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::error::ArrowError;
use bytes::Bytes;

use crate::records::{JsonRecords, Records, Span};

/// Records of one form that wait for their object's encoder.
#[derive(Debug, Default)]
pub(crate) enum Held {
    #[default]
    Nothing,
    Json {
        text: Vec<u8>,
        spans: Vec<Span>,
    },
    Text(Pieces),
    Columns(Pieces),
}

/// Copied columns, all of one schema.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    batches: Vec<RecordBatch>,
    bytes: usize,
}

impl Held {
    /// Bytes of memory held.
    pub(crate) fn memory_bytes(&self) -> usize {
        match self {
            Held::Nothing => 0,
            Held::Json { text, spans } => text.capacity() + spans.capacity() * size_of::<Span>(),
            Held::Text(pieces) | Held::Columns(pieces) => pieces.bytes,
        }
    }

    /// Adds records, or gives them back where they are of another form or schema than those held.
    pub(crate) fn push(&mut self, records: Records) -> Result<(), Records> {
        if let Held::Nothing = self {
            *self = Held::of_form(&records);
        }
        match (self, records) {
            (Held::Json { text, spans }, Records::Json(json)) => {
                copy_json(&json, text, spans).ok_or(Records::Json(json))
            }
            (Held::Text(pieces), Records::Text(batch)) => pieces.push(batch).map_err(Records::Text),
            (Held::Columns(pieces), Records::Columns(batch)) => {
                pieces.push(batch).map_err(Records::Columns)
            }
            (_, records) => Err(records),
        }
    }

    /// Takes all records out.
    pub(crate) fn take(&mut self) -> Result<Option<Records>, ArrowError> {
        Ok(match std::mem::take(self) {
            Held::Nothing => None,
            Held::Json { text, spans } => {
                Some(Records::Json(JsonRecords::new(Bytes::from(text), spans)?))
            }
            Held::Text(pieces) => pieces.joined()?.map(Records::Text),
            Held::Columns(pieces) => pieces.joined()?.map(Records::Columns),
        })
    }

    fn of_form(records: &Records) -> Held {
        match records {
            Records::Json(_) => Held::Json {
                text: Vec::new(),
                spans: Vec::new(),
            },
            Records::Text(_) => Held::Text(Pieces::default()),
            Records::Columns(_) => Held::Columns(Pieces::default()),
        }
    }
}

impl Pieces {
    fn push(&mut self, batch: RecordBatch) -> Result<(), RecordBatch> {
        if self
            .batches
            .first()
            .is_some_and(|first| first.schema() != batch.schema())
        {
            return Err(batch);
        }
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
        Ok(())
    }

    fn joined(self) -> Result<Option<RecordBatch>, ArrowError> {
        let Some(first) = self.batches.first() else {
            return Ok(None);
        };
        concat_batches(&first.schema(), &self.batches).map(Some)
    }
}

/// Copies records behind those in `text`, a line each. `None` where they don't fit 32 bits.
fn copy_json(json: &JsonRecords, text: &mut Vec<u8>, spans: &mut Vec<Span>) -> Option<()> {
    u32::try_from(text.len() + json.text_bytes() + json.len()).ok()?;
    for record in json.iter() {
        let start = u32::try_from(text.len()).ok()?;
        text.extend_from_slice(record);
        spans.push(Span {
            start,
            end: u32::try_from(text.len()).ok()?,
        });
        text.push(b'\n');
    }
    Some(())
}
