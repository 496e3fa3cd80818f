//! The ways a time is written into a key.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use crate::Granularity;

/// What a time macro writes of its time, be it the load's or the cursor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// `2025_04_14_11_23_45`
    DateTime,
    /// `2025-04-14T11:23:45Z`
    IsoDateTime,
    /// `2025-04-14-11-23-45`
    SingularDateTime,
    /// `2025_04_14`
    Date,
    /// `2025-04-14`
    IsoDate,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Years of another length than four digits would break the order of keys.
pub(crate) fn year_fits(time: &DateTime<FixedOffset>) -> bool {
    (0..=9999).contains(&time.year())
}

impl TimeFormat {
    /// The shortest time that the format tells apart.
    pub(crate) fn granularity(self) -> Granularity {
        match self {
            Self::DateTime | Self::IsoDateTime | Self::SingularDateTime | Self::Second => {
                Granularity::Second
            }
            Self::Date | Self::IsoDate | Self::Day => Granularity::Day,
            Self::Year => Granularity::Year,
            Self::Month => Granularity::Month,
            Self::Hour => Granularity::Hour,
            Self::Minute => Granularity::Minute,
        }
    }

    /// What it writes of a time.
    pub(crate) fn fields(self) -> &'static [Granularity] {
        use Granularity::{Day, Hour, Minute, Month, Second, Year};
        match self {
            Self::DateTime | Self::IsoDateTime | Self::SingularDateTime => {
                &[Year, Month, Day, Hour, Minute, Second]
            }
            Self::Date | Self::IsoDate => &[Year, Month, Day],
            Self::Year => &[Year],
            Self::Month => &[Month],
            Self::Day => &[Day],
            Self::Hour => &[Hour],
            Self::Minute => &[Minute],
            Self::Second => &[Second],
        }
    }

    /// Appends `time`, whose year must fit (see [`year_fits`]). Fractions of a second are cut.
    pub(crate) fn write(self, time: &DateTime<FixedOffset>, out: &mut String) {
        match self {
            Self::DateTime => {
                date(time, "_", out);
                out.push('_');
                clock(time, "_", out);
            }
            Self::IsoDateTime => {
                date(time, "-", out);
                out.push('T');
                clock(time, ":", out);
                offset(time.offset().local_minus_utc(), out);
            }
            Self::SingularDateTime => {
                date(time, "-", out);
                out.push('-');
                clock(time, "-", out);
            }
            Self::Date => date(time, "_", out),
            Self::IsoDate => date(time, "-", out),
            Self::Year => digits(time.year().unsigned_abs(), 4, out),
            Self::Month => digits(time.month(), 2, out),
            Self::Day => digits(time.day(), 2, out),
            Self::Hour => digits(time.hour(), 2, out),
            Self::Minute => digits(time.minute(), 2, out),
            Self::Second => digits(time.second(), 2, out),
        }
    }
}

fn date(time: &DateTime<FixedOffset>, separator: &str, out: &mut String) {
    digits(time.year().unsigned_abs(), 4, out);
    out.push_str(separator);
    digits(time.month(), 2, out);
    out.push_str(separator);
    digits(time.day(), 2, out);
}

fn clock(time: &DateTime<FixedOffset>, separator: &str, out: &mut String) {
    digits(time.hour(), 2, out);
    out.push_str(separator);
    digits(time.minute(), 2, out);
    out.push_str(separator);
    digits(time.second(), 2, out);
}

/// Seconds appear only where a historic zone has them: `+00:53:28`.
fn offset(seconds: i32, out: &mut String) {
    if seconds == 0 {
        return out.push('Z');
    }
    out.push(if seconds < 0 { '-' } else { '+' });
    let seconds = seconds.unsigned_abs();
    digits(seconds / 3600, 2, out);
    out.push(':');
    digits(seconds / 60 % 60, 2, out);
    if !seconds.is_multiple_of(60) {
        out.push(':');
        digits(seconds % 60, 2, out);
    }
}

/// Appends `value` in decimal with at least `width` digits.
pub(crate) fn digits(value: u32, width: u32, out: &mut String) {
    let mut unit = 10_u32.pow(width.saturating_sub(1));
    while value / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        out.push(char::from(b'0' + (value / unit % 10) as u8));
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(time: &str, format: TimeFormat, expect: &str) {
        let mut out = String::new();
        format.write(&time.parse().unwrap(), &mut out);
        assert_eq!(out, expect, "{time} as {format:?}");
    }

    #[test]
    fn every_part_is_padded() {
        check(
            "0007-02-03T04:05:06Z",
            TimeFormat::DateTime,
            "0007_02_03_04_05_06",
        );
        check("0007-02-03T04:05:06Z", TimeFormat::Year, "0007");
        check(
            "2025-04-14T11:23:45Z",
            TimeFormat::SingularDateTime,
            "2025-04-14-11-23-45",
        );
        check("9999-12-31T23:59:59Z", TimeFormat::Date, "9999_12_31");
    }

    #[test]
    fn the_offset_is_z_or_signed() {
        let iso = TimeFormat::IsoDateTime;
        check("2025-04-14T11:23:45+00:00", iso, "2025-04-14T11:23:45Z");
        check(
            "2025-04-14T11:23:45-04:00",
            iso,
            "2025-04-14T11:23:45-04:00",
        );
        check(
            "2025-04-14T11:23:45+05:45",
            iso,
            "2025-04-14T11:23:45+05:45",
        );
    }

    #[test]
    fn fractions_and_leap_seconds_are_cut() {
        let iso = TimeFormat::IsoDateTime;
        check(
            "2025-04-14T11:23:45.999999999Z",
            iso,
            "2025-04-14T11:23:45Z",
        );
        check("2016-12-31T23:59:60Z", iso, "2016-12-31T23:59:59Z");
    }

    #[test]
    fn an_offset_of_seconds_is_kept() {
        let mut out = String::new();
        offset(53 * 60 + 28, &mut out);
        assert_eq!(out, "+00:53:28");
    }

    #[test]
    fn digits_widen_but_never_cut() {
        for (value, width, expect) in [
            (0, 2, "00"),
            (7, 5, "00007"),
            (99_999, 5, "99999"),
            (123_456, 5, "123456"),
            (u32::MAX, 5, "4294967295"),
        ] {
            let mut out = String::new();
            digits(value, width, &mut out);
            assert_eq!(out, expect);
        }
    }
}
