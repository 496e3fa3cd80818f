use thiserror::Error;

use crate::diagnostic::draw;
use crate::template_error::lines;
use crate::{KeyError, Span, TemplateErrorKind};

/// All that keeps a template from fitting a stream.
///
/// `Display` has a line for each fault; [`render`](Self::render) draws them under the text.
///
/// ```
/// use chrono::DateTime;
/// use spile_macros_template::{CursorKind, KeyPlan, MacroSet, RunValues, Template};
///
/// let template = Template::parse("{stream_name}/{cursor_date}", &MacroSet::standard())?;
/// let values = RunValues::new(DateTime::parse_from_rfc3339("2025-04-14T11:23:45Z")?);
/// let errors = KeyPlan::new(&template, values, CursorKind::None).unwrap_err();
/// assert_eq!(
///     errors.render(),
///     "{stream_name}/{cursor_date}\n\
///      ^^^^^^^^^^^^^ `{stream_name}` has no value (`{stream_name?}` allows that)\n\
///      \x20             ^^^^^^^^^^^^^ `{cursor_date}` needs a cursor, and the stream has none",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", lines(.errors))]
#[non_exhaustive]
pub struct PlanErrors {
    input: String,
    errors: Vec<PlanError>,
}

/// One thing that keeps a template from fitting a stream.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("plan object keys{}: {kind}", place(.span))]
pub struct PlanError {
    /// The macro's place in the template's text, where it is about one.
    pub span: Option<Span>,
    /// What is wrong.
    pub kind: PlanErrorKind,
}

/// What can keep a template from fitting a stream.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanErrorKind {
    /// A cursor macro, and a stream without a cursor.
    #[error("`{{{name}}}` needs a cursor, and the stream has none")]
    CursorMissing {
        /// The macro.
        name: String,
    },
    /// A macro that writes a time, and a cursor that is none.
    #[error("`{{{name}}}` needs a cursor that is a time (any other fits `{{cursor}}` only)")]
    CursorNotTime {
        /// The macro.
        name: String,
    },
    /// A macro that isn't optional has an empty value.
    #[error("`{{{name}}}` has no value (`{{{name}?}}` allows that)")]
    ValueEmpty {
        /// The macro.
        name: String,
    },
    /// A placeholder of Airbyte's has an empty value.
    #[error("`{written}` has no value")]
    PlaceholderEmpty {
        /// The placeholder as written, with its braces.
        written: String,
    },
    /// `{uuid}` is made from the id of the run, and none was given.
    #[error("`{{{name}}}` needs the id of the run")]
    RunIdMissing {
        /// The macro.
        name: String,
    },
    /// The year of the load doesn't have four digits.
    #[error("the year {year} of the load time is not within 0000 to 9999")]
    YearOutOfRange {
        /// The year.
        year: i32,
    },
    /// The folder that was put before the template can't be in a key.
    #[error("the folder before the template: {0}")]
    Prefix(TemplateErrorKind),
    /// The [sample key](crate::KeyPlan::sample_key) can't be made.
    #[error("can't {0}")]
    Key(KeyError),
}

impl PlanErrors {
    pub(crate) fn new(input: &str, errors: Vec<PlanError>) -> Self {
        Self {
            input: input.to_owned(),
            errors,
        }
    }

    /// The template's text, which the spans count in.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The faults, at least one: those without a place, then the others in the order of the
    /// template.
    #[must_use]
    pub fn errors(&self) -> &[PlanError] {
        &self.errors
    }

    /// The template's text, and a line for each fault with carets under its place.
    #[must_use]
    pub fn render(&self) -> String {
        let fault = |error: &PlanError| (error.span, error.kind.to_string());
        draw(
            &self.input,
            &self.errors.iter().map(fault).collect::<Vec<_>>(),
        )
    }
}

fn place(span: &Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!(" at {span}"))
}
