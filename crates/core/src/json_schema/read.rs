//! A schema's text, read where it stands.

use std::borrow::Cow;

use crate::json::{self, Kind, elements, fields, kind, unescape};

/// The value of a keyword; of those that stand there twice, the last one.
pub(super) fn field<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let named = fields(object).filter(|(key, _)| json::key_is(key, name));
    named.last().map(|(_, value)| value)
}

/// The fields of an object in their order; of those with one name, the last one in the place of the
/// first. `None` where it is no object.
pub(super) fn fields_of(object: &[u8]) -> Option<Vec<(String, &[u8])>> {
    is(object, Kind::Object).then(|| {
        let mut found: Vec<(String, &[u8])> = Vec::new();
        for (key, value) in fields(object) {
            let quoted = [b"\"", key, b"\""].concat();
            let name = unescape(&quoted).map(Cow::into_owned).unwrap_or_default();
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => found.push((name, value)),
            }
        }
        found
    })
}

/// The elements of an array, or `None` where it is none.
pub(super) fn elements_of(array: &[u8]) -> Option<Vec<&[u8]>> {
    is(array, Kind::Array).then(|| elements(array).collect())
}

/// A text.
pub(super) fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    is(value, Kind::String).then(|| unescape(value)).flatten()
}

/// The text of a keyword.
pub(super) fn text_of<'a>(object: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    text(field(object, name)?)
}

pub(super) fn is(value: &[u8], expected: Kind) -> bool {
    kind(value) == Some(expected)
}
