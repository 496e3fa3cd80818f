//! Cursor periods: which records of a stream share an object's key.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use spile_macros_template::Granularity;

use crate::moment::{Moment, Zone};

/// A cursor period of a stream: what the records of one route have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// All records: the key says nothing of the cursor.
    Whole,
    /// The year, month, … second from an instant to another, which isn't part of it.
    Time(TimeSpan),
    /// The records with exactly this cursor value.
    Value(String),
    /// The records without a cursor, where the key allows that.
    Absent,
}

/// The instants from one to another, which isn't among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeSpan {
    /// The first instant.
    pub from: Moment,
    /// The first one after it.
    pub to: Moment,
}

/// A period as the router looks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PeriodName {
    Whole,
    /// The year, month, … second that begins when the run's clock shows this.
    Time(LocalSpan),
    Value(Arc<str>),
    Absent,
}

/// A span of time by the run's clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LocalSpan {
    /// Microseconds since 1970-01-01 00:00:00 on that clock.
    pub(crate) clock: Range<i64>,
    /// The clock's offset, where it is shown twice: a second that is repeated when clocks are set
    /// back is another second, while an hour or a day then only lasts longer.
    pub(crate) offset_seconds: Option<i32>,
}

impl TimeSpan {
    /// Whether all of another span lies in this one.
    pub fn contains(&self, other: &TimeSpan) -> bool {
        self.from.instant_micros() <= other.from.instant_micros()
            && other.to.instant_micros() <= self.to.instant_micros()
    }

    /// Whether the two have an instant in common.
    pub fn overlaps(&self, other: &TimeSpan) -> bool {
        self.from.instant_micros() < other.to.instant_micros()
            && other.from.instant_micros() < self.to.instant_micros()
    }
}

impl PeriodName {
    /// The period that has this name in a zone. `None` past the years of the calendar.
    pub(crate) fn period(&self, zone: Zone) -> Option<Period> {
        Some(match self {
            Self::Whole => Period::Whole,
            Self::Time(span) => Period::Time(span.in_zone(zone)?),
            Self::Value(value) => Period::Value(value.to_string()),
            Self::Absent => Period::Absent,
        })
    }
}

impl LocalSpan {
    /// The span around what the clock shows at a moment; `None` where the granularity is no span
    /// of time.
    pub(crate) fn around(granularity: Granularity, moment: Moment) -> Option<Self> {
        Some(Self {
            clock: around(granularity, moment.local_micros)?,
            offset_seconds: (granularity == Granularity::Second).then_some(moment.offset_seconds),
        })
    }

    /// Whether the clock shows a time of this span at a moment.
    pub(crate) fn contains(&self, moment: Moment) -> bool {
        let offset = moment.offset_seconds;
        self.clock.contains(&moment.local_micros)
            && self.offset_seconds.is_none_or(|own| own == offset)
    }

    fn in_zone(&self, zone: Zone) -> Option<TimeSpan> {
        let at = |local_micros| match self.offset_seconds {
            Some(offset_seconds) => Some(Moment {
                local_micros,
                offset_seconds,
            }),
            None => zone.at_local(local_micros),
        };
        Some(TimeSpan {
            from: at(self.clock.start)?,
            to: at(self.clock.end)?,
        })
    }
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

    #[test]
    fn periods_are_spans_of_instants() {
        let check = |zone: &str, granularity, at: &str, from: &str, to: &str| {
            let zone = Zone::named(zone).expect("a zone");
            let moment = zone.at_instant(micros(at)).expect("in range");
            let span = LocalSpan::around(granularity, moment).expect("a span");
            assert!(span.contains(moment), "{at}");
            let Some(Period::Time(span)) = PeriodName::Time(span).period(zone) else {
                panic!("no span of time around {at}");
            };
            let text = |moment: Moment| moment.to_date_time().expect("in range").to_rfc3339();
            assert_eq!(
                (text(span.from).as_str(), text(span.to).as_str()),
                (from, to)
            );
            assert!(span.contains(&span) && span.overlaps(&span));
        };
        let (new_york, noon) = ("America/New_York", "2013-11-03 12:00:00");
        check(
            new_york,
            Granularity::Day,
            noon,
            "2013-11-03T00:00:00-04:00",
            "2013-11-04T00:00:00-05:00",
        );
        // Clocks show this hour twice; it lasts two. A second they show twice is two.
        check(
            new_york,
            Granularity::Hour,
            "2013-11-03 06:30:00",
            "2013-11-03T01:00:00-04:00",
            "2013-11-03T02:00:00-05:00",
        );
        check(
            new_york,
            Granularity::Second,
            "2013-11-03 06:30:00",
            "2013-11-03T01:30:00-05:00",
            "2013-11-03T01:30:01-05:00",
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
