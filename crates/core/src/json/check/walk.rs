//! The way through one record.

use std::ops::Range;

use super::seen_keys::SeenKeys;
use super::{CheckedField, DEPTH_MAX};
use crate::json::error::{JsonError, JsonErrorKind};
use crate::json::kind::{Kind, kind};
use crate::json::scan::{skip_space, string_stop};

/// So many levels of fields can be told of.
pub(super) const LEVELS_MAX: usize = 2;

type Checked = Result<(), JsonError>;

/// A way through one record.
pub(super) struct Walk<'a, 's> {
    text: &'a [u8],
    at: usize,
    open: Open,
    /// Where the last key stands in the object itself, and in that in it.
    keys: [Range<usize>; LEVELS_MAX],
    seen: &'s mut SeenKeys,
    /// How many keys were passed that are seen.
    passed: usize,
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

impl<'a, 's> Walk<'a, 's> {
    pub(super) fn of(record: &'a str, seen: &'s mut SeenKeys) -> Result<Self, JsonError> {
        let record = record.as_bytes();
        let walk = Self {
            text: record,
            at: skip_space(record, 0),
            open: Open::default(),
            keys: Default::default(),
            seen,
            passed: 0,
        };
        match record.get(walk.at..).and_then(kind) {
            Some(Kind::Object) => return Ok(walk),
            Some(found) => walk.fail(JsonErrorKind::NotAnObject { found })?,
            None => walk.expected("an object")?,
        }
        Ok(walk)
    }

    #[inline]
    pub(super) fn run<const LEVELS: usize>(
        mut self,
        mut tell: impl FnMut(CheckedField<'a>),
    ) -> Checked {
        let mut starts = [0; LEVELS_MAX];
        loop {
            if let Some(start) = self.told_level::<LEVELS>().map(|level| &mut starts[level]) {
                *start = self.at;
            }
            if self.value()? {
                continue;
            }
            // A value has ended, and with it the object or array that it is the last of.
            loop {
                if let Some(level) = self.told_level::<LEVELS>() {
                    tell(self.field(level, starts[level]));
                }
                if self.open.depth == 0 {
                    return self.end();
                }
                if self.another()? {
                    break;
                }
            }
        }
    }

    /// The level of the field that it stands at, if that is told of.
    #[inline]
    fn told_level<const LEVELS: usize>(&self) -> Option<usize> {
        let depth = self.open.depth as usize;
        (1..=LEVELS)
            .contains(&depth)
            .then(|| depth - 1)
            .filter(|_| self.open.in_object())
    }

    fn field(&self, level: usize, start: usize) -> CheckedField<'a> {
        let text = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        CheckedField {
            within: (level > 0).then(|| text(self.keys[0].clone())),
            key: text(self.keys[level].clone()),
            value: text(start..self.at),
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
        let start = self.at;
        let known = self.seen.0.get(self.passed);
        let end = match known.filter(|known| known.stands_at(self.text, start)) {
            Some(known) => {
                self.at += known.len();
                self.passed += 1;
                self.at - 2
            }
            None => self.new_key(expected)?,
        };
        if let Some(key) = self.keys.get_mut(self.open.depth as usize - 1) {
            *key = start + 1..end;
        }
        self.at = skip_space(self.text, self.at);
        Ok(())
    }

    /// Reads a key that wasn't expected: says where it ends.
    fn new_key(&mut self, expected: &'static str) -> Result<usize, JsonError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            self.expected(expected)?;
        }
        self.string()?;
        let end = self.at - 1;
        let raw = self.text.get(start + 1..end).unwrap_or_default();
        self.passed += usize::from(self.seen.learn(self.passed, raw));
        self.at = skip_space(self.text, self.at);
        if self.peek() != Some(b':') {
            self.expected("`:`")?;
        }
        self.at += 1;
        Ok(end)
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
        self.skip(|byte| byte == b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.skip(|byte| byte | 0x20 == b'e') {
            self.skip(|byte| matches!(byte, b'+' | b'-'));
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

    /// Steps over one byte, if one that is meant is next.
    #[inline]
    fn skip(&mut self, is_meant: impl Fn(u8) -> bool) -> bool {
        let skips = self.peek().is_some_and(is_meant);
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
