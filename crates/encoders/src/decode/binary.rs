//! Columns of bytes, which stand in text as base64.

use std::sync::Arc;

use arrow::array::BinaryBuilder;
use spile_core::Span;

use super::primitive::{Built, string};
use super::too_long;
use crate::shred::slice;

/// Bytes of strings in base64 with padding (RFC 4648).
pub(super) fn bytes(text: &[u8], slots: &[Span]) -> Built {
    // Offsets count up to 2 GiB; base64 is longer than its bytes.
    if i32::try_from(text.len()).is_err() {
        return Err(too_long().into());
    }
    let mut column = BinaryBuilder::new();
    for (row, slot) in slots.iter().enumerate() {
        let raw = slice(text, *slot);
        if raw.is_empty() {
            column.append_null();
            continue;
        }
        match string(raw).and_then(|digits| from_base64(&digits)) {
            Some(bytes) => column.append_value(bytes),
            None => return Ok(Err(row)),
        }
    }
    Ok(Ok(Arc::new(column.finish())))
}

/// The bytes that are written as these digits, and as no others.
fn from_base64(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let last = digits.len().saturating_sub(4);
    for (at, four) in digits.chunks(4).enumerate() {
        let padding = four
            .iter()
            .rev()
            .take_while(|digit| **digit == b'=')
            .count();
        if padding > 2 || (padding > 0 && at * 4 != last) {
            return None;
        }
        let mut bits = 0_u32;
        for digit in &four[..4 - padding] {
            bits = bits << 6 | u32::from(value(*digit)?);
        }
        bits <<= 6 * padding;
        let [_, three @ ..] = bits.to_be_bytes();
        let (whole, rest) = three.split_at(3 - padding);
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(whole);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_it_is_written() {
        let check = |digits: &str, expect: Option<&[u8]>| {
            assert_eq!(
                from_base64(digits.as_bytes()).as_deref(),
                expect,
                "{digits}"
            );
        };
        check("", Some(b""));
        check("Zg==", Some(b"f"));
        check("Zm8=", Some(b"fo"));
        check("Zm9v", Some(b"foo"));
        check("Zm9vYv/+", Some(b"foob\xff\xfe"));
        for digits in [
            "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "A===", "Zm-v", "Zm 9",
        ] {
            check(digits, None);
        }
    }
}
