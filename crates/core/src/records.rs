//! Records in the form they arrived in.
//!
//! A record is turned into another form only by the encoder of its object: a jsonl object copies
//! JSON text, a parquet object decodes it straight into columns.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::error::ArrowError;
use bytes::Bytes;

/// Records of one stream, all in one form.
#[derive(Clone, Debug)]
pub enum Records {
    /// JSON objects as text.
    Json(JsonRecords),
    /// Texts in named columns, of which nobody has said a type (CSV). Every column is `Utf8`; a
    /// null is an absent value, an empty text is a value.
    Text(RecordBatch),
    /// Columns with types that their source declared (Parquet, Arrow).
    Columns(RecordBatch),
}

/// JSON objects over one shared buffer.
///
/// Whoever makes one has checked each record: it is UTF-8, one well-formed JSON object (RFC 8259)
/// and free of line breaks, without white space around it. Readers rely on that for speed and for
/// meaning, never for memory safety.
#[derive(Clone, Debug)]
pub struct JsonRecords {
    text: Bytes,
    spans: Arc<[Span]>,
    /// On which line behind the first record's each was read, where the text doesn't tell.
    lines: Option<Arc<[u32]>>,
    window: Range<usize>,
}

/// Where a record lies in its buffer, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Records {
    /// The number of records.
    pub fn len(&self) -> usize {
        match self {
            Records::Json(json) => json.len(),
            Records::Text(columns) | Records::Columns(columns) => columns.num_rows(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether their source has said the types of their columns.
    pub fn are_typed(&self) -> bool {
        matches!(self, Records::Columns(_))
    }

    /// Bytes of memory that the records themselves take up, shared buffers not counted twice.
    pub fn memory_bytes(&self) -> usize {
        match self {
            Records::Json(json) => json.text_bytes() + json.len() * JsonRecords::RECORD_BYTES,
            Records::Text(columns) | Records::Columns(columns) => columns
                .columns()
                .iter()
                .map(|column| column.to_data().get_slice_memory_size().unwrap_or_default())
                .sum(),
        }
    }

    /// The records of a range, without copying any.
    pub fn slice(&self, range: Range<usize>) -> Records {
        match self {
            Records::Json(json) => Records::Json(json.slice(range)),
            Records::Text(columns) => Records::Text(columns.slice(range.start, range.len())),
            Records::Columns(columns) => Records::Columns(columns.slice(range.start, range.len())),
        }
    }

    /// The records but those at `indices`, which rise; and for each of them, where it stood.
    pub(crate) fn without(&self, indices: &[usize]) -> Result<(Records, Vec<u32>), ArrowError> {
        let mut without = indices.iter().peekable();
        let stays = |at: &u32| without.next_if(|index| **index == *at as usize).is_none();
        let all = 0..u32::try_from(self.len()).unwrap_or(u32::MAX);
        let stay: Vec<u32> = all.filter(stays).collect();
        Ok((self.select(&stay)?, stay))
    }

    /// The records at `indices`, in that order. JSON text is shared, columns are copied.
    ///
    /// # Errors
    /// An index past the end, or columns that together pass Arrow's offsets.
    pub fn select(&self, indices: &[u32]) -> Result<Records, ArrowError> {
        let take = |columns| take_record_batch(columns, &UInt32Array::from(indices.to_vec()));
        Ok(match self {
            Records::Json(json) => Records::Json(json.select(indices)?),
            Records::Text(columns) => Records::Text(take(columns)?),
            Records::Columns(columns) => Records::Columns(take(columns)?),
        })
    }
}

impl JsonRecords {
    /// Of a record besides its text.
    const RECORD_BYTES: usize = size_of::<Span>() + size_of::<u32>();

    /// Records at `spans` of `text`. The caller has checked them (see the type).
    ///
    /// # Errors
    /// A span outside of `text` or between the bytes of a character.
    pub fn new(text: Bytes, spans: Vec<Span>) -> Result<Self, ArrowError> {
        let whole = |span: &Span| span.start <= span.end && span.end as usize <= text.len();
        if !spans.iter().all(whole) {
            return Err(ArrowError::InvalidArgumentError(
                "span outside of its text".into(),
            ));
        }
        let window = 0..spans.len();
        Ok(Self {
            text,
            spans: spans.into(),
            lines: None,
            window,
        })
    }

    /// The same records, and how many lines behind the first each was read: where their text has more or
    /// fewer line breaks between them, or too much of others' to count.
    pub fn with_lines(self, lines: Vec<u32>) -> Self {
        let lines = Some(lines.into());
        Self { lines, ..self }
    }

    /// How many lines behind the first the record at `index` was read.
    pub(crate) fn line_of(&self, index: usize) -> u64 {
        let start = |index: usize| self.spans().get(index).map(|span| span.start as usize);
        match &self.lines {
            Some(lines) => {
                let line = |index: usize| lines.get(self.window.start + index).copied();
                let from = line(0).unwrap_or_default();
                u64::from(line(index).unwrap_or(from).saturating_sub(from))
            }
            None => {
                let from = start(0).unwrap_or_default();
                let to = start(index).unwrap_or(from).max(from);
                memchr::memchr_iter(b'\n', &self.text[from..to]).count() as u64
            }
        }
    }

    /// The same of all records.
    pub(crate) fn all_lines(&self) -> Vec<u64> {
        if self.lines.is_some() {
            return (0..self.len()).map(|index| self.line_of(index)).collect();
        }
        let mut from = self.spans().first().map_or(0, |span| span.start as usize);
        let mut line = 0;
        let line_of = |span: &Span| {
            let between = self.text.get(from..span.start as usize);
            from = span.start as usize;
            line += memchr::memchr_iter(b'\n', between.unwrap_or_default()).count() as u64;
            line
        };
        self.spans().iter().map(line_of).collect()
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.window.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.window.is_empty()
    }

    /// The buffer that [`spans`](Self::spans) point into. It may hold more than these records.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// Where each record lies in [`text`](Self::text).
    pub fn spans(&self) -> &[Span] {
        self.spans.get(self.window.clone()).unwrap_or_default()
    }

    /// The text of the record at `index`; empty where there is none.
    pub fn record(&self, index: usize) -> &[u8] {
        let range = self
            .spans()
            .get(index)
            .map(|span| span.start as usize..span.end as usize);
        range
            .and_then(|range| self.text.get(range))
            .unwrap_or_default()
    }

    /// The text of each record.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.spans()
            .iter()
            .map(|span| &self.text[span.start as usize..span.end as usize])
    }

    /// Bytes of all records' text together.
    pub fn text_bytes(&self) -> usize {
        self.spans()
            .iter()
            .map(|span| (span.end - span.start) as usize)
            .sum()
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let start = self.window.start + range.start.min(self.len());
        let end = self.window.start + range.end.min(self.len());
        Self {
            window: start..end.max(start),
            ..self.clone()
        }
    }

    fn select(&self, indices: &[u32]) -> Result<Self, ArrowError> {
        let spans = self.spans();
        let picked = indices
            .iter()
            .map(|&index| spans.get(index as usize).copied());
        let spans: Option<Vec<Span>> = picked.collect();
        let spans = spans.ok_or(ArrowError::InvalidArgumentError("no such record".into()))?;
        let window = 0..spans.len();
        Ok(Self {
            text: self.text.clone(),
            spans: spans.into(),
            lines: None,
            window,
        })
    }
}
