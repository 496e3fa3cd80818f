//! Finds the bytes that mean something in CSV.

/// Positions of any of three bytes in a text, in order.
///
/// Fields are a few bytes long, so that starting a `memchr` for each costs more than it saves.
/// Eight bytes are compared at a time in one register, and what was found is kept as bits.
pub(crate) struct Marks<'a> {
    text: &'a [u8],
    /// Where the word begins that `found` is of.
    base: usize,
    /// The high bit of each byte of the word that matched and wasn't returned yet.
    found: u64,
    needles: [u64; 3],
}

const WORD: usize = size_of::<u64>();
const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

impl<'a> Marks<'a> {
    /// Looks from `start` on.
    pub(crate) fn new(text: &'a [u8], start: usize, needles: [u8; 3]) -> Self {
        let needles = needles.map(|needle| u64::from_ne_bytes([needle; WORD]));
        let mut marks = Self {
            text,
            base: start,
            found: 0,
            needles,
        };
        marks.found = marks.matches();
        marks
    }

    /// The matches in the word at `base`; at the end of the text a word is filled up with zeros,
    /// of which a match is cut off.
    fn matches(&self) -> u64 {
        let rest = self.text.get(self.base..).unwrap_or_default();
        match rest.first_chunk::<WORD>() {
            Some(word) => self.compare(u64::from_le_bytes(*word)),
            None => {
                let mut word = [0; WORD];
                word[..rest.len()].copy_from_slice(rest);
                let within = (1_u64 << (8 * rest.len())) - 1;
                self.compare(u64::from_le_bytes(word)) & within
            }
        }
    }

    #[inline(always)]
    fn compare(&self, word: u64) -> u64 {
        let [a, b, c] = self.needles.map(|needle| zero_bytes(word ^ needle));
        a | b | c
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.base += WORD;
            if self.base >= self.text.len() {
                return None;
            }
            self.found = self.matches();
        }
        let at = self.base + self.found.trailing_zeros() as usize / 8;
        self.found &= self.found - 1;
        Some(at)
    }
}

/// The high bit of each byte that is zero, and nothing else: no carry crosses a byte.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_loop_finds(
            text in prop::collection::vec(
                prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(0), any::<u8>()],
                0..100,
            ),
            start in 0..20_usize,
            needles in prop_oneof![Just(*b",\n\""), Just([0, b'\n', b'\n'])],
        ) {
            let start = start.min(text.len());
            let expect: Vec<usize> =
                (start..text.len()).filter(|&at| needles.contains(&text[at])).collect();
            prop_assert_eq!(Marks::new(&text, start, needles).collect::<Vec<_>>(), expect);
        }
    }
}
