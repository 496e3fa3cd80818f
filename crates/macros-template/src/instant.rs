//! The ways the load's moment is written where a second isn't enough, or no calendar is wanted.

use chrono::{DateTime, FixedOffset};

use crate::time::digits;

/// What a macro writes of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstantFormat {
    /// The fraction of the second, 3 digits.
    Millisecond,
    EpochSeconds,
    EpochMillis,
    EpochMicros,
}

impl InstantFormat {
    /// Appends `time`. Finer fractions are cut.
    pub(crate) fn write(self, time: &DateTime<FixedOffset>, out: &mut String) {
        match self {
            // A leap second counts on beyond 999.
            Self::Millisecond => digits(time.timestamp_subsec_millis().min(999), 3, out),
            Self::EpochSeconds => out.push_str(&time.timestamp().to_string()),
            Self::EpochMillis => out.push_str(&time.timestamp_millis().to_string()),
            Self::EpochMicros => out.push_str(&time.timestamp_micros().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(time: &str, expect: [&str; 4]) {
        use InstantFormat::{EpochMicros, EpochMillis, EpochSeconds, Millisecond};
        let time = time.parse().unwrap();
        let written = [Millisecond, EpochSeconds, EpochMillis, EpochMicros].map(|format| {
            let mut out = String::new();
            format.write(&time, &mut out);
            out
        });
        assert_eq!(written, expect, "{time}");
    }

    #[test]
    fn fractions_are_kept_as_far_as_they_go() {
        check(
            "2025-04-14T11:23:45.678912345Z",
            ["678", "1744629825", "1744629825678", "1744629825678912"],
        );
        check(
            "2025-04-14T13:23:45.006+02:00",
            ["006", "1744629825", "1744629825006", "1744629825006000"],
        );
    }

    #[test]
    fn moments_that_are_no_common_ones() {
        check("1970-01-01T00:00:00Z", ["000", "0", "0", "0"]);
        check("1969-12-31T23:59:59.5Z", ["500", "-1", "-500", "-500000"]);
        check(
            "2016-12-31T23:59:60.5Z",
            ["999", "1483228799", "1483228800500", "1483228800500000"],
        );
    }
}
