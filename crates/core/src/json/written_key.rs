//! Keys as they are written.

use wide::u8x16;

use super::scan::{BLOCK, block};

/// A key as records write it, with its quotes and the colon behind them. Records of a stream mostly have
/// the same keys in the same order, and to compare is faster than to read.
#[derive(Clone, Debug, Default)]
pub struct WrittenKey {
    text: Vec<u8>,
    /// The beginning of the text, and a bit for each byte that is none of it.
    head: u8x16,
    beyond: u32,
}

const ALL: u32 = (1 << BLOCK) - 1;

impl WrittenKey {
    /// Of a raw key without its quotes.
    pub fn new(raw: &[u8]) -> Self {
        let mut key = Self::default();
        key.set(raw);
        key
    }

    /// The raw key, without its quotes.
    pub fn raw(&self) -> &[u8] {
        let end = self.text.len().saturating_sub(2);
        self.text.get(1..end).unwrap_or_default()
    }

    /// Becomes another key, in the same memory.
    pub(super) fn set(&mut self, raw: &[u8]) {
        self.text.clear();
        for part in [b"\"", raw, b"\":"] {
            self.text.extend_from_slice(part);
        }
        let length = self.text.len().min(BLOCK);
        let mut head = [0; BLOCK];
        head[..length].copy_from_slice(&self.text[..length]);
        self.head = u8x16::new(head);
        self.beyond = ALL << length & ALL;
    }

    /// How long it is, quotes and colon counted.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether it stands at `at`.
    #[inline]
    pub(super) fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let Some(block) = block(text, at) else {
            return text
                .get(at..)
                .is_some_and(|rest| rest.starts_with(&self.text));
        };
        let same = block.simd_eq(self.head).to_bitmask() | self.beyond;
        same == ALL && self.rest_stands_at(text, at + BLOCK)
    }

    #[inline]
    fn rest_stands_at(&self, text: &[u8], at: usize) -> bool {
        let Some(rest) = self.text.get(BLOCK..) else {
            return true;
        };
        rest.is_empty() || text.get(at..).is_some_and(|text| text.starts_with(rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stands_where_its_text_does(raw in "[ab]{0,40}", text in "[ab\":]{0,60}", at in 0_usize..64) {
            let key = WrittenKey::new(raw.as_bytes());
            let written = format!("\"{raw}\":");
            for text in [text.clone(), format!("{text}{written}"), format!("{text}{written}{text}")] {
                for at in [at, text.find(&written).unwrap_or_default()] {
                    let rest = text.as_bytes().get(at..);
                    let expect = rest.is_some_and(|rest| rest.starts_with(written.as_bytes()));
                    prop_assert_eq!(key.stands_at(text.as_bytes(), at), expect, "{} at {}", text, at);
                }
            }
            prop_assert_eq!(key.raw(), raw.as_bytes());
        }
    }
}
