//! Text to nodes. The parser never stops at a fault: it notes it, recovers and goes on.

use crate::macros::is_name;
use crate::{MacroSet, Node, Span, TemplateError, TemplateErrorKind};

/// The nodes of `text` and all its faults. Where there is a fault, a node stands in for what was
/// meant, so that later checks see no gap.
pub(crate) fn parse(text: &str, macros: &MacroSet) -> (Vec<Node>, Vec<TemplateError>) {
    let mut parser = Parser {
        text,
        macros,
        at: 0,
        literal: String::new(),
        literal_start: 0,
        nodes: Vec::new(),
        errors: Vec::new(),
    };
    parser.run();
    (parser.nodes, parser.errors)
}

struct Parser<'a> {
    text: &'a str,
    macros: &'a MacroSet,
    /// The first byte that isn't read yet.
    at: usize,
    /// The literal that is being read, and where it began.
    literal: String,
    literal_start: usize,
    nodes: Vec<Node>,
    errors: Vec<TemplateError>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) {
        while let Some(distance) = self.rest().find(['{', '}']) {
            self.read_literal(distance);
            self.read_brace();
        }
        self.read_literal(self.rest().len());
        self.end_literal();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn read_literal(&mut self, bytes: usize) {
        self.literal
            .push_str(Span::new(self.at, self.at + bytes).of(self.text));
        self.at += bytes;
    }

    /// At a brace: a doubled one is literal, a single `{` begins a macro.
    fn read_brace(&mut self) {
        let rest = self.rest();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            self.read_literal(1);
            self.at += 1;
        } else if rest.starts_with('}') {
            self.error(
                Span::new(self.at, self.at + 1),
                TemplateErrorKind::StrayBrace,
            );
            self.read_literal(1);
        } else {
            self.end_literal();
            self.read_macro();
            self.literal_start = self.at;
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            let span = Span::new(self.literal_start, self.at);
            self.nodes.push(Node::Literal {
                text: std::mem::take(&mut self.literal),
                span,
            });
        }
    }

    /// At a single `{`. A brace that isn't closed ends where the next macro begins, or after
    /// what could be its name.
    fn read_macro(&mut self) {
        let body = self.rest().get(1..).unwrap_or_default();
        let start = self.at;
        match body.find(['{', '}']) {
            Some(end) if body[end..].starts_with('}') => {
                self.at += end + 2;
                self.end_macro(&body[..end], Span::new(start, self.at));
            }
            _ => {
                let name_end = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                self.at += 1 + name_end.unwrap_or(body.len());
                let span = Span::new(start, self.at);
                self.error(span, TemplateErrorKind::UnclosedBrace);
                self.push_macro("", false, span);
            }
        }
    }

    /// `body` is what stands between the braces.
    fn end_macro(&mut self, body: &str, span: Span) {
        let name = body.strip_suffix('?').unwrap_or(body);
        if let Some(kind) = self.fault_of_name(name) {
            self.error(span, kind);
        }
        self.push_macro(name, name.len() < body.len(), span);
    }

    fn fault_of_name(&self, name: &str) -> Option<TemplateErrorKind> {
        if name.trim().is_empty() {
            return Some(TemplateErrorKind::EmptyBrace);
        }
        if self.macros.get(name).is_some() {
            return None;
        }
        let name = name.to_owned();
        let nearest = self.macros.nearest(&name).map(str::to_owned);
        Some(if is_name(&name) {
            TemplateErrorKind::UnknownMacro { name, nearest }
        } else {
            TemplateErrorKind::MalformedName { name, nearest }
        })
    }

    fn push_macro(&mut self, name: &str, optional: bool, span: Span) {
        self.nodes.push(Node::Macro {
            name: name.to_owned(),
            optional,
            span,
        });
    }

    fn error(&mut self, span: Span, kind: TemplateErrorKind) {
        self.errors.push(TemplateError { span, kind });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `expect` writes the nodes of `text` as `literal` or `<macro>`.
    fn check(text: &str, expect: &str) {
        let (nodes, errors) = parse(text, &MacroSet::standard());
        let print = |node: &Node| match node {
            Node::Literal { text, .. } => format!("`{text}`"),
            Node::Macro {
                name,
                optional: false,
                ..
            } => format!("<{name}>"),
            Node::Macro {
                name,
                optional: true,
                ..
            } => format!("<{name}?>"),
        };
        let nodes: Vec<_> = nodes.iter().map(print).collect();
        assert_eq!(errors, [], "{text}");
        assert_eq!(nodes.join(" "), expect, "{text}");
    }

    /// `expect` is the span and text of each fault.
    fn check_errors(text: &str, expect: &[(&str, &str)]) {
        let (_, errors) = parse(text, &MacroSet::standard());
        let errors: Vec<_> = errors
            .iter()
            .map(|error| (error.span.of(text), error.kind.to_string()))
            .collect();
        let errors: Vec<_> = errors
            .iter()
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        assert_eq!(errors, expect, "{text}");
    }

    #[test]
    fn text_and_macros_alternate() {
        check("raw/{stream_name}/x.csv", "`raw/` <stream_name> `/x.csv`");
        check("{year}{month?}", "<year> <month?>");
        check("Grüße/{date}/東京", "`Grüße/` <date> `/東京`");
        check("", "");
    }

    #[test]
    fn doubled_braces_are_literal() {
        check("{{year}}", "`{year}`");
        check("{{{year}}}", "`{` <year> `}`");
        check("}}{{", "`}{`");
    }

    #[test]
    fn every_fault_is_found() {
        check_errors(
            "{strem_name}/{}/{da te}/}{date",
            &[
                (
                    "{strem_name}",
                    "unknown macro `strem_name`, did you mean `{stream_name}`?",
                ),
                ("{}", "a macro needs a name"),
                (
                    "{da te}",
                    "`da te` is no macro name, did you mean `{date}`?",
                ),
                (
                    "}",
                    "no macro begins before this brace (a literal one is written `}}`)",
                ),
                (
                    "{date",
                    "this brace isn't closed (a literal one is written `{{`)",
                ),
            ],
        );
    }

    #[test]
    fn an_unclosed_brace_hides_nothing_behind_it() {
        check_errors(
            "{year/{mnth}",
            &[
                (
                    "{year",
                    "this brace isn't closed (a literal one is written `{{`)",
                ),
                ("{mnth}", "unknown macro `mnth`, did you mean `{month}`?"),
            ],
        );
        check_errors(
            "{{}",
            &[(
                "}",
                "no macro begins before this brace (a literal one is written `}}`)",
            )],
        );
        check_errors("{?}", &[("{?}", "a macro needs a name")]);
    }

    #[test]
    fn a_name_that_is_far_from_all_suggests_none() {
        check_errors("{customer}", &[("{customer}", "unknown macro `customer`")]);
        check_errors("{a:b}", &[("{a:b}", "`a:b` is no macro name")]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[{}a-z?/.é ]{0,24}") {
            let (nodes, errors) = parse(&text, &MacroSet::standard());
            for span in nodes.iter().map(Node::span).chain(errors.iter().map(|e| e.span)) {
                prop_assert!(text.get(span.start..span.end).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
