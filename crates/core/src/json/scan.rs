//! Steps over text that the readers share.

/// 0x01 in each byte.
const ONES: u64 = u64::MAX / 0xff;

/// Where the next `"`, `\` or control character stands, from `at` on; the text's length if nowhere.
#[inline]
pub(super) fn string_stop(text: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let stops = stops(u64::from_le_bytes(*chunk));
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .position(|byte| is_stop(*byte))
        .map_or(text.len(), |found| at + found)
}

/// Where the string that opens at `at` ends: behind its closing quote.
#[inline]
pub(super) fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at = string_stop(text, at);
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the next byte that is no white space stands, from `at` on.
#[inline]
pub(super) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Marks the bytes of a word that end a run of plain characters. The lowest mark is exact; a borrow
/// can set marks above it.
#[inline]
fn stops(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let marks = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) | control;
    marks & (ONES * 0x80)
}

#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

fn is_stop(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stops_where_a_plain_search_does(text: Vec<u8>, at in 0_usize..20) {
            let at = at.min(text.len());
            let found = text[at..].iter().position(|byte| is_stop(*byte));
            prop_assert_eq!(string_stop(&text, at), found.map_or(text.len(), |found| at + found));
        }
    }
}
