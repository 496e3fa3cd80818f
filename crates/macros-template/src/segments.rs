//! The faults of a template's literal text: segments that no key may have.

use crate::escape::is_dot_segment;
use crate::{Node, Span, TemplateError, TemplateErrorKind};

/// All faults of `nodes`, whose spans are those of `source`.
///
/// A segment with a macro in it is checked when it is rendered.
pub(crate) fn check(source: &str, nodes: &[Node]) -> Vec<TemplateError> {
    let mut segments = Segments::default();
    for node in nodes {
        match node {
            Node::Literal { text, span } => segments.literal(source, text, *span),
            Node::Macro { .. } => segments.has_macro = true,
        }
    }
    segments.end(nodes.is_empty());
    segments.errors
}

/// The segment that is being read, and the faults of those before it.
#[derive(Default)]
struct Segments {
    text: String,
    span: Span,
    has_macro: bool,
    /// The slash before the segment.
    slash: Option<Span>,
    errors: Vec<TemplateError>,
}

impl Segments {
    fn literal(&mut self, source: &str, text: &str, span: Span) {
        let mut at = span.start;
        for c in text.chars() {
            // What the user didn't write has an empty span.
            let bytes = if span.is_empty() {
                0
            } else {
                written_bytes(source, at, c)
            };
            self.char(c, Span::new(at, at + bytes));
            at += bytes;
        }
    }

    fn char(&mut self, c: char, span: Span) {
        if c == '/' {
            self.end_segment(span);
            *self = Self {
                span: Span::new(span.end, span.end),
                slash: Some(span),
                errors: std::mem::take(&mut self.errors),
                ..Self::default()
            };
            return;
        }
        if c.is_control() {
            self.error(span, TemplateErrorKind::ControlCharacter { character: c });
        }
        self.text.push(c);
        self.span.end = span.end;
    }

    /// At the slash that ends the segment.
    fn end_segment(&mut self, slash: Span) {
        match self.slash {
            _ if !self.is_empty() => self.check_dots(),
            None => self.error(slash, TemplateErrorKind::LeadingSlash),
            Some(before) => {
                let both = Span::new(before.start, slash.end);
                self.error(both, TemplateErrorKind::EmptySegment);
            }
        }
    }

    fn end(&mut self, no_nodes: bool) {
        match self.slash {
            _ if no_nodes => self.error(Span::default(), TemplateErrorKind::Empty),
            Some(slash) if self.is_empty() => self.error(slash, TemplateErrorKind::TrailingSlash),
            _ => self.check_dots(),
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && !self.has_macro
    }

    fn check_dots(&mut self) {
        if !self.has_macro && is_dot_segment(&self.text) {
            self.error(self.span, TemplateErrorKind::DotSegment);
        }
    }

    fn error(&mut self, span: Span, kind: TemplateErrorKind) {
        self.errors.push(TemplateError { span, kind });
    }
}

/// How many bytes the user wrote for the literal character `c` that begins at byte `at`.
fn written_bytes(source: &str, at: usize, c: char) -> usize {
    let rest = source.get(at..).unwrap_or_default();
    let doubled = rest.starts_with("{{") || rest.starts_with("}}");
    if doubled { 2 } else { c.len_utf8() }
}

#[cfg(test)]
mod tests {
    use crate::{MacroSet, Template};

    /// `expect` is the text under each fault's span, and the fault.
    fn check(text: &str, expect: &[(&str, &str)]) {
        let errors = match Template::parse(text, &MacroSet::standard()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors().to_vec(),
        };
        let found: Vec<_> = errors
            .iter()
            .map(|error| (error.span.of(text), error.kind.to_string()))
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(at, kind)| (*at, kind.as_str()))
            .collect();
        assert_eq!(found, expect, "{text:?}");
    }

    const LEADING: &str = "a key can't begin with `/`";
    const TRAILING: &str = "a key can't end with `/`";
    const EMPTY: &str = "a key can't have an empty segment";
    const DOTS: &str = "a key can't have a segment `.` or `..`";

    #[test]
    fn good_literals_pass() {
        for text in [
            "a",
            "a/b.c",
            "{namespace?}/a",
            ".a/..b/...",
            ".{year}",
            "{{/}}",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn slashes_stand_between_segments() {
        check("/a", &[("/", LEADING)]);
        check("a/", &[("/", TRAILING)]);
        check("{year}/", &[("/", TRAILING)]);
        check("a//b", &[("//", EMPTY)]);
        check("{year}///{month}", &[("//", EMPTY), ("//", EMPTY)]);
        check("/", &[("/", LEADING), ("/", TRAILING)]);
    }

    #[test]
    fn a_literal_never_climbs() {
        check("../a", &[("..", DOTS)]);
        check("{{}}/é/./{year}/..", &[(".", DOTS), ("..", DOTS)]);
    }

    #[test]
    fn control_characters_are_named() {
        check(
            "a\tb\u{85}",
            &[
                ("\t", "a key can't have the control character U+0009"),
                ("\u{85}", "a key can't have the control character U+0085"),
            ],
        );
    }

    #[test]
    fn an_empty_template_is_no_key() {
        check("", &[("", "the template is empty")]);
    }

    #[test]
    fn a_fault_in_a_brace_is_no_empty_segment() {
        check("a/{}/b", &[("{}", "a macro needs a name")]);
        check(
            "{bogus_name}/b",
            &[("{bogus_name}", "unknown macro `bogus_name`")],
        );
    }
}
