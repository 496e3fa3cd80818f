//! JSON records with other fields.

use arrow::error::ArrowError;

use super::claims::Claims;
use super::error::ReshapeError;
use super::keys::Keys;
use super::names::{Fate, Names};
use crate::json;
use crate::records::{JsonRecords, Span};

/// The records as they are afterwards, in a buffer of their own; `None` where all stay as they are.
pub(super) fn reshape(
    names: &Names,
    records: &JsonRecords,
) -> Result<Option<JsonRecords>, ArrowError> {
    let mut keys = Keys::new(names);
    let Some(first) = records.iter().position(|record| keys.change(record)) else {
        return Ok(None);
    };
    let mut objects = Objects::new(names, keys, records);
    for record in records.iter().take(first) {
        objects.push_whole(record)?;
    }
    for (at, record) in records.iter().enumerate().skip(first) {
        objects.push(at, record)?;
    }
    JsonRecords::new(objects.text.into(), objects.spans).map(Some)
}

/// The objects of a batch, while they are put together, a line each.
struct Objects<'a> {
    names: &'a Names,
    keys: Keys<'a>,
    claims: Claims<'a>,
    text: Vec<u8>,
    spans: Vec<Span>,
    /// The fields of the open object that are collected, without the braces around them.
    rest: Vec<u8>,
    /// Where the open object begins in the text.
    start: usize,
}

impl<'a> Objects<'a> {
    fn new(names: &'a Names, keys: Keys<'a>, records: &JsonRecords) -> Self {
        Self {
            names,
            keys,
            claims: Claims::new(names),
            text: Vec::with_capacity(records.text_bytes() + records.len()),
            spans: Vec::with_capacity(records.len()),
            rest: Vec::new(),
            start: 0,
        }
    }

    fn push_whole(&mut self, record: &[u8]) -> Result<(), ArrowError> {
        self.text.extend_from_slice(record);
        self.end_line()
    }

    /// Appends what becomes of a record. Fields that stay are copied together, from the first of
    /// them, at `copied`, to the next one that doesn't.
    fn push(&mut self, at: usize, record: &'a [u8]) -> Result<(), ArrowError> {
        let mut fields = json::fields(record);
        let (mut next, mut copied, mut end) = (0, 0, fields.offset());
        while let Some((key, value)) = fields.next() {
            let fate = self.keys.fate(key, &mut next);
            self.claims.note(at, fate)?;
            if !matches!(fate, Fate::Stays { .. }) {
                self.push_fields(record.get(copied..end).unwrap_or_default());
                self.push_field(fate, key, value);
                copied = fields.offset();
            }
            end = fields.offset();
        }
        if copied == 0 {
            return self.push_whole(record);
        }
        self.push_fields(record.get(copied..end).unwrap_or_default());
        self.close()?;
        self.end_line()
    }

    /// Appends fields that stay, with what stands before them: the opening brace or a comma, where
    /// there are any.
    fn push_fields(&mut self, fields: &[u8]) {
        let fields = match self.has_fields() {
            true => fields,
            false => without_comma(fields),
        };
        self.text.extend_from_slice(fields);
    }

    fn push_field(&mut self, fate: Fate, key: &[u8], value: &[u8]) {
        match fate {
            Fate::Renamed(index) => {
                if let Some(rename) = self.names.rename(index) {
                    self.push_key(&rename.key);
                    self.text.extend_from_slice(value);
                }
            }
            Fate::Collected => {
                let opening: &[u8] = if self.rest.is_empty() { b"\"" } else { b",\"" };
                for piece in [opening, key, b"\":", value] {
                    self.rest.extend_from_slice(piece);
                }
            }
            Fate::Stays { .. } | Fate::LeftOut => {}
        }
    }

    /// Closes the object, behind the column of what was collected, where that is anything.
    fn close(&mut self) -> Result<(), ReshapeError> {
        let rest = self.names.rest().filter(|_| !self.rest.is_empty());
        let may_be_deep = has_many_brackets(&self.rest);
        if let Some(rest) = rest {
            self.push_key(&rest.key);
            self.text.push(b'{');
            self.text.append(&mut self.rest);
            self.text.push(b'}');
        }
        self.text.push(b'}');
        match rest {
            Some(rest) if may_be_deep && self.is_too_deep() => Err(ReshapeError::TooDeep {
                name: rest.name.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the object that was closed has more inside each other than a record may: what was
    /// collected stands a level deeper than before.
    fn is_too_deep(&self) -> bool {
        let object = self.text.get(self.start..).unwrap_or_default();
        json::check(object).is_err()
    }

    fn push_key(&mut self, key: &str) {
        if self.has_fields() {
            self.text.push(b',');
        }
        self.text.extend_from_slice(key.as_bytes());
    }

    fn has_fields(&self) -> bool {
        self.text.len() > self.start + 1
    }

    fn end_line(&mut self) -> Result<(), ArrowError> {
        let too_long = |_| ArrowError::InvalidArgumentError("too much text".to_owned());
        let offset = |at: usize| u32::try_from(at).map_err(too_long);
        self.spans.push(Span {
            start: offset(self.start)?,
            end: offset(self.text.len())?,
        });
        self.text.push(b'\n');
        self.start = self.text.len();
        Ok(())
    }
}

/// Fields without the comma and the white space before the first of them.
fn without_comma(fields: &[u8]) -> &[u8] {
    let fields = fields.trim_ascii_start();
    fields.strip_prefix(b",").unwrap_or(fields)
}

/// Whether fields have so many brackets that they may not have room inside of a further object: it is
/// those that cost a closer look.
fn has_many_brackets(fields: &[u8]) -> bool {
    let room = json::DEPTH_MAX as usize - 2;
    memchr::memchr2_iter(b'{', b'[', fields).nth(room).is_some()
}
