//! Metadata: any text, as a header can carry it.

use std::fmt::Write;

/// Percent-encodes the UTF-8 of everything but visible ASCII, and `%`. Headers are ASCII, spaces in
/// them are trimmed and joined, and what else is sent no two stores read in one way. Different
/// texts stay different, and every URL decoder gets the text back.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' => out.push_str("%25"),
            byte if byte.is_ascii_graphic() => out.push(char::from(byte)),
            byte => {
                // A text takes all that is written to it.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((plain, after)) = rest.split_once('%') {
            bytes.extend(plain.bytes());
            bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
            rest = &after[2..];
        }
        bytes.extend(rest.bytes());
        String::from_utf8(bytes).ok()
    }

    #[test]
    fn any_text_is_visible_ascii_and_comes_back() {
        let check = |text: &str, expect: &str| {
            assert_eq!(encoded(text), expect);
            assert_eq!(decoded(expect).as_deref(), Some(text));
        };
        check("f52c7268-2359-567a", "f52c7268-2359-567a");
        check("Läufe-1", "L%C3%A4ufe-1");
        check("100% of  it ", "100%25%20of%20%20it%20");
        check("%20", "%2520");
        check(
            "a\r\nx-amz-acl: public-read",
            "a%0D%0Ax-amz-acl:%20public-read",
        );
        check("", "");
    }
}
