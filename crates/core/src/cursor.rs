//! The cursor of a record: where its value is found, and what time it is.

use crate::cursor_column::{CursorCell, TimeKind};
use crate::json;
use crate::moment::{Moment, Zone};
use crate::time_text::{self, TimeText};

/// What the cursor of a stream is.
#[derive(Clone, Debug)]
pub enum CursorSource {
    /// The stream has none.
    None,
    /// One value for the whole run: a slice that the source pulled.
    Run(RunCursor),
    /// A field of each record.
    Field(CursorField),
}

/// A cursor that is the same for all records of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCursor {
    /// As it was given.
    pub raw: String,
    /// The time that it is, if it is one.
    pub moment: Option<Moment>,
}

/// The field that holds the cursor of each record: one whose key is the whole name, or else the one
/// that the dots in the name lead to.
#[derive(Clone, Debug)]
pub struct CursorField {
    /// The whole name as one key, where it has dots.
    pub(crate) literal: Option<json::Path>,
    pub(crate) path: json::Path,
    name: String,
    format: CursorFormat,
}

/// How cursor values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CursorFormat {
    /// RFC 3339, `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS[.f]`.
    #[default]
    Time,
    /// A number since 1970-01-01T00:00:00Z, of which so many make a second.
    Epoch {
        /// 1, 1,000, 1,000,000 or 1,000,000,000.
        per_second: i64,
    },
    /// No time at all, a version or a name: only `{cursor}` can be made of it.
    Text,
}

/// A record whose cursor can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorFault {
    /// The record has no such field, or nothing in it.
    #[error("the record has no value in its cursor field `{field}`")]
    Missing {
        /// The field's dotted path.
        field: String,
    },
    /// The value is no time.
    #[error("the cursor `{value}` in field `{field}` is not {expected}")]
    NoTime {
        /// The field's dotted path.
        field: String,
        /// The value, shortened.
        value: String,
        /// What was expected of it.
        expected: &'static str,
    },
    /// The field holds something that can't be a cursor.
    #[error("the cursor field `{field}` holds {found}, which can't be a cursor")]
    NoScalar {
        /// The field's dotted path.
        field: String,
        /// A JSON array, an object, a list column, …
        found: String,
    },
}

impl CursorFormat {
    /// The format of a name: `time`, `text`, or `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`.
    pub fn named(name: &str) -> Option<Self> {
        let per_second = match name {
            "time" => return Some(CursorFormat::Time),
            "text" => return Some(CursorFormat::Text),
            "epoch_s" => 1,
            "epoch_ms" => 1_000,
            "epoch_us" => 1_000_000,
            "epoch_ns" => 1_000_000_000,
            _ => return None,
        };
        Some(CursorFormat::Epoch { per_second })
    }

    /// All names that [`named`](Self::named) knows.
    pub const NAMES: [&str; 6] = [
        "time", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "text",
    ];

    fn expected(self) -> &'static str {
        match self {
            CursorFormat::Time => {
                "a time like 2025-04-14, 2025-04-14 11:23:45 or 2025-04-14T11:23:45Z"
            }
            CursorFormat::Epoch { .. } => "a number since 1970",
            CursorFormat::Text => "a text",
        }
    }

    /// The time that a cell is. Fractions finer than a microsecond are cut.
    fn moment(self, cell: &CursorCell<'_>, zone: Zone) -> Option<Moment> {
        match (cell, self) {
            (CursorCell::Time(time), _) => match time.kind {
                TimeKind::Instant => zone.at_instant(time.micros()?),
                TimeKind::Date | TimeKind::Local => zone.at_local(time.micros()?),
            },
            (CursorCell::Integer(number), CursorFormat::Epoch { per_second }) => {
                epoch(*number, per_second, zone)
            }
            (CursorCell::Text(text), CursorFormat::Epoch { per_second }) => {
                epoch_text(text, per_second, zone)
            }
            (CursorCell::Text(text), CursorFormat::Time) => time(text, zone),
            (CursorCell::Integer(_), CursorFormat::Time | CursorFormat::Text)
            | (CursorCell::Text(_), CursorFormat::Text) => None,
        }
    }
}

impl RunCursor {
    /// A cursor as it is given on a command line.
    ///
    /// # Errors
    /// A value that isn't what `format` says.
    pub fn parse(raw: &str, format: CursorFormat, zone: Zone) -> Result<Self, CursorFault> {
        let moment = format.moment(&CursorCell::Text(raw.into()), zone);
        if moment.is_none() && matches!(format, CursorFormat::Epoch { .. }) {
            return Err(no_time("--cursor", raw, format));
        }
        Ok(Self {
            raw: raw.to_owned(),
            moment,
        })
    }
}

