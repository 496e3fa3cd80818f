//! What becomes of the fields of a batch, by their keys as they are written.

use std::collections::HashMap;

use super::names::{Fate, Names};
use crate::json;

/// The keys that a batch has had so far, escapes included, and what becomes of their fields.
///
/// Records of a stream mostly have the same keys in the same order, so the key behind the last one
/// is tried first: one comparison of bytes.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    names: &'a Names,
    seen: Vec<(&'a [u8], Fate)>,
    by_key: HashMap<&'a [u8], usize>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(names: &'a Names) -> Self {
        Self {
            names,
            seen: Vec::new(),
            by_key: HashMap::new(),
        }
    }

    /// What becomes of a field. `next` is where its key is expected among those seen, and then where
    /// the key behind it is.
    #[inline]
    pub(super) fn fate(&mut self, key: &'a [u8], next: &mut usize) -> Fate {
        let (at, fate) = match self.seen.get(*next) {
            Some((seen, fate)) if *seen == key => (*next, *fate),
            _ => self.look_up(key),
        };
        *next = at + 1;
        fate
    }

    /// Whether a record doesn't stay as it is.
    pub(super) fn change(&mut self, record: &'a [u8]) -> bool {
        let mut next = 0;
        let stays = |(key, _)| matches!(self.fate(key, &mut next), Fate::Stays { .. });
        !json::fields(record).all(stays)
    }

    fn look_up(&mut self, key: &'a [u8]) -> (usize, Fate) {
        if let Some(&at) = self.by_key.get(key)
            && let Some((_, fate)) = self.seen.get(at)
        {
            return (at, *fate);
        }
        let (at, fate) = (self.seen.len(), self.names.of_field(&name(key)));
        self.seen.push((key, fate));
        self.by_key.insert(key, at);
        (at, fate)
    }
}

/// The name that a raw key, without its quotes, means.
fn name(key: &[u8]) -> String {
    let quoted = [b"\"", key, b"\""].concat();
    json::unescape(&quoted).map_or_else(String::new, Into::into)
}
