//! Times in the run's time zone.

use std::fmt;

use chrono::{
    DateTime, FixedOffset, LocalResult, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The time zone that load and cursor times are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

/// An instant, and what a clock in the run's zone shows at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Microseconds since 1970-01-01 00:00:00 on that clock.
    pub local_micros: i64,
    /// Seconds that the clock is ahead of UTC.
    pub offset_seconds: i32,
}

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// The zone of an IANA name such as `America/New_York`, or `None` where there is none.
    pub fn named(name: &str) -> Option<Zone> {
        name.parse().ok().map(Zone)
    }

    /// The zone's IANA name.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The moment at an instant, given in microseconds since 1970-01-01T00:00:00Z. `None` past the
    /// years that a clock can show.
    pub fn at_instant(&self, micros: i64) -> Option<Moment> {
        if self.0 == Tz::UTC {
            return Some(Moment {
                local_micros: micros,
                offset_seconds: 0,
            });
        }
        let utc = DateTime::<Utc>::from_timestamp_micros(micros)?.naive_utc();
        let offset_seconds = self
            .0
            .offset_from_utc_datetime(&utc)
            .fix()
            .local_minus_utc();
        let local_micros = micros.checked_add(i64::from(offset_seconds) * MICROS_PER_SECOND)?;
        Some(Moment {
            local_micros,
            offset_seconds,
        })
    }

    /// The moment at which the zone's clock shows a time. Of two such moments, the earlier; a time
    /// that the clock skips is taken with the offset from before the gap, as `date` does.
    pub fn at_local(&self, local_micros: i64) -> Option<Moment> {
        if self.0 == Tz::UTC {
            return Some(Moment {
                local_micros,
                offset_seconds: 0,
            });
        }
        let local = DateTime::<Utc>::from_timestamp_micros(local_micros)?.naive_utc();
        match self.0.offset_from_local_datetime(&local) {
            LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => {
                let offset_seconds = offset.fix().local_minus_utc();
                Some(Moment {
                    local_micros,
                    offset_seconds,
                })
            }
            LocalResult::None => self.after_gap(local),
        }
    }

    /// A skipped time, moved on by as much as the clock was moved.
    fn after_gap(&self, local: NaiveDateTime) -> Option<Moment> {
        let before = local.checked_sub_signed(TimeDelta::days(1))?;
        let offset = self.0.offset_from_local_datetime(&before).earliest()?.fix();
        let instant = local.checked_sub_offset(offset)?;
        self.at_instant(instant.and_utc().timestamp_micros())
    }
}

impl Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn instant_micros(&self) -> i64 {
        self.local_micros - i64::from(self.offset_seconds) * MICROS_PER_SECOND
    }

    /// As a calendar's date and time. `None` past the years that chrono can hold.
    pub fn to_date_time(self) -> Option<DateTime<FixedOffset>> {
        let offset = FixedOffset::east_opt(self.offset_seconds)?;
        let instant = DateTime::<Utc>::from_timestamp_micros(self.instant_micros())?;
        Some(instant.with_timezone(&offset))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339, with the zone's offset. Past the years that chrono can hold, the microseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_date_time() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{}", self.instant_micros()),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: DateTime<FixedOffset> = text.parse().map_err(de::Error::custom)?;
        let offset_seconds = time.offset().local_minus_utc();
        Ok(Self {
            local_micros: time.timestamp_micros() + i64::from(offset_seconds) * MICROS_PER_SECOND,
            offset_seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time_text;

    fn micros(text: &str) -> i64 {
        time_text::parse(text.as_bytes())
            .and_then(|time| time.instant_micros())
            .expect("a time")
    }

    fn shown(moment: Option<Moment>) -> String {
        moment
            .and_then(Moment::to_date_time)
            .expect("in range")
            .to_rfc3339()
    }

    #[test]
    fn instants_in_a_zone() {
        let new_york = Zone::named("America/New_York").expect("known");
        let check = |zone: Zone, utc: &str, expect: &str| {
            assert_eq!(shown(zone.at_instant(micros(utc))), expect);
        };
        check(
            Zone::UTC,
            "2013-01-01T10:00:00Z",
            "2013-01-01T10:00:00+00:00",
        );
        check(
            new_york,
            "2013-01-01T03:00:00Z",
            "2012-12-31T22:00:00-05:00",
        );
        check(
            new_york,
            "2013-07-01T03:00:00Z",
            "2013-06-30T23:00:00-04:00",
        );
    }

    #[test]
    fn wall_clocks_in_a_zone() {
        let new_york = Zone::named("America/New_York").expect("known");
        let check = |local: &str, expect: &str| {
            assert_eq!(shown(new_york.at_local(micros(local))), expect);
        };
        check("2013-01-01T10:00:00Z", "2013-01-01T10:00:00-05:00");
        // Shown twice: the earlier.
        check("2013-11-03T01:30:00Z", "2013-11-03T01:30:00-04:00");
        // Never shown: moved on by the hour that was skipped.
        check("2013-03-10T02:30:00Z", "2013-03-10T03:30:00-04:00");
    }
}
