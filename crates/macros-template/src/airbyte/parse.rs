//! Text to nodes. Like the parser of Spile's own syntax, it never stops at a fault.

use super::{date, placeholder};
use crate::{MacroSet, Node, Span, TemplateError, TemplateErrorKind};

/// The nodes of `text` and all its faults. Slashes in a row are one, and one at the beginning is
/// none. Where there is a fault, a node stands in for what was meant.
pub(crate) fn parse(text: &str) -> (Vec<Node>, Vec<TemplateError>) {
    let mut parser = Parser {
        text,
        macros: MacroSet::standard(),
        at: 0,
        after_slash: true,
        nodes: Vec::new(),
        errors: Vec::new(),
    };
    parser.run();
    (parser.nodes, parser.errors)
}

struct Parser<'a> {
    text: &'a str,
    macros: MacroSet,
    /// The first byte that isn't read yet.
    at: usize,
    /// A further slash would be one too many.
    after_slash: bool,
    nodes: Vec<Node>,
    errors: Vec<TemplateError>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) {
        while let Some(distance) = self.rest().find(['{', '}']) {
            let (before, brace) = self.rest().split_at(distance);
            let has_dollar = brace.starts_with('{') && before.ends_with('$');
            self.read_literal(distance - usize::from(has_dollar));
            if brace.starts_with('{') {
                self.read_placeholder(1 + usize::from(has_dollar));
            } else {
                self.refuse(1, TemplateErrorKind::StrayPlaceholderEnd);
            }
        }
        self.read_literal(self.rest().len());
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// A literal has a node for each stretch without doubled slashes, so that spans stay true.
    fn read_literal(&mut self, bytes: usize) {
        let end = self.at + bytes;
        while self.at < end {
            let rest = Span::new(self.at, end).of(self.text);
            if self.after_slash && rest.starts_with('/') {
                self.at += 1;
                continue;
            }
            let length = rest.find("//").map_or(rest.len(), |slash| slash + 1);
            let span = Span::new(self.at, self.at + length);
            self.push_literal(span.of(self.text).to_owned(), span);
            self.at += length;
        }
    }

    fn push_literal(&mut self, text: String, span: Span) {
        self.after_slash = text.ends_with('/');
        self.nodes.push(Node::Literal { text, span });
    }

    /// At a placeholder, whose opening has so many bytes. One that isn't closed ends where the next
    /// begins, or after what could be its name.
    fn read_placeholder(&mut self, opening: usize) {
        let body = self.rest().get(opening..).unwrap_or_default();
        match body.find(['{', '}']) {
            Some(end) if body[end..].starts_with('}') => self.end_placeholder(opening, end),
            _ => {
                let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
                let name_end = body.find(|c| !in_name(c)).unwrap_or(body.len());
                self.refuse(opening + name_end, TemplateErrorKind::UnclosedPlaceholder);
            }
        }
    }

    /// `name` is the length of what stands between the opening and the closing brace.
    fn end_placeholder(&mut self, opening: usize, name: usize) {
        let span = Span::new(self.at, self.at + opening + name + 1);
        match own_syntax(self.text, span) {
            Ok(own) => {
                self.push_own(&own, span);
                self.at = span.end;
            }
            Err(error) => {
                self.errors.push(error);
                self.stand_in(span);
            }
        }
    }

    /// The nodes of a placeholder: its macros stand where it does, and what it adds was not written.
    fn push_own(&mut self, own: &str, span: Span) {
        let (nodes, _) = crate::parse::parse(own, &self.macros);
        for node in nodes {
            match node {
                Node::Literal { text, .. } => {
                    let text = self.without_doubled_slashes(&text);
                    if !text.is_empty() {
                        self.push_literal(text, Span::new(span.start, span.start));
                    }
                }
                Node::Macro { name, optional, .. } => {
                    self.after_slash = false;
                    self.nodes.push(Node::Macro {
                        name,
                        optional,
                        span,
                    });
                }
            }
        }
    }

    fn without_doubled_slashes(&self, text: &str) -> String {
        let mut after_slash = self.after_slash;
        let is_kept = |c: &char| {
            let is_doubled = after_slash && *c == '/';
            after_slash = *c == '/';
            !is_doubled
        };
        text.chars().filter(is_kept).collect()
    }

    /// Notes a fault of the next bytes, and passes over them.
    fn refuse(&mut self, bytes: usize, kind: TemplateErrorKind) {
        let span = Span::new(self.at, self.at + bytes);
        self.errors.push(TemplateError { span, kind });
        self.stand_in(span);
    }

    fn stand_in(&mut self, span: Span) {
        self.nodes.push(Node::Macro {
            name: String::new(),
            optional: false,
            span,
        });
        self.after_slash = false;
        self.at = span.end;
    }
}

/// What the placeholder at `span` stands for, in Spile's own syntax.
fn own_syntax(text: &str, span: Span) -> Result<String, TemplateError> {
    const DATE: &str = "{date:";
    let written = span.of(text);
    if let Some(own) = placeholder::own_syntax(written) {
        return Ok(own.to_owned());
    }
    let pattern = written.strip_prefix(DATE);
    let pattern = pattern.and_then(|rest| rest.strip_suffix('}'));
    if let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) {
        return date::own_syntax(pattern).map_err(|part| {
            let start = span.start + DATE.len();
            TemplateError {
                span: Span::new(start + part.start, start + part.end),
                kind: TemplateErrorKind::DatePattern {
                    part: part.of(pattern).to_owned(),
                },
            }
        });
    }
    let kind = TemplateErrorKind::UnknownPlaceholder {
        written: written.to_owned(),
        nearest: placeholder::nearest_to(written).map(str::to_owned),
    };
    Err(TemplateError { span, kind })
}
