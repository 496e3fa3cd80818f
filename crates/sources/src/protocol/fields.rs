//! The fields of messages.

use std::borrow::Cow;

use spile_core::json::{CheckedField, Checker, Kind, kind, unescape};

/// What is wrong with a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl From<String> for Fault {
    fn from(cause: String) -> Self {
        Self(cause)
    }
}

/// More than this isn't quoted.
const SHOWN: usize = 60;

/// The raw values of a message, by the names of their fields.
pub(crate) trait MessageFields<'a>: Default {
    /// The place of a field's value; `None` where the field says nothing to us.
    fn named(&mut self, within: Option<&[u8]>, key: &[u8]) -> Option<&mut Option<&'a [u8]>>;
}

/// Reads a message, which has to be a JSON object without a field that stands there twice. `LEVELS` are
/// those of the message.
#[inline]
pub(crate) fn read<'a, const LEVELS: usize, M: MessageFields<'a>>(
    checker: &mut Checker,
    line: &'a str,
) -> Result<M, Fault> {
    let mut fields = M::default();
    let mut twice = None;
    let checked = checker.check_fields::<LEVELS>(line, |field: CheckedField<'a>| {
        if let Some(place) = fields.named(field.within, field.key)
            && place.replace(field.value).is_some()
        {
            twice = Some(field.key);
        }
    });
    checked.map_err(|error| Fault(error.to_string()))?;
    match twice {
        None => Ok(fields),
        Some(key) => Err(Fault(format!("`{}` stands there twice", shown(key)))),
    }
}

/// A text that a message has to have.
pub(crate) fn text<'a>(
    what: &str,
    name: &str,
    value: Option<&'a [u8]>,
) -> Result<Cow<'a, str>, Fault> {
    let found = value.ok_or_else(|| missing(what, name, "a text"))?;
    match unescape(found) {
        Some(text) if kind(found) == Some(Kind::String) => Ok(text),
        _ => Err(wrong(what, name, "a text", found)),
    }
}

/// The name of a stream, which is never empty.
pub(crate) fn name<'a>(
    what: &str,
    field: &str,
    value: Option<&'a [u8]>,
) -> Result<Cow<'a, str>, Fault> {
    match text(what, field, value)? {
        name if name.is_empty() => Err(Fault(format!("`{field}` of {what} is empty"))),
        name => Ok(name),
    }
}

/// A whole number, where there is one: none, and `null`, are the same.
pub(crate) fn integer(what: &str, name: &str, value: Option<&[u8]>) -> Result<Option<i64>, Fault> {
    let Some(value) = value.filter(|value| *value != b"null") else {
        return Ok(None);
    };
    let number = std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok());
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(wrong(what, name, "a whole number", value)),
    }
}

/// A value of a kind that a message has to have.
#[inline]
pub(crate) fn of_kind<'a>(
    what: &str,
    name: &str,
    expect: Kind,
    value: Option<&'a [u8]>,
) -> Result<&'a [u8], Fault> {
    match value {
        Some(found) if kind(found) == Some(expect) => Ok(found),
        Some(found) => Err(wrong(what, name, &expect.to_string(), found)),
        None => Err(missing(what, name, &expect.to_string())),
    }
}

#[cold]
fn missing(what: &str, name: &str, expect: &str) -> Fault {
    Fault(format!("{what} needs `{name}`, {expect}"))
}

fn wrong(what: &str, name: &str, expect: &str, found: &[u8]) -> Fault {
    let found = shown(found);
    Fault(format!(
        "`{name}` of {what} has to be {expect}, found {found}"
    ))
}

/// A value in a few words.
pub(crate) fn shown(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    match text.char_indices().nth(SHOWN) {
        None => text.into_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_wrong_is_told() {
        let told = |result: Result<Cow<str>, Fault>| result.map_or_else(|it| it.0, Cow::into_owned);
        let check = |value: Option<&[u8]>, expect: &str| {
            assert_eq!(told(text("a RECORD", "stream", value)), expect);
        };
        check(Some(br#""a\u0062""#), "ab");
        check(None, "a RECORD needs `stream`, a text");
        check(Some(b"1"), "`stream` of a RECORD has to be a text, found 1");
        let check = |value: Option<&[u8]>, expect: Result<Option<i64>, &str>| {
            let found = integer("a RECORD", "version", value);
            assert_eq!(found, expect.map_err(|cause| Fault(cause.to_owned())));
        };
        check(None, Ok(None));
        check(Some(b"null"), Ok(None));
        check(Some(b"-12"), Ok(Some(-12)));
        let cause = "`version` of a RECORD has to be a whole number, found 1.5";
        check(Some(b"1.5"), Err(cause));
    }
}
