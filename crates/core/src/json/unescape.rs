//! Strings without their escapes.

use std::borrow::Cow;

/// The text of a raw string, quotes included: `"a\u0062"` is `ab`. Borrowed where it has no
/// escapes. `None` for what isn't a well-formed string.
pub fn unescape(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inner = inner(raw)?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    let mut text = Vec::with_capacity(inner.len());
    unescape_inner(inner, &mut text)?;
    String::from_utf8(text).ok().map(Cow::Owned)
}

/// Appends the text of a raw string, quotes included, as UTF-8 bytes. What can't be appended to
/// the end is left half done, and `None` is returned.
#[inline]
pub fn unescape_into(raw: &[u8], text: &mut Vec<u8>) -> Option<()> {
    unescape_inner(inner(raw)?, text)
}

/// Whether a raw key, without its quotes, is this name.
pub fn key_is(raw: &[u8], name: &str) -> bool {
    if memchr::memchr(b'\\', raw).is_none() {
        return raw == name.as_bytes();
    }
    let mut text = Vec::with_capacity(raw.len());
    unescape_inner(raw, &mut text).is_some() && text == name.as_bytes()
}

#[inline]
fn inner(raw: &[u8]) -> Option<&[u8]> {
    raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

#[inline]
fn unescape_inner(mut rest: &[u8], text: &mut Vec<u8>) -> Option<()> {
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        text.extend_from_slice(plain);
        let (character, behind) = escaped(escape.get(1..)?)?;
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = behind;
    }
    text.extend_from_slice(rest);
    Some(())
}

/// The character that the text behind a backslash means, and what follows.
fn escaped(text: &[u8]) -> Option<(char, &[u8])> {
    let (letter, rest) = text.split_first()?;
    let character = match letter {
        b'"' | b'\\' | b'/' => char::from(*letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((character, rest))
}

fn unicode(text: &[u8]) -> Option<(char, &[u8])> {
    let (high, rest) = hex(text)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some((char::from_u32(high)?, rest));
    }
    let (low, rest) = hex(rest.strip_prefix(br"\u")?)?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?,
        rest,
    ))
}

fn hex(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let mut code = 0;
    for digit in digits {
        code = code * 16 + char::from(*digit).to_digit(16)?;
    }
    Some((code, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes() {
        let check = |raw: &str, expect| assert_eq!(unescape(raw.as_bytes()).as_deref(), expect);
        check(r#""plain é""#, Some("plain é"));
        check(r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t"));
        check(r#""\u0041\ud83d\ude00\u00e9""#, Some("A😀é"));
        check(r#""\ud83d""#, None);
        check(r#""\ud83dA""#, None);
        check(r#""\udead""#, None);
        check(r#""\u12""#, None);
        check(r#""\x""#, None);
        check(r#""open"#, None);
        check(r#"12"#, None);
        check(r#"""#, None);
    }

    #[test]
    fn keys() {
        assert!(key_is(br"a\u0062", "ab"));
        assert!(key_is(b"ab", "ab"));
        assert!(!key_is(br"a\u0062", r"a\u0062"));
        assert!(key_is(br"a\\u0062", r"a\u0062"));
    }

    proptest! {
        #[test]
        fn reads_what_serde_writes(text: String) {
            let raw = serde_json::to_string(&text).expect("a string");
            let read = unescape(raw.as_bytes());
            prop_assert_eq!(read.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes: Vec<u8>, tail in "\"[\\\\u0d89a\"]{0,20}\"") {
            let _ = unescape(&bytes);
            let _ = unescape(tail.as_bytes());
        }
    }
}
