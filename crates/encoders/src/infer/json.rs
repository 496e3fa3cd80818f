//! Facts about JSON values.

use spile_core::json::{self, Kind};
use spile_core::time_text::{self, TimeText};

use super::facts::{Facts, ObjectFacts, Strings};
use super::number::NumberFacts;
use crate::keys;
use crate::number::Number;

impl Facts {
    /// Takes note of a value.
    pub(super) fn see_json(&mut self, raw: &[u8]) {
        match json::kind(raw) {
            Some(Kind::Bool) => self.booleans = true,
            Some(Kind::Number) => self.see_number(raw),
            Some(Kind::String) => self.see_string(raw),
            Some(Kind::Array) => self.see_array(raw),
            Some(Kind::Object) => self.object.get_or_insert_default().see(raw),
            Some(Kind::Null) | None => {}
        }
    }

    pub(super) fn see_number(&mut self, text: &[u8]) {
        if let Some(number) = Number::parse(text) {
            let facts = NumberFacts::of(text, &number);
            self.numbers = Some(self.numbers.map_or(facts, |known| known.union(facts)));
        }
    }

    fn see_string(&mut self, raw: &[u8]) {
        if self.strings == Some(Strings::Any) {
            return;
        }
        let text = json::unescape(raw).unwrap_or_default();
        self.see_strings(Strings::of(text.as_bytes()));
    }

    pub(super) fn see_strings(&mut self, strings: Strings) {
        self.strings = Some(self.strings.map_or(strings, |known| known.union(strings)));
    }

    fn see_array(&mut self, raw: &[u8]) {
        let items = self.list.get_or_insert_default();
        json::elements(raw).for_each(|element| items.see_json(element));
    }
}

impl ObjectFacts {
    /// Takes note of an object's fields.
    pub(super) fn see(&mut self, object: &[u8]) {
        let mut next = 0;
        for (key, value) in json::fields(object) {
            let known = self.keys.column(key, next);
            let column = known.unwrap_or_else(|| self.push(&keys::name(key).unwrap_or_default()));
            self.fields[column].1.see_json(value);
            next = column + 1;
        }
    }
}

impl Strings {
    fn of(text: &[u8]) -> Self {
        match time_text::parse(text) {
            Some(TimeText::Date(_)) => Strings::Date,
            Some(TimeText::Naive(clock)) if !clock.inexact => Strings::Naive,
            Some(TimeText::Offset { clock, .. }) if !clock.inexact => Strings::Instant,
            _ => Strings::Any,
        }
    }
}
