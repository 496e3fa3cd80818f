//! The streams of an input, found by what messages call them.

use std::collections::HashMap;
use std::ops::{Index, IndexMut};

use spile_core::StreamName;

/// Streams, and what is known of each. They are numbered from 0 in the order in which they were met.
pub(crate) struct Streams<T> {
    all: Vec<Known<T>>,
    /// The numbers of those of a name, as it stands in messages.
    by_raw: HashMap<Box<[u8]>, Vec<usize>>,
    /// Most messages are about the stream that the one before was about.
    last: usize,
}

struct Known<T> {
    name: StreamName,
    /// As they stand in messages, with their quotes.
    raw_name: Box<[u8]>,
    raw_namespace: Option<Box<[u8]>>,
    stream: T,
}

impl<T> Known<T> {
    #[inline]
    fn is_called(&self, namespace: Option<&[u8]>, name: &[u8]) -> bool {
        *self.raw_name == *name && self.raw_namespace.as_deref() == namespace
    }
}

impl<T> Streams<T> {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            by_raw: HashMap::new(),
            last: 0,
        }
    }

    /// The stream that is written so in a message. It may be known, and be written in another way.
    #[inline]
    pub(crate) fn written(&mut self, namespace: Option<&[u8]>, name: &[u8]) -> Option<usize> {
        match self.all.get(self.last) {
            Some(last) if last.is_called(namespace, name) => Some(self.last),
            _ => self.look_up(namespace, name),
        }
    }

    fn look_up(&mut self, namespace: Option<&[u8]>, name: &[u8]) -> Option<usize> {
        let mut named = self.by_raw.get(name)?.iter().copied();
        let found = named.find(|&number| self.all[number].is_called(namespace, name));
        self.last = found.unwrap_or(self.last);
        found
    }

    /// The stream of a name, however that is written.
    pub(crate) fn named(&self, name: &StreamName) -> Option<usize> {
        self.all.iter().position(|known| known.name == *name)
    }

    /// The stream of a name that a message has written so. From here on that is how it is written: some
    /// sources escape whatever isn't ASCII.
    pub(crate) fn named_so(
        &mut self,
        name: &StreamName,
        raw_namespace: Option<&[u8]>,
        raw_name: &[u8],
    ) -> Option<usize> {
        let number = self.named(name)?;
        let known = &mut self.all[number];
        let before = std::mem::replace(&mut known.raw_name, raw_name.into());
        known.raw_namespace = raw_namespace.map(Into::into);
        if let Some(mut numbers) = self.by_raw.remove(&before) {
            numbers.retain(|it| *it != number);
            if !numbers.is_empty() {
                self.by_raw.insert(before, numbers);
            }
        }
        self.by_raw.entry(raw_name.into()).or_default().push(number);
        Some(number)
    }

    /// Adds a stream, whose name is written without needless escapes until it is met otherwise; its number.
    pub(crate) fn add(&mut self, name: StreamName, stream: T) -> usize {
        let number = self.all.len();
        let raw_name = quoted(&name.name);
        self.by_raw
            .entry(raw_name.clone())
            .or_default()
            .push(number);
        self.all.push(Known {
            raw_namespace: name.namespace.as_deref().map(quoted),
            raw_name,
            name,
            stream,
        });
        number
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter().map(|known| &known.stream)
    }
}

impl<T> Index<usize> for Streams<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: usize) -> &T {
        &self.all[number].stream
    }
}

impl<T> IndexMut<usize> for Streams<T> {
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut T {
        &mut self.all[number].stream
    }
}

/// A text as JSON. There is nothing about it that could fail.
fn quoted(text: &str) -> Box<[u8]> {
    serde_json::to_vec(text).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_found_by_its_name_and_namespace() {
        let mut streams = Streams::new();
        let name = |namespace: Option<&str>, name: &str| StreamName {
            namespace: namespace.map(Into::into),
            ..StreamName::new(name)
        };
        let all = [
            name(None, "a"),
            name(Some("n"), "a"),
            name(Some("n"), "b"),
            name(None, "é\""),
        ];
        for (number, name) in all.iter().enumerate() {
            assert_eq!(streams.add(name.clone(), number * 10), number);
            assert_eq!(streams.named(name), Some(number));
        }
        let mut check = |namespace: Option<&str>, name: &str, expect: Option<usize>| {
            let namespace = namespace.map(str::as_bytes);
            let found = streams.written(namespace, name.as_bytes());
            assert_eq!(found, expect, "{name}");
            assert_eq!(
                streams.written(namespace, name.as_bytes()),
                expect,
                "{name}"
            );
        };
        check(None, r#""a""#, Some(0));
        check(Some(r#""n""#), r#""b""#, Some(2));
        check(Some(r#""n""#), r#""a""#, Some(1));
        check(None, r#""b""#, None);
        check(None, r#""é\"""#, Some(3));
        let escaped = r#""\u0061""#;
        check(None, escaped, None);
        let found = streams.named_so(&all[0], None, escaped.as_bytes());
        assert_eq!(found, Some(0));
        let mut check = |name: &str, expect: Option<usize>| {
            assert_eq!(streams.written(None, name.as_bytes()), expect, "{name}");
        };
        check(escaped, Some(0));
        check(r#""a""#, None);
        check(r#""é\"""#, Some(3));
        assert_eq!(streams.iter().sum::<usize>(), 60);
    }
}
