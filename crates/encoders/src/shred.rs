//! Objects cut into the texts of their fields, by column.

use std::ops::Range;

use spile_core::{JsonRecords, Misfit, Span, json};

use crate::decode::found;
use crate::keys::{self, Keys};

/// No value: a key that is missing, or a null.
pub(crate) const ABSENT: Span = Span { start: 0, end: 0 };

/// The raw values of some rows, column by column, as places in one text.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    columns: Vec<Vec<Span>>,
}

/// A value whose key no column has.
#[derive(Debug)]
pub(crate) struct Unknown {
    pub(crate) row: usize,
    pub(crate) key: String,
    pub(crate) value: Span,
}

impl Unknown {
    /// That its object has no such column.
    pub(crate) fn misfit(self, text: &[u8]) -> Misfit {
        Misfit {
            at: self.row,
            found: found(slice(text, self.value)),
            column: self.key,
            expected: None,
        }
    }
}

/// Rows at a time: enough to spread the cost of a column, few enough to stay in the cache.
const ROWS: usize = 1_024;
/// Bytes of text at a time, at least one record: a column's text has to fit 31 bits.
const TEXT_BYTES: usize = 4 << 20;

impl Slots {
    /// The values of a column, one for each row.
    pub(crate) fn column(&self, column: usize) -> &[Span] {
        self.columns.get(column).map_or(&[], Vec::as_slice)
    }

    /// Cuts `rows` of objects. Of fields with the same key the last counts. A key that no column
    /// has is passed over if its value is null; otherwise it ends the cutting at its row.
    pub(crate) fn shred(&mut self, text: &[u8], rows: &[Span], keys: &mut Keys) -> Option<Unknown> {
        self.reset(rows.len(), keys.len());
        let row = |(row, span)| self.shred_row::<true>(text, row, span, keys);
        rows.iter().enumerate().find_map(row)
    }

    /// Like [`Slots::shred`], passing over every key that no column has.
    pub(crate) fn shred_known(&mut self, text: &[u8], rows: &[Span], keys: &mut Keys) {
        self.reset(rows.len(), keys.len());
        for (row, span) in rows.iter().enumerate() {
            self.shred_row::<false>(text, row, span, keys);
        }
    }

    fn reset(&mut self, rows: usize, columns: usize) {
        self.columns.resize_with(columns, Vec::new);
        for column in &mut self.columns {
            column.clear();
            column.resize(rows, ABSENT);
        }
    }

    #[inline]
    fn shred_row<const STRICT: bool>(
        &mut self,
        text: &[u8],
        row: usize,
        span: &Span,
        keys: &mut Keys,
    ) -> Option<Unknown> {
        let mut fields = json::fields(slice(text, *span));
        let mut next = 0;
        loop {
            let expected = keys.written(next);
            if expected.is_some_and(|key| fields.skip_key(key)) {
                self.columns[next][row] = value_span(&mut fields, span.start)?.unless_null(text);
                next += 1;
                continue;
            }
            let key = fields.next_key()?;
            let column = keys.column(key, next);
            let value = value_span(&mut fields, span.start)?;
            match (column, value.unless_null(text)) {
                (Some(column), value) => {
                    self.columns[column][row] = value;
                    next = column + 1;
                }
                (None, ABSENT) => {}
                (None, value) if STRICT => {
                    let key = keys::name(key).unwrap_or_default();
                    return Some(Unknown { row, key, value });
                }
                (None, _) => {}
            }
        }
    }
}

/// Where the next value stands in a text, of which the object begins at `start`.
#[inline]
fn value_span(fields: &mut json::Fields<'_>, start: u32) -> Option<Value> {
    let length = fields.next_value()?.len() as u32;
    let end = start + fields.offset() as u32;
    Some(Value(Span {
        start: end - length,
        end,
    }))
}

/// A value that may be null.
struct Value(Span);

impl Value {
    #[inline]
    fn unless_null(self, text: &[u8]) -> Span {
        match text.get(self.0.start as usize) {
            Some(b'n') => ABSENT,
            _ => self.0,
        }
    }
}

/// The text at a span, empty where it is absent.
#[inline]
pub(crate) fn slice(text: &[u8], span: Span) -> &[u8] {
    text.get(span.start as usize..span.end as usize)
        .unwrap_or_default()
}

/// Ranges of records to take at a time.
pub(crate) fn chunks(records: &JsonRecords) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let range = next_chunk(records, start, ROWS);
        start = range.end;
        (!range.is_empty()).then_some(range)
    })
}

/// The records to take at a time from `start` on: up to `rows`, at least one if there is one.
pub(crate) fn next_chunk(records: &JsonRecords, start: usize, rows: usize) -> Range<usize> {
    let rest = records.spans().get(start..).unwrap_or_default();
    let mut bytes = 0;
    let fitting = rest.iter().take(rows).take_while(|span| {
        bytes += (span.end - span.start) as usize;
        bytes <= TEXT_BYTES
    });
    let rows = fitting.count().max(1).min(rest.len());
    start..start + rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever columns and keys are called, each value stands in the column of its key.
        #[test]
        fn values_stand_in_the_column_of_their_key(
            names in prop::collection::btree_set(r#"[ab":,1{\\\\\n]{1,6}"#, 1..6),
            records in prop::collection::vec(
                prop::collection::vec((any::<prop::sample::Index>(), 0..20_u8), 0..6),
                1..5,
            ),
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let (mut text, mut spans, mut expect) = (String::new(), Vec::new(), Vec::new());
            for record in records {
                let fields = record.into_iter().map(|(name, value)| (name.index(names.len()), value));
                let fields: BTreeMap<usize, u8> = fields.collect();
                let start = text.len() as u32;
                let written = fields.iter().map(|(name, value)| {
                    format!("{}:{value}", serde_json::to_string(&names[*name]).unwrap())
                });
                text.push_str(&format!("{{{}}}", written.collect::<Vec<_>>().join(",")));
                let end = text.len() as u32;
                spans.push(Span { start, end });
                expect.push(fields);
            }
            let mut keys = Keys::new(names.iter().map(String::as_str));
            let mut slots = Slots::default();
            prop_assert!(slots.shred(text.as_bytes(), &spans, &mut keys).is_none(), "{}", text);
            for (row, fields) in expect.iter().enumerate() {
                for column in 0..names.len() {
                    let found = slice(text.as_bytes(), slots.column(column)[row]);
                    let value = fields.get(&column).map(u8::to_string).unwrap_or_default();
                    prop_assert_eq!(found, value.as_bytes(), "{} {:?}", text, names);
                }
            }
        }
    }
}
