use chrono::{DateTime, FixedOffset};

/// What the cursor of a stream is, as far as its configuration tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CursorKind {
    /// The stream has no cursor: a template with a cursor macro doesn't fit it.
    None,
    /// The cursor is a time, which all cursor macros can write.
    Time,
    /// The cursor is something else, such as a sequence number: only `{cursor}` can write it.
    Text,
}

/// The cursor of one record, or of a stream's whole run.
///
/// ```
/// use chrono::DateTime;
/// use spile_macros_template::CursorValue;
///
/// let raw = "2025-04-14T11:23:45Z";
/// let time = DateTime::parse_from_rfc3339(raw).ok();
/// let cursor = CursorValue { raw, time };
/// # let _ = cursor;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorValue<'a> {
    /// The cursor as the record has it, which `{cursor}` writes (escaped).
    pub raw: &'a str,
    /// The cursor as a time, already in the zone of the run; `None` where it is no time.
    pub time: Option<DateTime<FixedOffset>>,
}

/// The finest distinction that the cursor macros of a template make, from coarse to fine.
///
/// Two records whose cursors are equal at this granularity have one route key.
///
/// ```
/// use spile_macros_template::Granularity;
///
/// assert!(Granularity::Year < Granularity::Day);
/// assert!(Granularity::Second < Granularity::Raw);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    /// The template has no cursor macro.
    None,
    /// `{cursor_year}`.
    Year,
    /// `{cursor_month}`.
    Month,
    /// `{cursor_day}`, `{cursor_date}`, `{cursor_iso_date}`.
    Day,
    /// `{cursor_hour}`.
    Hour,
    /// No macro of the standard set writes the minute alone.
    Minute,
    /// `{cursor_date_time}`, `{cursor_iso_date_time}`, `{cursor_singular_date_time}`.
    Second,
    /// `{cursor}`: the text itself.
    Raw,
}
