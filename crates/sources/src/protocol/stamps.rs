//! Fields that a reader adds to records.

use memchr::memmem;
use spile_core::json::fields;

/// A record with further fields behind its own.
pub(crate) struct Stamp<'a> {
    text: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Stamp<'a> {
    /// Begins with the fields of a record, which is an object. Those that the further ones are called
    /// like are left out, as where it was loaded before: a name doesn't stand in an object twice. All of
    /// those names begin with `prefix`, which few records have in them.
    pub(crate) fn beside(
        text: &'a mut Vec<u8>,
        record: &[u8],
        prefix: &str,
        names: &[&str],
    ) -> Self {
        if memmem::find(record, prefix.as_bytes()).is_some() {
            return Self::without(text, record, names);
        }
        let inner = record.strip_suffix(b"}").unwrap_or(record);
        text.extend_from_slice(inner.trim_ascii_end());
        let is_first = inner.trim_ascii() == b"{";
        Self { text, is_first }
    }

    fn without(text: &'a mut Vec<u8>, record: &[u8], names: &[&str]) -> Self {
        let mut stamp = Self::new(text);
        let is_further = |key: &[u8]| names.iter().any(|name| name.as_bytes() == key);
        let stay = fields(record).filter(|(key, _)| !is_further(key));
        for (key, value) in stay {
            stamp.raw(key, value);
        }
        stamp
    }

    /// Begins without any.
    pub(crate) fn new(text: &'a mut Vec<u8>) -> Self {
        text.push(b'{');
        let is_first = true;
        Self { text, is_first }
    }

    /// Adds a field by its raw value.
    pub(crate) fn field(&mut self, name: &str, value: &[u8]) {
        self.raw(name.as_bytes(), value);
    }

    fn raw(&mut self, name: &[u8], value: &[u8]) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(b',');
        }
        self.text.push(b'"');
        self.text.extend_from_slice(name);
        self.text.extend_from_slice(b"\":");
        self.text.extend_from_slice(value);
    }

    /// Adds a text that needs no escapes.
    pub(crate) fn plain(&mut self, name: &str, value: &str) {
        self.field(name, b"\"");
        self.text.extend_from_slice(value.as_bytes());
        self.text.push(b'"');
    }

    pub(crate) fn end(self) {
        self.text.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_behind_those_of_the_record() {
        let check = |record: &str, expect: &str| {
            let mut text = Vec::new();
            let mut stamp = Stamp::beside(&mut text, record.as_bytes(), "_x", &["_x_a", "_x"]);
            stamp.field("n", b"1");
            stamp.plain("t", "x");
            stamp.end();
            assert_eq!(String::from_utf8_lossy(&text), expect);
        };
        check("{}", r#"{"n":1,"t":"x"}"#);
        check("{ }", r#"{"n":1,"t":"x"}"#);
        check(r#"{"a":{} }"#, r#"{"a":{},"n":1,"t":"x"}"#);
        check(
            r#"{"_x_a":1,"b":"_x","_x":[]}"#,
            r#"{"b":"_x","n":1,"t":"x"}"#,
        );
    }
}
