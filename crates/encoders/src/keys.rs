//! Which column a record's key belongs to.

use std::collections::HashMap;

use spile_core::json::{self, WrittenKey};

/// The columns of one level of objects, by their keys.
///
/// Records of a stream mostly have the same keys in the same order, so the column behind the last
/// one is tried first: one comparison of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Each column's key as the records wrote it last, escapes included. `None` where the name
    /// can't stand as it is and no record has shown how it writes it.
    raw: Vec<Option<WrittenKey>>,
    /// Columns by their names.
    by_name: HashMap<Box<[u8]>, usize>,
}

impl Keys {
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut keys = Self::default();
        for name in names {
            keys.push(name);
        }
        keys
    }

    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// What they take up, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        const COLUMN_BYTES: usize = 180;
        self.raw.len() * COLUMN_BYTES
    }

    /// Appends a column. A name that is there already keeps its first column.
    pub(crate) fn push(&mut self, name: &str) {
        let column = self.raw.len();
        let plain = name
            .bytes()
            .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        self.raw
            .push(plain.then(|| WrittenKey::new(name.as_bytes())));
        self.by_name.entry(name.as_bytes().into()).or_insert(column);
    }

    /// The key of a column as records write it, where that is known.
    #[inline]
    pub(crate) fn written(&self, column: usize) -> Option<&WrittenKey> {
        self.raw.get(column)?.as_ref()
    }

    /// The column of a raw key, `next` being the one that is expected.
    #[inline]
    pub(crate) fn column(&mut self, key: &[u8], next: usize) -> Option<usize> {
        match self.written(next) {
            Some(written) if written.raw() == key => Some(next),
            _ => self.look_up(key),
        }
    }

    fn look_up(&mut self, key: &[u8]) -> Option<usize> {
        if !key.contains(&b'\\') {
            return self.by_name.get(key).copied();
        }
        let column = self.by_name.get(name(key)?.as_bytes()).copied()?;
        if let Some(raw) = self.raw.get_mut(column) {
            *raw = Some(WrittenKey::new(key));
        }
        Some(column)
    }
}

/// The name that a raw key, without its quotes, means.
pub(crate) fn name(key: &[u8]) -> Option<String> {
    let quoted = [b"\"", key, b"\""].concat();
    json::unescape(&quoted).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_however_they_are_written() {
        let mut keys = Keys::new(["a", "b", r"a\u0062", "é"]);
        let mut check = |key: &str, next, expect| {
            assert_eq!(keys.column(key.as_bytes(), next), expect, "{key}");
        };
        check("a", 0, Some(0));
        check("b", 1, Some(1));
        check("b", 3, Some(1));
        check(r"\u0061", 0, Some(0));
        check("a", 0, Some(0));
        check(r"a\u0062", 2, None);
        check(r"a\\u0062", 2, Some(2));
        check(r"\u00e9", 3, Some(3));
        check(r"\u00e9", 3, Some(3));
        check("c", 4, None);
    }

    /// As it is, such a name isn't a key but a piece of a record.
    #[test]
    fn names_that_need_escapes_are_compared_as_records_write_them() {
        let name = r#"a":1,"b"#;
        let mut keys = Keys::new([name, "\n", "a", "b"]);
        assert!(keys.written(0).is_none());
        assert!(keys.written(1).is_none());
        let raw = br#"a\":1,\"b"#;
        assert_eq!(keys.column(raw, 0), Some(0));
        assert_eq!(keys.written(0).map(WrittenKey::raw), Some(&raw[..]));
        assert_eq!(keys.column(b"b", 0), Some(3));
    }
}
