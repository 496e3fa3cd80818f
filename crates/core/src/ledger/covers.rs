//! Which periods a run has all records of, and so may replace.

use spile_macros_template::{Granularity, ObjectKey};

use crate::moment::{Moment, Zone};
use crate::period::{LocalSpan, Period, PeriodName, TimeSpan};
use crate::time_text;

/// Which periods of a stream a run has all records of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Those that it has any records of.
    Touched,
    /// All that lie within a span of time, whether it has records of them or not.
    Span(TimeSpan),
}

/// Why periods can't be replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoverFault {
    /// An earlier object holds records of a covered period, and others.
    #[error("{key} holds records of the periods to be replaced, and others")]
    Overlap {
        /// The earlier object.
        key: ObjectKey,
    },
    /// An earlier object was written under another time zone.
    #[error("{key} was written in time zone {was}, and this run's is {is}")]
    Zone {
        /// The earlier object.
        key: ObjectKey,
        /// Its time zone.
        was: String,
        /// This run's.
        is: String,
    },
    /// An earlier object lies elsewhere.
    #[error("{key} was written into {was}, and this run's objects go into {is}")]
    Destination {
        /// The earlier object.
        key: ObjectKey,
        /// Where it is.
        was: String,
        /// Where this run's are.
        is: String,
    },
    /// An earlier object was written under another template.
    #[error("{key} was written under the template {was}, and this run's is {is}")]
    Template {
        /// The earlier object.
        key: ObjectKey,
        /// Its template.
        was: String,
        /// This run's.
        is: String,
    },
}

/// How much of an object is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meets {
    Nothing,
    Part,
    All,
}

impl Covers {
    /// Reads `touched`, or a span of time such as `2025-04-12..2025-04-14`: from the first period to
    /// the last, both of which are part of it. A period is a year, a month, a day, an hour, a minute
    /// or a second on the zone's clock, and one alone is a span too.
    ///
    /// # Errors
    /// What is wrong with the text, in a few words.
    pub fn parse(text: &str, zone: Zone) -> Result<Self, String> {
        if text == "touched" {
            return Ok(Self::Touched);
        }
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (span_of(first, zone)?, span_of(last, zone)?);
        let span = TimeSpan {
            from: first.from,
            to: last.to,
        };
        match first.from.instant_micros() <= last.from.instant_micros() {
            true => Ok(Self::Span(span)),
            false => Err(format!("`{text}` ends before it begins")),
        }
    }

    /// The period around the one cursor of a run.
    pub fn around(granularity: Granularity, moment: Moment, zone: Zone) -> Self {
        let name = LocalSpan::around(granularity, moment).map(PeriodName::Time);
        match name.and_then(|name| name.period(zone)) {
            Some(Period::Time(span)) => Self::Span(span),
            _ => Self::Touched,
        }
    }

    pub(super) fn meets(self, period: &Period, touched: &[Period]) -> Meets {
        match self {
            Covers::Span(span) => match period {
                Period::Time(time) => meets(&span, time),
                // It may hold records of any time.
                Period::Whole | Period::Value(_) => Meets::Part,
                Period::Absent => Meets::Nothing,
            },
            Covers::Touched => {
                let all = touched.iter().map(|touched| shares(touched, period));
                all.max().unwrap_or(Meets::Nothing)
            }
        }
    }
}

/// How much of an earlier period is in one that a run has all records of.
fn shares(touched: &Period, earlier: &Period) -> Meets {
    match (touched, earlier) {
        (Period::Whole, _) => Meets::All,
        (touched, earlier) if touched == earlier => Meets::All,
        (Period::Time(touched), Period::Time(earlier)) => meets(touched, earlier),
        // Records of one kind of period may be in any of the other.
        (_, Period::Whole)
        | (Period::Time(_), Period::Value(_))
        | (Period::Value(_), Period::Time(_)) => Meets::Part,
        _ => Meets::Nothing,
    }
}

fn meets(span: &TimeSpan, time: &TimeSpan) -> Meets {
    match (span.contains(time), span.overlaps(time)) {
        (true, _) => Meets::All,
        (_, true) => Meets::Part,
        _ => Meets::Nothing,
    }
}

/// The period that a text names.
fn span_of(text: &str, zone: Zone) -> Result<TimeSpan, String> {
    use Granularity::{Day, Hour, Minute, Month, Second, Year};
    const WHOLE: &str = "0000-01-01T00:00:00Z";
    let granularity = match text.len() {
        4 => Year,
        7 => Month,
        10 => Day,
        13 => Hour,
        16 => Minute,
        19 => Second,
        _ => return Err(no_period(text)),
    };
    let rest = WHOLE.get(text.len()..).unwrap_or_default();
    let parsed = time_text::parse(format!("{text}{rest}").as_bytes());
    let local_micros = parsed.and_then(|time| time.instant_micros());
    let moment = local_micros.and_then(|micros| zone.at_local(micros));
    let moment = moment.ok_or_else(|| no_period(text))?;
    match Covers::around(granularity, moment, zone) {
        Covers::Span(span) => Ok(span),
        Covers::Touched => Err(no_period(text)),
    }
}

