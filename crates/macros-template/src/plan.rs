use chrono::{DateTime, Datelike, FixedOffset};
use uuid::Uuid;

use crate::escape::{escape, escape_dot_segments};
use crate::key::shorten;
use crate::planner::Planner;
use crate::time::{TimeFormat, year_fits};
use crate::{
    CursorKind, CursorValue, Granularity, KeyError, KeyLint, KeyWarning, ObjectKey, PlanErrors,
    Repeats, RouteKey, RunValues, Template,
};

/// A template that was checked against a stream and its run: the only thing that renders keys.
///
/// A key is rendered in two steps, [`route_key`](Self::route_key) once for each route and
/// [`object_key`](Self::object_key) once for each of its objects. All that is fixed for the run
/// is rendered when the plan is made.
///
/// ```
/// use chrono::DateTime;
/// use spile_macros_template::{
///     CursorKind, CursorValue, KeyPlan, MacroSet, RunValues, Template,
/// };
///
/// let template = Template::parse(
///     "{stream_name}/{cursor_iso_date}.{extension}",
///     &MacroSet::standard(),
/// )?;
/// let load_time = DateTime::parse_from_rfc3339("2025-04-15T02:00:00Z")?;
/// let values = RunValues::new(load_time).stream_name("sales").extension("csv");
/// let plan = KeyPlan::new(&template, values, CursorKind::Time)?;
///
/// let raw = "2025-04-14T11:23:45Z";
/// let cursor = CursorValue { raw, time: Some(DateTime::parse_from_rfc3339(raw)?) };
/// let route = plan.route_key(Some(&cursor))?;
/// assert_eq!(plan.object_key(&route, 1)?.as_str(), "sales/2025-04-14.csv");
/// assert_eq!(plan.object_key(&route, 2)?.as_str(), "sales/2025-04-14-00002.csv");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyPlan {
    pub(crate) template: String,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) granularity: Granularity,
    pub(crate) repeats: Repeats,
    /// A dot and the extension as it stands in a key; empty where there is no extension.
    pub(crate) suffix: String,
    pub(crate) run: Uuid,
    pub(crate) sample: Sample,
}

/// What a plan renders one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Literals and the run's values, next to each other as one text, and the object's macros as
    /// the characters that stand for them.
    Text(String),
    Cursor {
        name: String,
        field: CursorField,
        optional: bool,
    },
}

/// What a cursor macro writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorField {
    Time(TimeFormat),
    Raw,
}

/// The cursor of the sample key.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) kind: CursorKind,
    pub(crate) time: DateTime<FixedOffset>,
}

impl KeyPlan {
    /// Checks `template` against the values of the run and the kind of the stream's cursor.
    ///
    /// # Errors
    ///
    /// All that doesn't fit, together: cursor macros without such a cursor, empty values of
    /// macros that aren't optional, a key that would be none.
    pub fn new(
        template: &Template,
        values: RunValues,
        cursor: CursorKind,
    ) -> Result<Self, PlanErrors> {
        Planner::new(template, values, cursor).plan()
    }

