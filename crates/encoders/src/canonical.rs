//! The one text that each value is written as, and the reading of just that text.

use std::fmt::{Display, LowerExp};
use std::io::Write;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use spile_core::time_text::{self, Clock, TimeText};

use crate::number::Number;

/// From here on a float is written with an exponent.
const LARGE: f64 = 1e21;
/// Below this it is too.
const SMALL: f64 = 1e-7;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Appends the shortest text that reads back as the same float. Not a number is `NaN`, and the
/// infinities are `inf` and `-inf`.
pub(crate) fn push_float<F: Into<f64> + Copy + Display + LowerExp>(value: F, text: &mut Vec<u8>) {
    let size = value.into().abs();
    let plain = !size.is_finite() || size == 0.0 || (SMALL..LARGE).contains(&size);
    if plain {
        push(format_args!("{value}"), text);
    } else {
        push(format_args!("{value:e}"), text);
    }
}

/// Appends `2025-04-14`, or nothing and `None` for a date that is out of any calendar's range.
pub(crate) fn push_date(days: i32, text: &mut Vec<u8>) -> Option<()> {
    push_calendar(NaiveDate::from_epoch_days(days)?, text);
    Some(())
}

/// Appends `2025-04-14T11:23:45.5` and a `Z` for an instant; three, six or nine places where they
/// are needed.
pub(crate) fn push_timestamp(nanos: i128, zoned: bool, text: &mut Vec<u8>) -> Option<()> {
    let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
    let fraction = nanos.rem_euclid(NANOS_PER_SECOND) as u32;
    let time = DateTime::from_timestamp(seconds, 0)?;
    push_calendar(time.date_naive(), text);
    text.push(b'T');
    push_clock(time.num_seconds_from_midnight(), fraction, text);
    if zoned {
        text.push(b'Z');
    }
    Some(())
}

/// Appends `11:23:45.500`.
pub(crate) fn push_clock(seconds: u32, nanos: u32, text: &mut Vec<u8>) {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    push(format_args!("{hours:02}:{minutes:02}:{seconds:02}"), text);
    match nanos {
        0 => {}
        _ if nanos.is_multiple_of(1_000_000) => {
            push(format_args!(".{:03}", nanos / 1_000_000), text);
        }
        _ if nanos.is_multiple_of(1_000) => push(format_args!(".{:06}", nanos / 1_000), text),
        _ => push(format_args!(".{nanos:09}"), text),
    }
}

/// Appends what is displayed.
pub(crate) fn push(shown: impl Display, text: &mut Vec<u8>) {
    let _ = write!(text, "{shown}");
}

/// Whether a text is a number that is written back as the same text.
pub(crate) fn is_number(text: &str) -> bool {
    is_integer(text) || float(text).is_some()
}

/// Whether a text is an integer without leading zeros, of any length.
pub(crate) fn is_integer(text: &str) -> bool {
    let number = Number::parse(text.as_bytes());
    number.is_some_and(|number| !number.float_form) && text != "-0"
}

/// The float that is written as this text.
pub(crate) fn float(text: &str) -> Option<f64> {
    Number::parse(text.as_bytes())?;
    let value: f64 = text.parse().ok()?;
    let mut written = Vec::with_capacity(24);
    push_float(value, &mut written);
    (written == text.as_bytes() && text != "-0").then_some(value)
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Days of a date.
pub(crate) fn date(text: &str) -> Option<i32> {
    match time_text::parse(text.as_bytes())? {
        TimeText::Date(days) => Some(days),
        TimeText::Naive(_) | TimeText::Offset { .. } => None,
    }
}

/// Microseconds of a time without an offset.
pub(crate) fn naive(text: &str) -> Option<i64> {
    match time_text::parse(text.as_bytes())? {
        TimeText::Naive(clock) => micros(text, clock),
        TimeText::Date(_) | TimeText::Offset { .. } => None,
    }
}

/// Microseconds of a time in UTC, which ends in `Z`.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let clock = text.strip_suffix('Z')?;
    match time_text::parse(text.as_bytes())? {
        TimeText::Offset { clock: time, .. } => micros(clock, time),
        TimeText::Date(_) | TimeText::Naive(_) => None,
    }
}

/// Microseconds of a clock, where `text` is how they are written.
fn micros(text: &str, clock: Clock) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let places = match clock.micros.rem_euclid(1_000_000) {
        0 => 0,
        micros if micros % 1_000 == 0 => 3,
        _ => 6,
    };
    let same = whole.as_bytes().get(10) == Some(&b'T') && fraction.len() == places;
    (same && !clock.inexact && text.contains('.') == (places > 0)).then_some(clock.micros)
}

fn push_calendar(date: NaiveDate, text: &mut Vec<u8>) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match year {
        0..=9999 => push(format_args!("{year:04}-{month:02}-{day:02}"), text),
        _ => push(format_args!("{year:+05}-{month:02}-{day:02}"), text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_a_number() {
        let check = |text, expect| assert_eq!(is_number(text), expect, "{text}");
        check("0", true);
        check("-12", true);
        check("123456789012345678901234567890", true);
        check("0.5", true);
        check("1e300", true);
        for text in [
            "", "00501", "1.10", "+5", "-0", "5.0", "1e5", "NaN", "inf", " 1", "0x1", ".5",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn what_is_a_time() {
        let check = |text, expect| assert_eq!(instant(text).is_some(), expect, "{text}");
        check("2013-01-01T10:00:00Z", true);
        check("2013-01-01T10:00:00.500Z", true);
        check("2013-01-01T10:00:00.000001Z", true);
        for text in [
            "2013-01-01T10:00:00",
            "2013-01-01 10:00:00Z",
            "2013-01-01T10:00:00z",
            "2013-01-01T10:00:00+00:00",
            "2013-01-01T10:00:00.5Z",
            "2013-01-01T10:00:00.000Z",
            "2013-01-01T10:00:00.500000Z",
            "2013-01-01T10:00:00.0000001Z",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn floats_are_read_back(value in any::<f64>().prop_filter("-0 is text", |value| *value != 0.0)) {
            let mut text = Vec::new();
            push_float(value, &mut text);
            let text = String::from_utf8(text).expect("text");
            prop_assert_eq!(float(&text), Some(value).filter(|value| value.is_finite()));
        }

        #[test]
        fn times_are_read_back(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
            for micros in [micros, micros / 1_000 * 1_000, micros / 1_000_000 * 1_000_000] {
                let mut text = Vec::new();
                push_timestamp(i128::from(micros) * 1_000, true, &mut text).expect("in range");
                let text = String::from_utf8(text).expect("text");
                prop_assert_eq!(instant(&text), Some(micros));
                prop_assert_eq!(naive(text.trim_end_matches('Z')), Some(micros));
            }
        }
    }
}