fn no_period(text: &str) -> String {
    format!("`{text}` is no period such as 2025, 2025-04, 2025-04-12 or 2025-04-12T08")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_whole_periods() {
        let zone = Zone::named("America/New_York").expect("a zone");
        let check = |text: &str, from: &str, to: &str| {
            let Ok(Covers::Span(span)) = Covers::parse(text, zone) else {
                panic!("{text} is no span: {:?}", Covers::parse(text, zone));
            };
            assert_eq!(
                (span.from.to_string(), span.to.to_string()),
                (from.into(), to.into())
            );
        };
        check(
            "2025",
            "2025-01-01T00:00:00-05:00",
            "2026-01-01T00:00:00-05:00",
        );
        check(
            "2025-04-12..2025-04-14",
            "2025-04-12T00:00:00-04:00",
            "2025-04-15T00:00:00-04:00",
        );
        check(
            "2025-03..2025-03-09T01",
            "2025-03-01T00:00:00-05:00",
            "2025-03-09T03:00:00-04:00",
        );
        assert_eq!(Covers::parse("touched", zone), Ok(Covers::Touched));
    }

    #[test]
    fn what_is_no_span_is_told() {
        for text in [
            "",
            "today",
            "2025-13",
            "2025-04-12..",
            "2025-04-14..2025-04-12",
            "2025-4-1",
        ] {
            assert!(Covers::parse(text, Zone::UTC).is_err(), "{text}");
        }
    }

    #[test]
    fn an_object_is_covered_whole_in_part_or_not() {
        let covers = |text: &str| Covers::parse(text, Zone::UTC).expect("a span");
        let period = |text: &str| match covers(text) {
            Covers::Span(span) => Period::Time(span),
            Covers::Touched => Period::Whole,
        };
        let check = |covers: Covers, touched: &[Period], of: &str, expect| {
            assert_eq!(covers.meets(&period(of), touched), expect, "{of}");
        };
        let days = covers("2025-04-12..2025-04-14");
        check(days, &[], "2025-04-14", Meets::All);
        check(days, &[], "2025-04-14T23", Meets::All);
        check(days, &[], "2025-04", Meets::Part);
        check(days, &[], "2025-04-15", Meets::Nothing);
        check(days, &[], "touched", Meets::Part);
        let touched = [period("2025-04-12"), period("2025-04-14"), Period::Absent];
        check(Covers::Touched, &touched, "2025-04-12", Meets::All);
        check(Covers::Touched, &touched, "2025-04-13", Meets::Nothing);
        check(Covers::Touched, &touched, "2025", Meets::Part);
        check(Covers::Touched, &touched, "touched", Meets::Part);
        check(Covers::Touched, &[], "touched", Meets::Nothing);
        check(Covers::Touched, &[Period::Whole], "touched", Meets::All);
        check(Covers::Touched, &[Period::Whole], "2025-04-12", Meets::All);
    }

    /// Each kind of period against each.
    #[test]
    fn periods_of_different_kinds_are_never_taken_for_apart() {
        let Ok(Covers::Span(day)) = Covers::parse("2025-04-12", Zone::UTC) else {
            panic!("no span");
        };
        let (time, value) = (Period::Time(day), Period::Value("x".to_owned()));
        let check = |touched: &Period, earlier: &Period, expect| {
            let touched = [touched.clone()];
            let meets = Covers::Touched.meets(earlier, &touched);
            assert_eq!(meets, expect, "{touched:?} and {earlier:?}");
        };
        for earlier in [&Period::Whole, &time, &value, &Period::Absent] {
            check(&Period::Whole, earlier, Meets::All);
            check(earlier, earlier, Meets::All);
        }
        check(&time, &Period::Whole, Meets::Part);
        check(&time, &value, Meets::Part);
        check(&value, &Period::Whole, Meets::Part);
        check(&value, &time, Meets::Part);
        check(&value, &Period::Value("y".to_owned()), Meets::Nothing);
        check(&Period::Absent, &Period::Whole, Meets::Part);
        check(&Period::Absent, &time, Meets::Nothing);
        check(&time, &Period::Absent, Meets::Nothing);
        assert_eq!(Covers::Span(day).meets(&value, &[]), Meets::Part);
        assert_eq!(
            Covers::Span(day).meets(&Period::Absent, &[]),
            Meets::Nothing
        );
    }
}
