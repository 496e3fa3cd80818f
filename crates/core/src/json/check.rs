//! The strict reader.

use std::ops::Range;

use super::error::{JsonError, JsonErrorKind};
use super::kind::{Kind, kind};
use super::scan::{skip_space, string_stop};

/// How many objects and arrays may stand inside each other, the record itself counted.
pub const DEPTH_MAX: u32 = 128;

/// Checks that a text is one JSON object as RFC 8259 has it, in UTF-8, with nothing but white space
/// around it. Escapes have to make characters: half of a surrogate pair doesn't.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn check(record: &[u8]) -> Result<(), JsonError> {
    checker_of(record)?.run()
}

/// Like [`check`], and tells of each field of the object itself: its raw key without quotes, and its raw
/// value. What was told of before an error is as good as nothing.
///
/// # Errors
/// The first thing that is wrong, and where.
#[inline]
pub fn check_fields<'a>(
    record: &'a [u8],
    tell: impl FnMut(&'a [u8], &'a [u8]),
) -> Result<(), JsonError> {
    checker_of(record)?.run_by_field(tell)
}

fn checker_of(record: &[u8]) -> Result<Checker<'_>, JsonError> {
    if let Err(error) = std::str::from_utf8(record) {
        return Err(JsonError {
            offset: error.valid_up_to(),
            kind: JsonErrorKind::InvalidUtf8,
        });
    }
    let checker = Checker {
        text: record,
        at: skip_space(record, 0),
        open: Open::default(),
        key: 0..0,
    };
    match record.get(checker.at..).and_then(kind) {
        Some(Kind::Object) => return Ok(checker),
        Some(found) => checker.fail(JsonErrorKind::NotAnObject { found })?,
        None => checker.expected("an object")?,
    }
    Ok(checker)
}

type Checked = Result<(), JsonError>;

struct Checker<'a> {
    text: &'a [u8],
    at: usize,
    open: Open,
    /// Where the last key of the object itself stands.
    key: Range<usize>,
}

/// The objects and arrays that are open, the innermost in the lowest bit: 1 is an object.
#[derive(Default)]
struct Open {
    objects: u128,
    depth: u32,
}

impl Open {
    fn push(&mut self, object: bool) {
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

impl<'a> Checker<'a> {
    fn run_by_field(mut self, mut tell: impl FnMut(&'a [u8], &'a [u8])) -> Checked {
        let mut is_another = self.value()?;
        while is_another {
            let (key, start) = (self.key.clone(), self.at);
            while self.value()? || (self.open.depth > 1 && self.closed_within()?) {}
            let value = self.text.get(start..self.at).unwrap_or_default();
            tell(self.text.get(key).unwrap_or_default(), value);
            is_another = self.another()?;
        }
        self.end()
    }

    /// Reads what follows a value within a field's own: true says that another one comes.
    #[inline]
    fn closed_within(&mut self) -> Result<bool, JsonError> {
        while self.open.depth > 1 {
            if self.another()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn run(mut self) -> Checked {
        loop {
            if self.value()? {
                continue;
            }
            while self.open.depth > 0 && !self.another()? {}
            if self.open.depth == 0 {
                return self.end();
            }
        }
    }

    /// Reads a value, or the opening of one: true says that another value follows inside of it.
    #[inline]
    fn value(&mut self) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'{') => return self.open(true),
            Some(b'[') => return self.open(false),
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            _ => self.expected("a value")?,
        }
        Ok(false)
    }

    fn open(&mut self, object: bool) -> Result<bool, JsonError> {
        if self.open.depth == DEPTH_MAX {
            self.fail(JsonErrorKind::TooDeep)?;
        }
        self.open.push(object);
        self.step();
        match (object, self.peek()) {
            (true, Some(b'}')) | (false, Some(b']')) => {
                self.open.pop();
                self.at += 1;
                return Ok(false);
            }
            (true, _) => self.key("a key or `}`")?,
            (false, _) => {}
        }
        Ok(true)
    }

    /// Reads what follows a value. True says that another value comes, false that the innermost
    /// object or array has ended.
    #[inline]
    fn another(&mut self) -> Result<bool, JsonError> {
        self.at = skip_space(self.text, self.at);
        match (self.peek(), self.open.in_object()) {
            (Some(b','), true) => {
                self.step();
                self.key("a key")?;
                return Ok(true);
            }
            (Some(b','), false) => {
                self.step();
                return Ok(true);
            }
            (Some(b'}'), true) | (Some(b']'), false) => {
                self.open.pop();
                self.at += 1;
            }
            (_, true) => self.expected("`,` or `}`")?,
            (_, false) => self.expected("`,` or `]`")?,
        }
        Ok(false)
    }

    #[inline]
    fn key(&mut self, expected: &'static str) -> Checked {
        if self.peek() != Some(b'"') {
            return self.expected(expected);
        }
        let start = self.at;
        self.string()?;
        if self.open.depth == 1 {
            self.key = start + 1..self.at - 1;
        }
        self.at = skip_space(self.text, self.at);
        if self.peek() != Some(b':') {
            return self.expected("`:`");
        }
        self.step();
        Ok(())
    }

    #[inline]
    fn string(&mut self) -> Checked {
        self.at += 1;
        loop {
            self.at = string_stop(self.text, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(found) => self.fail(JsonErrorKind::ControlCharacter { found })?,
                None => self.expected("`\"`")?,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Checked {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => self.unicode()?,
            _ => self.expected("an escape")?,
        }
        Ok(())
    }

    fn unicode(&mut self) -> Checked {
        let start = self.at - 1;
        let lone = JsonError {
            offset: start,
            kind: JsonErrorKind::LoneSurrogate,
        };
        match self.hex()? {
            0xd800..=0xdbff if self.text.get(self.at..self.at + 2) == Some(br"\u") => {
                self.at += 1;
                if !(0xdc00..=0xdfff).contains(&self.hex()?) {
                    return Err(lone);
                }
            }
            0xd800..=0xdfff => return Err(lone),
            _ => {}
        }
        Ok(())
    }

    /// The four digits behind the `u` that it stands at.
    fn hex(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            self.at += 1;
            match self.peek().and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => self.expected("a hexadecimal digit")?,
            }
        }
        self.at += 1;
        Ok(code)
    }

    #[inline]
    fn number(&mut self) -> Checked {
        self.skip(b"-");
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self) -> Checked {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            self.expected("a digit")
        } else {
            Ok(())
        }
    }

    fn word(&mut self, word: &[u8]) -> Checked {
        let found = self.text.get(self.at..).unwrap_or_default();
        if !found.starts_with(word) {
            return self.expected("a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn end(mut self) -> Checked {
        self.at = skip_space(self.text, self.at);
        if self.at == self.text.len() {
            Ok(())
        } else {
            self.expected("the end")
        }
    }

    /// Steps over one byte of `any`, if one is next.
    #[inline]
    fn skip(&mut self, any: &[u8]) -> bool {
        let skips = self.peek().is_some_and(|byte| any.contains(&byte));
        self.at += usize::from(skips);
        skips
    }

    /// Steps over a byte and the white space behind it.
    #[inline]
    fn step(&mut self) {
        self.at = skip_space(self.text, self.at + 1);
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[cold]
    fn expected(&self, expected: &'static str) -> Checked {
        let rest = self
            .text
            .get(self.at..)
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        self.fail(JsonErrorKind::Expected {
            expected,
            found: rest.chars().next(),
        })
    }

    #[cold]
    fn fail(&self, kind: JsonErrorKind) -> Checked {
        Err(JsonError {
            offset: self.at,
            kind,
        })
    }
}

#[cfg(test)]
mod tests;
