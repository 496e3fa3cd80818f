//! The light readers of objects and arrays.

use super::WrittenKey;
use super::scan::{nesting_stop, scalar_stop, skip_space, string_end};

/// The fields of an object: raw key without its quotes, raw value. Duplicates come as they are.
#[inline]
pub fn fields(object: &[u8]) -> Fields<'_> {
    Fields {
        text: object,
        at: inside(object, b'{'),
    }
}

/// The raw values of an array.
#[inline]
pub fn elements(array: &[u8]) -> Elements<'_> {
    Elements {
        text: array,
        at: inside(array, b'['),
    }
}

/// An iterator over the fields of an object, see [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    text: &'a [u8],
    /// Where the next key, comma or end is.
    at: usize,
}

/// An iterator over the elements of an array, see [`elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// Where in the object the value that was returned last ends.
    #[inline]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Passes over the next key if it is this one.
    #[inline]
    pub fn skip_key(&mut self, key: &WrittenKey) -> bool {
        let comma = usize::from(self.text.get(self.at) == Some(&b','));
        let stands = key.stands_at(self.text, self.at + comma);
        if stands {
            self.at += comma + key.len();
        }
        stands
    }

    /// The next raw key, without its quotes. [`Fields::next_value`] has to follow.
    #[inline]
    pub fn next_key(&mut self) -> Option<&'a [u8]> {
        let start = next_item(self.text, self.at)?;
        if self.text.get(start) != Some(&b'"') {
            return None;
        }
        let end = string_end(self.text, start)?;
        self.at = skip_space(self.text, end) + 1;
        self.text.get(start + 1..end - 1)
    }

    /// The raw value of the key that was passed over.
    #[inline]
    pub fn next_value(&mut self) -> Option<&'a [u8]> {
        let start = skip_space(self.text, self.at);
        let value = value_at(self.text, start)?;
        self.at = start + value.len();
        Some(value)
    }
}

impl Elements<'_> {
    /// Where in the array the value that was returned last ends.
    #[inline]
    pub fn offset(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let key = self.next_key()?;
        let value = self.next_value()?;
        Some((key, value))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let start = next_item(self.text, self.at)?;
        let value = value_at(self.text, start)?;
        self.at = start + value.len();
        Some(value)
    }
}

/// Behind the opening bracket, or at the end if there is none.
#[inline]
fn inside(text: &[u8], bracket: u8) -> usize {
    let start = skip_space(text, 0);
    if text.get(start) == Some(&bracket) {
        start + 1
    } else {
        text.len()
    }
}

/// Where the next field or element starts, or `None` at the end of them.
#[inline]
fn next_item(text: &[u8], at: usize) -> Option<usize> {
    let mut at = skip_space(text, at);
    if text.get(at) == Some(&b',') {
        at = skip_space(text, at + 1);
    }
    match text.get(at)? {
        b'}' | b']' => None,
        _ => Some(at),
    }
}

/// The value that starts at `start`, never empty.
#[inline]
fn value_at(text: &[u8], start: usize) -> Option<&[u8]> {
    let end = match text.get(start)? {
        b'"' => string_end(text, start)?,
        b'{' | b'[' => nested_end(text, start)?,
        _ => scalar_stop(text, start),
    };
    text.get(start..end).filter(|value| !value.is_empty())
}

/// Behind the bracket that closes the one at `start`.
fn nested_end(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        at = nesting_stop(text, at);
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            _ if depth == 1 => return Some(at + 1),
            _ => {
                depth -= 1;
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(object: &str) -> Vec<String> {
        let text = |raw| String::from_utf8_lossy(raw).into_owned();
        fields(object.as_bytes())
            .map(|(key, value)| text(key) + "=" + &text(value))
            .collect()
    }

    #[test]
    fn fields_come_raw() {
        let check = |object: &str, expect: &[&str]| assert_eq!(shown(object), expect, "{object}");
        check("{}", &[]);
        check(
            r#" { "a" : 1 , "b":[1,{"c":"]"}],"a":"x\"," } "#,
            &["a=1", r#"b=[1,{"c":"]"}]"#, r#"a="x\",""#],
        );
        check(r#"{"\u0061":{},"":null}"#, &[r"\u0061={}", "=null"]);
    }

    #[test]
    fn elements_come_raw() {
        let text = br#"[ 1, "a,b" ,[],{"c":[2]} , -1e5]"#;
        let found: Vec<&[u8]> = elements(text).collect();
        let expect: [&[u8]; 5] = [b"1", br#""a,b""#, b"[]", br#"{"c":[2]}"#, b"-1e5"];
        assert_eq!(found, expect);
    }

    #[test]
    fn offset_is_behind_the_value() {
        let text = br#"{"a": 12, "b": "x"}"#;
        let mut fields = fields(text);
        while let Some((_, value)) = fields.next() {
            assert_eq!(&text[fields.offset() - value.len()..fields.offset()], value);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(text in "[\\[\\]{}\",:\\\\a1 ]{0,30}", bytes: Vec<u8>) {
            for text in [text.as_bytes(), &bytes] {
                prop_assert!(fields(text).count() <= text.len());
                prop_assert!(elements(text).count() <= text.len());
            }
        }
    }
}