    /// The text of the template.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The finest cursor macro that the template has.
    #[must_use]
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// Whether a record without a cursor has a key: the template has cursor macros, and all of them
    /// are optional.
    #[must_use]
    pub fn cursor_is_optional(&self) -> bool {
        let mut cursors = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Cursor { optional, .. } => Some(*optional),
            Piece::Text(_) => None,
        });
        self.granularity > Granularity::None && cursors.all(|optional| optional)
    }

    /// When a later run with the same settings and cursors renders the same keys.
    #[must_use]
    pub fn repeats(&self) -> Repeats {
        self.repeats
    }

    /// The key of the route that a record with this cursor belongs to.
    ///
    /// A plan without cursor macros has one route, whatever the cursor.
    ///
    /// # Errors
    ///
    /// Where a cursor macro isn't optional and the cursor is missing or empty, or where it writes
    /// a time and the cursor is none, or one outside the years 0000 to 9999.
    pub fn route_key(&self, cursor: Option<&CursorValue<'_>>) -> Result<RouteKey, KeyError> {
        let mut text = String::with_capacity(128);
        let mut vanished = false;
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => {
                    let slash = if vanished { "/" } else { "" };
                    text.push_str(literal.strip_prefix(slash).unwrap_or(literal));
                }
                Piece::Cursor {
                    name,
                    field,
                    optional,
                } => {
                    let before = text.len();
                    field.write(name, cursor, &mut text)?;
                    vanished = text.len() == before;
                    if vanished && !optional {
                        return Err(KeyError::CursorMissing { name: name.clone() });
                    }
                }
            }
        }
        Ok(RouteKey::new(&escape_dot_segments(text)))
    }

    /// The key of object `number` of a route, counted from 1 within the route and the run.
    ///
    /// The first object has the plain key. A later one has `-00002` and so on before the final
    /// `.{extension}`, or at the end, unless the template has a macro of the object. Different
    /// numbers have different keys. Keys of *different* routes can meet where the text of a
    /// cursor ends like a number, so a loader still looks whether a key is taken.
    ///
    /// # Errors
    ///
    /// Where the number is 0, or the text isn't an [`ObjectKey`]: in practice, where it is longer
    /// than 1,024 bytes.
    pub fn object_key(&self, route: &RouteKey, number: u32) -> Result<ObjectKey, KeyError> {
        if number == 0 {
            return Err(KeyError::NumberZero);
        }
        ObjectKey::new(route.number(number, &self.suffix, &self.run))
    }

    /// The first key of a record whose cursor is the time of the load (or, where the cursor is no
    /// time, the text `cursor`), to show what keys look like.
    ///
    /// # Errors
    ///
    /// As of [`route_key`](Self::route_key) and [`object_key`](Self::object_key).
    pub fn sample_key(&self) -> Result<ObjectKey, KeyError> {
        let Sample { kind, time } = &self.sample;
        let mut iso = String::new();
        TimeFormat::IsoDateTime.write(time, &mut iso);
        let cursor = match kind {
            CursorKind::None => None,
            CursorKind::Time => Some(CursorValue {
                raw: &iso,
                time: Some(*time),
            }),
            CursorKind::Text => Some(CursorValue {
                raw: "cursor",
                time: None,
            }),
        };
        self.object_key(&self.route_key(cursor.as_ref())?, 1)
    }

    /// What readers may stumble over in every key: the warnings of a [`KeyLint`] for the
    /// [`sample_key`](Self::sample_key).
    #[must_use]
    pub fn warnings(&self) -> Vec<KeyWarning> {
        self.sample_key()
            .map_or_else(|_| Vec::new(), |key| KeyLint::new().check(&key))
    }
}

impl CursorField {
    pub(crate) fn granularity(self) -> Granularity {
        match self {
            Self::Time(format) => format.granularity(),
            Self::Raw => Granularity::Raw,
        }
    }

    /// Appends the field of `cursor`, nothing where there is no cursor.
    fn write(
        self,
        name: &str,
        cursor: Option<&CursorValue<'_>>,
        out: &mut String,
    ) -> Result<(), KeyError> {
        let Some(cursor) = cursor else { return Ok(()) };
        match (self, &cursor.time) {
            (Self::Raw, _) => escape(cursor.raw, out),
            (Self::Time(format), Some(time)) if year_fits(time) => format.write(time, out),
            (Self::Time(_), Some(time)) => {
                return Err(KeyError::YearOutOfRange {
                    name: name.to_owned(),
                    year: time.year(),
                });
            }
            (Self::Time(_), None) if cursor.raw.is_empty() => {}
            (Self::Time(_), None) => {
                let cursor = shorten(cursor.raw);
                return Err(KeyError::CursorNotTime {
                    name: name.to_owned(),
                    cursor,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
