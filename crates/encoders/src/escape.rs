//! Strings as JSON writes them.

/// Puts quotes around the text from `start` on and escapes what has to be.
pub(crate) fn quote_from(start: usize, text: &mut Vec<u8>) {
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    if text[start..].iter().any(special) {
        let plain = text.split_off(start);
        push_quoted(&plain, text);
        return;
    }
    text.insert(start, b'"');
    text.push(b'"');
}

/// Appends a string in quotes.
pub(crate) fn push_quoted(plain: &[u8], text: &mut Vec<u8>) {
    text.push(b'"');
    for byte in plain {
        match byte {
            b'"' => text.extend_from_slice(br#"\""#),
            b'\\' => text.extend_from_slice(br"\\"),
            b'\n' => text.extend_from_slice(br"\n"),
            b'\r' => text.extend_from_slice(br"\r"),
            b'\t' => text.extend_from_slice(br"\t"),
            0..0x20 => text.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => text.push(*byte),
        }
    }
    text.push(b'"');
}

/// A key in quotes with its colon.
pub(crate) fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    push_quoted(name.as_bytes(), &mut key);
    key.push(b':');
    key
}