impl CursorField {
    /// The field at a dotted path.
    pub fn new(path: &str, format: CursorFormat) -> Self {
        let literal = path.contains('.').then(|| json::Path::from_keys([path]));
        Self {
            literal,
            path: json::Path::parse(path),
            name: path.to_owned(),
            format,
        }
    }

    /// Its dotted path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its values are written.
    pub fn format(&self) -> CursorFormat {
        self.format
    }

    /// The time that a cell is.
    pub(crate) fn moment(&self, cell: &CursorCell<'_>, zone: Zone) -> Result<Moment, CursorFault> {
        let fault = || no_time(&self.name, &cell.raw(), self.format);
        self.format.moment(cell, zone).ok_or_else(fault)
    }

    pub(crate) fn missing(&self) -> CursorFault {
        CursorFault::Missing {
            field: self.name.clone(),
        }
    }

    pub(crate) fn no_scalar(&self, found: impl Into<String>) -> CursorFault {
        CursorFault::NoScalar {
            field: self.name.clone(),
            found: found.into(),
        }
    }
}

fn time(text: &str, zone: Zone) -> Option<Moment> {
    match time_text::parse(text.as_bytes())? {
        TimeText::Date(days) => zone.at_local(i64::from(days) * 86_400_000_000),
        TimeText::Naive(clock) => zone.at_local(clock.micros),
        offset => zone.at_instant(offset.instant_micros()?),
    }
}

fn epoch(number: i128, per_second: i64, zone: Zone) -> Option<Moment> {
    let micros = (number * 1_000_000).div_euclid(i128::from(per_second));
    zone.at_instant(i64::try_from(micros).ok()?)
}

/// An epoch as a text, which may have a fraction: `1365955200.25`.
fn epoch_text(text: &str, per_second: i64, zone: Zone) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    let whole: i128 = i128::from(whole.parse::<i64>().ok()?);
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let millionths: i128 = digits.parse().ok()?;
    let scaled = whole * 1_000_000 + if negative { -millionths } else { millionths };
    let micros = scaled.div_euclid(i128::from(per_second));
    zone.at_instant(i64::try_from(micros).ok()?)
}

fn no_time(field: &str, value: &str, format: CursorFormat) -> CursorFault {
    let shortened: String = value.chars().take(60).collect();
    let value = if shortened.len() < value.len() {
        format!("{shortened}…")
    } else {
        shortened
    };
    CursorFault::NoTime {
        field: field.to_owned(),
        value,
        expected: format.expected(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, format: CursorFormat, zone: &str) -> Option<String> {
        let zone = Zone::named(zone).expect("known");
        let moment = format.moment(&CursorCell::Text(text.into()), zone)?;
        moment.to_date_time().map(|time| time.to_rfc3339())
    }

    #[test]
    fn times_are_told_in_the_zone() {
        let check = |text, zone, expect: &str| {
            assert_eq!(
                shown(text, CursorFormat::Time, zone).as_deref(),
                Some(expect)
            );
        };
        check("2025-04-14T11:23:45Z", "UTC", "2025-04-14T11:23:45+00:00");
        check(
            "2025-04-14T11:23:45+02:00",
            "UTC",
            "2025-04-14T09:23:45+00:00",
        );
        check(
            "2025-04-14T01:00:00Z",
            "America/New_York",
            "2025-04-13T21:00:00-04:00",
        );
        check(
            "2025-04-14 11:23:45.5",
            "America/New_York",
            "2025-04-14T11:23:45.500-04:00",
        );
        check("2025-04-14", "Asia/Tokyo", "2025-04-14T00:00:00+09:00");
        assert_eq!(shown("soon", CursorFormat::Time, "UTC"), None);
    }

    #[test]
    fn epochs_have_a_unit() {
        let check = |text, name, expect: Option<&str>| {
            let format = CursorFormat::named(name).expect("known");
            assert_eq!(
                shown(text, format, "UTC").as_deref(),
                expect,
                "{text} {name}"
            );
        };
        check("1365955200", "epoch_s", Some("2013-04-14T16:00:00+00:00"));
        check(
            "1365955200.25",
            "epoch_s",
            Some("2013-04-14T16:00:00.250+00:00"),
        );
        check("-0.5", "epoch_s", Some("1969-12-31T23:59:59.500+00:00"));
        check(
            "1365955200250",
            "epoch_ms",
            Some("2013-04-14T16:00:00.250+00:00"),
        );
        check(
            "1365955200250000",
            "epoch_us",
            Some("2013-04-14T16:00:00.250+00:00"),
        );
        check(
            "1365955200250000999",
            "epoch_ns",
            Some("2013-04-14T16:00:00.250+00:00"),
        );
        check("1e9", "epoch_s", None);
        check("1365955200", "time", None);
    }
}
