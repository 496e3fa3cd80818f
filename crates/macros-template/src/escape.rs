//! Values that come from data or people can't leave the segment that they are written into.

/// Appends `value` with `/`, `\`, `%` and control characters percent-encoded, byte by byte.
///
/// Different values stay different, since `%` itself is encoded.
pub(crate) fn escape(value: &str, out: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.find(needs_escape) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = from.chars();
        if let Some(c) = chars.next() {
            percent(c, out);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// A value as a segment of a key, as a template writes it: `/`, `\`, `%` and control characters are
/// percent-encoded, and so is a value that is `.` or `..` as a whole. Different values stay
/// different.
///
/// ```
/// use spile_macros_template::escape_segment;
///
/// assert_eq!(escape_segment("sales/eu"), "sales%2Feu");
/// assert_eq!(escape_segment(".."), "%2E%2E");
/// ```
#[must_use]
pub fn escape_segment(value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    escape(value, &mut segment);
    escape_dots(&segment)
}

/// Percent-encodes each segment of `key` that is `.` or `..` as a whole.
pub(crate) fn escape_dot_segments(key: String) -> String {
    if !key.split('/').any(is_dot_segment) {
        return key;
    }
    let segments: Vec<String> = key.split('/').map(escape_dots).collect();
    segments.join("/")
}

/// Whether a path resolver would take `segment` for this folder or the one above.
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

fn escape_dots(segment: &str) -> String {
    if is_dot_segment(segment) {
        segment.replace('.', "%2E")
    } else {
        segment.to_owned()
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '/' | '\\' | '%') || c.is_control()
}

fn percent(c: char, out: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push('%');
        out.push(hex(byte >> 4));
        out.push(hex(byte & 0xF));
    }
}

fn hex(nibble: u8) -> char {
    char::from(if nibble < 10 {
        b'0' + nibble
    } else {
        b'A' + nibble - 10
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(value: &str) -> String {
        let mut out = String::new();
        escape(value, &mut out);
        out
    }

    /// The inverse, which proves that nothing is lost.
    fn unescaped(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                let pair = std::str::from_utf8(&pair).unwrap();
                bytes.push(u8::from_str_radix(pair, 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn separators_and_controls_are_encoded() {
        for (value, expect) in [
            ("plain-text_1.0", "plain-text_1.0"),
            ("a/b", "a%2Fb"),
            ("../../etc", "..%2F..%2Fetc"),
            (r"a\b", "a%5Cb"),
            ("100%", "100%25"),
            ("a%2Fb", "a%252Fb"),
            ("line\nbreak\0", "line%0Abreak%00"),
            ("\u{7f}\u{85}", "%7F%C2%85"),
            ("Grüße 東京 {x}", "Grüße 東京 {x}"),
            ("", ""),
        ] {
            assert_eq!(escaped(value), expect);
        }
    }

    #[test]
    fn dot_segments_are_encoded_whole() {
        for (key, expect) in [
            ("a/../b", "a/%2E%2E/b"),
            ("./a", "%2E/a"),
            ("a/..", "a/%2E%2E"),
            ("a/.../.b/c..", "a/.../.b/c.."),
        ] {
            assert_eq!(escape_dot_segments(key.to_owned()), expect);
        }
    }

    proptest! {
        #[test]
        fn escaping_is_injective(value in any::<String>()) {
            let text = escaped(&value);
            prop_assert!(!text.contains(['/', '\\']) && !text.contains(char::is_control));
            prop_assert_eq!(unescaped(&text), value);
        }
    }
}
