//! Facts about texts that nobody has said a type of (CSV).

use super::facts::{Facts, Strings};
use crate::canonical;

impl Facts {
    /// Takes note of a text. It has another type only if that type writes the same text.
    pub(super) fn see_text(&mut self, text: &str) {
        if self.strings == Some(Strings::Any) {
        } else if canonical::is_number(text) {
            self.see_number(text.as_bytes());
        } else if canonical::boolean(text).is_some() {
            self.booleans = true;
        } else if canonical::date(text).is_some() {
            self.see_strings(Strings::Date);
        } else if canonical::naive(text).is_some() {
            self.see_strings(Strings::Naive);
        } else if canonical::instant(text).is_some() {
            self.see_strings(Strings::Instant);
        } else {
            self.see_strings(Strings::Any);
        }
    }
}
