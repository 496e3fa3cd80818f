//! Dates and times as texts, read exactly or not at all.
//!
//! Accepted are `YYYY-MM-DD`, and a date, `T`, `t` or a space, and `HH:MM:SS` with an optional
//! fraction and an optional offset (`Z`, `z`, `±HH:MM`). Years have four digits.

use chrono::NaiveDate;

/// A text that is a date or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeText {
    /// A date without a time, in days since 1970-01-01.
    Date(i32),
    /// A time without an offset: a wall clock's, nobody knows where.
    Naive(Clock),
    /// A time with an offset: an instant.
    Offset {
        /// What the clock shows there.
        clock: Clock,
        /// Seconds east of UTC.
        offset_seconds: i32,
    },
}

/// What a wall clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Microseconds since 1970-01-01 00:00:00 of the same clock. A leap second counts as the first
    /// second of the next minute.
    pub micros: i64,
    /// Whether the text says more than microseconds can: digits that were cut, or a leap second.
    pub inexact: bool,
}

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Reads a whole text as a date or a time.
pub fn parse(text: &[u8]) -> Option<TimeText> {
    let (days, rest) = date(text)?;
    let Some((separator, rest)) = rest.split_first() else {
        return Some(TimeText::Date(days));
    };
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let (clock, rest) = clock(days, rest)?;
    match rest {
        [] => Some(TimeText::Naive(clock)),
        rest => Some(TimeText::Offset {
            clock,
            offset_seconds: offset(rest)?,
        }),
    }
}

impl TimeText {
    /// Microseconds since 1970-01-01T00:00:00Z of a time with an offset.
    pub fn instant_micros(&self) -> Option<i64> {
        match self {
            TimeText::Offset {
                clock,
                offset_seconds,
            } => Some(clock.micros - i64::from(*offset_seconds) * MICROS_PER_SECOND),
            TimeText::Date(_) | TimeText::Naive(_) => None,
        }
    }
}

/// Days since 1970-01-01, and what follows the date.
fn date(text: &[u8]) -> Option<(i32, &[u8])> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some((date.to_epoch_days(), rest))
}

fn clock(days: i32, text: &[u8]) -> Option<(Clock, &[u8])> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, finer, rest) = fraction(rest)?;
    let seconds =
        i64::from(days) * 86_400 + i64::from(hour) * 3_600 + i64::from(minute * 60 + second);
    let micros = seconds * MICROS_PER_SECOND + fraction;
    Some((
        Clock {
            micros,
            inexact: finer || second == 60,
        },
        rest,
    ))
}

/// Microseconds of a fraction of a second, whether it says more than they do, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, bool, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some((0, false, text));
    };
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = text
        .split_at_checked(length)
        .filter(|(digits, _)| !digits.is_empty())?;
    let mut micros = 0;
    for place in 0..6 {
        micros = micros * 10
            + fraction
                .get(place)
                .map_or(0, |digit| i64::from(digit - b'0'));
    }
    let finer = fraction.iter().skip(6).any(|&digit| digit != b'0');
    Some((micros, finer, rest))
}

/// Seconds east of UTC, of a text that is all offset.
fn offset(text: &[u8]) -> Option<i32> {
    let (sign, rest) = match text.split_first()? {
        (b'Z' | b'z', []) => return Some(0),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    if hours > 23 || minutes > 59 || !rest.is_empty() {
        return None;
    }
    Some(sign * i32::try_from(hours * 3_600 + minutes * 60).ok()?)
}

/// The number that the first `count` digits make, and what follows them.
fn digits(text: &[u8], count: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(count)?;
    let mut value = 0;
    for byte in number {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn clock(micros: i64) -> Clock {
        Clock {
            micros,
            inexact: false,
        }
    }

    #[test]
    fn dates_and_times() {
        let check = |text: &str, expect| assert_eq!(parse(text.as_bytes()), expect, "{text}");
        check("1970-01-02", Some(TimeText::Date(1)));
        check(
            "1970-01-01 00:00:01",
            Some(TimeText::Naive(clock(1_000_000))),
        );
        check(
            "1970-01-01T00:00:00.5",
            Some(TimeText::Naive(clock(500_000))),
        );
        let zulu = TimeText::Offset {
            clock: clock(0),
            offset_seconds: 0,
        };
        check("1970-01-01T00:00:00Z", Some(zulu));
        check("1970-01-01t00:00:00z", Some(zulu));
        let west = TimeText::Offset {
            clock: clock(0),
            offset_seconds: -5_400,
        };
        check("1970-01-01 00:00:00-01:30", Some(west));
    }

    #[test]
    fn more_than_microseconds_is_inexact() {
        let finer = Clock {
            micros: 123_456,
            inexact: true,
        };
        assert_eq!(
            parse(b"1970-01-01T00:00:00.1234567"),
            Some(TimeText::Naive(finer))
        );
        let zeros = Clock {
            micros: 123_456,
            inexact: false,
        };
        assert_eq!(
            parse(b"1970-01-01T00:00:00.123456000"),
            Some(TimeText::Naive(zeros))
        );
        let leap = Clock {
            micros: 1_483_228_800_000_000,
            inexact: true,
        };
        assert_eq!(parse(b"2016-12-31T23:59:60"), Some(TimeText::Naive(leap)));
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2013",
            "2013-1-01",
            "2013-02-30",
            "2013-01-01T",
            "2013-01-01T24:00:00",
            "2013-01-01T10:00",
            "2013-01-01T10:00:00.",
            "2013-01-01T10:00:00+0100",
            "2013-01-01T10:00:00 UTC",
            "+2013-01-01",
            "2013-01-01x10:00:00",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_chrono_writes(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
            let time = DateTime::from_timestamp_micros(micros).expect("in range");
            let text = time.to_rfc3339();
            let read = parse(text.as_bytes()).and_then(|time| time.instant_micros());
            prop_assert_eq!(read, Some(micros), "{}", text);
        }
    }
}
