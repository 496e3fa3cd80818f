//! Cursor periods: which records of a stream share an object's key.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use spile_macros_template::Granularity;

/// A cursor period of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Period {
    /// All records: the key says nothing of the cursor.
    Whole,
    /// The year, month, … second that begins when the run's clock shows this.
    Time {
        /// Microseconds since 1970-01-01 00:00:00 on that clock.
        start: i64,
        /// The clock's offset, where it is shown twice: a second that is repeated when clocks are
        /// set back is another second, while an hour or a day then only lasts longer.
        offset_seconds: i32,
    },
    /// The records with exactly this cursor value.
    Value(Arc<str>),
    /// The records without a cursor, where the key allows that.
    Absent,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The period around a local time, from its first microsecond to the first of the next one. `None`
/// where the granularity is no span of time, or past the years of the calendar.
pub(crate) fn around(granularity: Granularity, local_micros: i64) -> Option<Range<i64>> {
    let even = |length: i64| {
        let start = local_micros.div_euclid(length).checked_mul(length)?;
        Some(start..start.checked_add(length)?)
    };
    match granularity {
        Granularity::Second => even(SECOND),
        Granularity::Minute => even(MINUTE),
        Granularity::Hour => even(HOUR),
        Granularity::Day => even(DAY),
        Granularity::Month => months(local_micros, 1),
        Granularity::Year => months(local_micros, 12),
        _ => None,
    }
}

/// The calendar's period of `count` months, 1 or 12, around a local time.
fn months(local_micros: i64, count: i32) -> Option<Range<i64>> {
    let date = DateTime::<Utc>::from_timestamp_micros(local_micros)?.date_naive();
    let months = date.year() * 12 + i32::try_from(date.month0()).ok()?;
    let first = months.div_euclid(count) * count;
    Some(first_of(first)?..first_of(first + count)?)
}

/// Microseconds at the first of a month, numbered from January of the year 0.
fn first_of(months: i32) -> Option<i64> {
    let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
    let date = NaiveDate::from_ymd_opt(months.div_euclid(12), month, 1)?;
    Some(NaiveDateTime::from(date).and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time_text;

    fn micros(text: &str) -> i64 {
        let text = format!("{text}Z");
        time_text::parse(text.as_bytes())
            .and_then(|time| time.instant_micros())
            .expect("a time")
    }

    #[test]
    fn periods_of_the_calendar() {
        let check = |granularity, from: &str, to: &str| {
            let period = around(granularity, micros("2024-02-29 23:59:59.999999"));
            assert_eq!(period, Some(micros(from)..micros(to)), "{granularity:?}");
        };
        check(
            Granularity::Year,
            "2024-01-01 00:00:00",
            "2025-01-01 00:00:00",
        );
        check(
            Granularity::Month,
            "2024-02-01 00:00:00",
            "2024-03-01 00:00:00",
        );
        check(
            Granularity::Day,
            "2024-02-29 00:00:00",
            "2024-03-01 00:00:00",
        );
        check(
            Granularity::Hour,
            "2024-02-29 23:00:00",
            "2024-03-01 00:00:00",
        );
        check(
            Granularity::Minute,
            "2024-02-29 23:59:00",
            "2024-03-01 00:00:00",
        );
        check(
            Granularity::Second,
            "2024-02-29 23:59:59",
            "2024-03-01 00:00:00",
        );
    }

    proptest! {
        #[test]
        fn periods_hold_their_times_and_never_overlap(
            time in -62_000_000_000_000_000_i64..253_000_000_000_000_000,
            other in -62_000_000_000_000_000_i64..253_000_000_000_000_000,
        ) {
            use Granularity::{Day, Hour, Minute, Month, Second, Year};
            for granularity in [Year, Month, Day, Hour, Minute, Second] {
                let period = around(granularity, time).expect("in range");
                prop_assert!(period.contains(&time));
                let next = around(granularity, period.end).expect("in range");
                prop_assert_eq!(next.start, period.end);
                let second = around(granularity, other).expect("in range");
                prop_assert!(second == period || second.end <= period.start || period.end <= second.start);
            }
        }
    }
}
