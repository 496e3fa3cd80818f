//! Steps over text that the readers share, a block of it at a time.

use wide::u8x16;

/// Bytes that are looked at at once.
pub(super) const BLOCK: usize = 16;

/// Where the next `"`, `\` or control character stands, from `at` on; the text's length if nowhere.
#[inline]
pub(super) fn string_stop(text: &[u8], at: usize) -> usize {
    let marks =
        |block| any_of(block, b'"') | any_of(block, b'\\') | block.min(all(0x1f)).simd_eq(block);
    let is_stop = |byte| byte == b'"' || byte == b'\\' || byte < 0x20;
    find(text, at, marks, is_stop)
}

/// Where the next comma, closing bracket or white space stands, from `at` on.
#[inline]
pub(super) fn scalar_stop(text: &[u8], at: usize) -> usize {
    let marks = |block: u8x16| {
        let space = block.min(all(b' ')).simd_eq(block);
        any_of(block | all(0x20), b'}') | any_of(block, b',') | space
    };
    let is_stop = |byte| matches!(byte, b',' | b'}' | b']' | 0..=b' ');
    find(text, at, marks, is_stop)
}

/// Where the next quote or bracket of any kind stands, from `at` on.
#[inline]
pub(super) fn nesting_stop(text: &[u8], at: usize) -> usize {
    let marks = |block: u8x16| {
        // Square brackets are curly ones but for a bit.
        let curly = block | all(0x20);
        any_of(curly, b'{') | any_of(curly, b'}') | any_of(block, b'"')
    };
    let is_stop = |byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
    find(text, at, marks, is_stop)
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

/// The block that stands at `at`; none near the end of the text.
#[inline]
pub(super) fn block(text: &[u8], at: usize) -> Option<u8x16> {
    let block = text.get(at..)?.first_chunk::<BLOCK>()?;
    Some(u8x16::new(*block))
}

/// The first byte that is marked, from `at` on; the text's length if none is. Both say the same: one of
/// a block, the other of a byte.
#[inline]
fn find(
    text: &[u8],
    mut at: usize,
    marks: impl Fn(u8x16) -> u8x16,
    is_marked: impl Fn(u8) -> bool,
) -> usize {
    while let Some(block) = block(text, at) {
        let marks = marks(block).to_bitmask();
        if marks != 0 {
            return at + marks.trailing_zeros() as usize;
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .position(|byte| is_marked(*byte))
        .map_or(text.len(), |found| at + found)
}

#[inline]
fn any_of(block: u8x16, byte: u8) -> u8x16 {
    block.simd_eq(all(byte))
}

#[inline]
fn all(byte: u8) -> u8x16 {
    u8x16::splat(byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stops_where_a_plain_search_does(text: Vec<u8>, at in 0_usize..40) {
            let at = at.min(text.len());
            let check = |found: usize, is_stop: fn(u8) -> bool| {
                let expect = text[at..].iter().position(|byte| is_stop(*byte));
                prop_assert_eq!(found, expect.map_or(text.len(), |expect| at + expect));
                Ok(())
            };
            check(string_stop(&text, at), |byte| byte < b' ' || byte == b'"' || byte == b'\\')?;
            check(scalar_stop(&text, at), |byte| byte <= b' ' || b",]}".contains(&byte))?;
            check(nesting_stop(&text, at), |byte| b"\"[]{}".contains(&byte))?;
        }
    }
}
