//! Fields of a csv line (RFC 4180).

/// How fields are separated, quoted and left out.
#[derive(Clone, Debug)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    /// What stands for a null.
    pub(crate) null: Box<[u8]>,
}

impl Dialect {
    /// Appends a value, in quotes where it needs them.
    #[inline]
    pub(crate) fn push(&self, value: &[u8], line: &mut Vec<u8>) {
        let special = |byte: &u8| {
            *byte == self.delimiter || *byte == self.quote || *byte == b'\n' || *byte == b'\r'
        };
        if value.iter().any(special) || self.means_null(value) {
            self.push_quoted(value, line);
        } else {
            line.extend_from_slice(value);
        }
    }

    /// Appends a value that neither quotes nor line breaks are in.
    #[inline]
    pub(crate) fn push_plain(&self, value: &[u8], line: &mut Vec<u8>) {
        if memchr::memchr(self.delimiter, value).is_some() || self.means_null(value) {
            self.push_quoted(value, line);
        } else {
            line.extend_from_slice(value);
        }
    }

    /// Appends a value in quotes.
    pub(crate) fn push_quoted(&self, mut value: &[u8], line: &mut Vec<u8>) {
        line.push(self.quote);
        while let Some(quote) = memchr::memchr(self.quote, value) {
            let (before, after) = value.split_at(quote + 1);
            line.extend_from_slice(before);
            line.push(self.quote);
            value = after;
        }
        line.extend_from_slice(value);
        line.push(self.quote);
    }

    /// Appends what stands for a null.
    #[inline]
    pub(crate) fn push_null(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.null);
    }

    /// Whether a bare value would be read as a null. An empty one always could be.
    #[inline]
    fn means_null(&self, value: &[u8]) -> bool {
        value.is_empty() || *value == *self.null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_needed() {
        let check = |null: &str, value: &str, expect: &str| {
            let dialect = Dialect {
                delimiter: b',',
                quote: b'"',
                null: null.as_bytes().into(),
            };
            let mut line = Vec::new();
            dialect.push(value.as_bytes(), &mut line);
            assert_eq!(String::from_utf8_lossy(&line), expect);
        };
        check("", "plain é", "plain é");
        check("", "", "\"\"");
        check("", " x ", " x ");
        check("", "a,b", "\"a,b\"");
        check("", "a\"b", "\"a\"\"b\"");
        check("", "\"", "\"\"\"\"");
        check("", "a\nb", "\"a\nb\"");
        check("", "a\rb", "\"a\rb\"");
        check("NULL", "NULL", "\"NULL\"");
        check("NULL", "", "\"\"");
    }
}
