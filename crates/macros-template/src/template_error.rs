use std::fmt;

use thiserror::Error;

use crate::Span;
use crate::diagnostic::draw;

/// All faults of one template.
///
/// `Display` has a line for each; [`render`](Self::render) draws them under the text.
///
/// ```
/// use spile_macros_template::{MacroSet, Template};
///
/// let errors = Template::parse("{yaer}/{month", &MacroSet::standard()).unwrap_err();
/// assert_eq!(
///     errors.render(),
///     "{yaer}/{month\n\
///      ^^^^^^ unknown macro `yaer`, did you mean `{year}`?\n\
///      \x20      ^^^^^^ this brace isn't closed (a literal one is written `{{`)",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", lines(.errors))]
#[non_exhaustive]
pub struct TemplateErrors {
    input: String,
    errors: Vec<TemplateError>,
}

/// A fault of a template, and its place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("read the key template at {span}: {kind}")]
pub struct TemplateError {
    /// The place in the template's text.
    pub span: Span,
    /// What is wrong there.
    pub kind: TemplateErrorKind,
}

/// What can be wrong with a template's text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateErrorKind {
    /// There is no text.
    #[error("the template is empty")]
    Empty,
    /// No macro has this name.
    #[error("unknown macro `{name}`{}", did_you_mean(.nearest))]
    UnknownMacro {
        /// The name as written.
        name: String,
        /// The macro that was probably meant.
        nearest: Option<String>,
    },
    /// What stands in braces can't be a name.
    #[error("`{}` is no macro name{}", .name.escape_debug(), did_you_mean(.nearest))]
    MalformedName {
        /// What stands there.
        name: String,
        /// The macro that was probably meant.
        nearest: Option<String>,
    },
    /// `{}` or `{?}`.
    #[error("a macro needs a name")]
    EmptyBrace,
    /// A `{` without its `}`.
    #[error("this brace isn't closed (a literal one is written `{{{{`)")]
    UnclosedBrace,
    /// A `}` without its `{`.
    #[error("no macro begins before this brace (a literal one is written `}}}}`)")]
    StrayBrace,
    /// What stands in braces is no placeholder of Airbyte's.
    #[error("unknown placeholder `{}`{}", .written.escape_debug(), did_you_mean_written(.nearest))]
    UnknownPlaceholder {
        /// The placeholder as written, with its braces.
        written: String,
        /// The placeholder that was probably meant.
        nearest: Option<String>,
    },
    /// A placeholder of Airbyte's without its `}`.
    #[error("this placeholder isn't closed by a `}}`")]
    UnclosedPlaceholder,
    /// A `}` that ends no placeholder of Airbyte's.
    #[error("no placeholder begins before this brace, and a literal one can't be written")]
    StrayPlaceholderEnd,
    /// A part of the pattern in `{date:…}` that no macro writes.
    #[error(
        "`{}` of a date can't be written (yyyy, MM, dd, HH, mm, ss, SSS and text in '…' can)",
        .part.escape_debug()
    )]
    DatePattern {
        /// The part.
        part: String,
    },
    /// The text begins with `/`.
    #[error("a key can't begin with `/`")]
    LeadingSlash,
    /// The text ends with `/`.
    #[error("a key can't end with `/`")]
    TrailingSlash,
    /// Two slashes have nothing between them.
    #[error("a key can't have an empty segment")]
    EmptySegment,
    /// A literal segment is `.` or `..`, which many tools would resolve to another folder.
    #[error("a key can't have a segment `.` or `..`")]
    DotSegment,
    /// The literal text has a control character.
    #[error("a key can't have the control character U+{:04X}", u32::from(*.character))]
    ControlCharacter {
        /// The character.
        character: char,
    },
}

impl TemplateErrors {
    /// Sorts the faults by their place.
    pub(crate) fn new(input: &str, mut errors: Vec<TemplateError>) -> Self {
        errors.sort_by_key(|error| error.span);
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

    /// The faults in the order of their places, at least one.
    #[must_use]
    pub fn errors(&self) -> &[TemplateError] {
        &self.errors
    }

    /// The template's text, and a line for each fault with carets under its place.
    #[must_use]
    pub fn render(&self) -> String {
        let fault = |error: &TemplateError| (Some(error.span), error.kind.to_string());
        draw(
            &self.input,
            &self.errors.iter().map(fault).collect::<Vec<_>>(),
        )
    }
}

/// Each on a line of its own.
pub(crate) fn lines(errors: &[impl fmt::Display]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn did_you_mean(nearest: &Option<String>) -> String {
    did_you_mean_written(&nearest.as_ref().map(|name| format!("{{{name}}}")))
}

fn did_you_mean_written(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |written| {
        format!(", did you mean `{written}`?")
    })
}

#[cfg(test)]
mod tests {
    use crate::{MacroSet, Template, TemplateErrors};

    fn errors(text: &str) -> TemplateErrors {
        Template::parse(text, &MacroSet::standard()).unwrap_err()
    }

    #[test]
    fn display_has_a_line_for_each() {
        insta::assert_snapshot!(errors("/{strem_name}/{date"), @r"
        read the key template at 0..1: a key can't begin with `/`
        read the key template at 1..13: unknown macro `strem_name`, did you mean `{stream_name}`?
        read the key template at 14..19: this brace isn't closed (a literal one is written `{{`)
        ");
    }

    #[test]
    fn render_draws_carets() {
        insta::assert_snapshot!(errors("raw/{strem_name}//{date}/}/../{").render(), @r"
        raw/{strem_name}//{date}/}/../{
            ^^^^^^^^^^^^ unknown macro `strem_name`, did you mean `{stream_name}`?
                        ^^ a key can't have an empty segment
                                 ^ no macro begins before this brace (a literal one is written `}}`)
                                   ^^ a key can't have a segment `.` or `..`
                                      ^ this brace isn't closed (a literal one is written `{{`)
        ");
    }

    #[test]
    fn render_counts_characters_and_shows_controls() {
        insta::assert_snapshot!(errors("é\t{東京}\u{7f}").render(), @r"
        é␉{東京}�
         ^ a key can't have the control character U+0009
          ^^^^ `東京` is no macro name
              ^ a key can't have the control character U+007F
        ");
    }

    #[test]
    fn an_empty_template_has_a_caret_too() {
        assert_eq!(errors("").render(), "\n^ the template is empty");
    }
}
