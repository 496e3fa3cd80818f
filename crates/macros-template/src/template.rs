use std::fmt;

use crate::parse::parse;
use crate::segments;
use crate::{MacroSet, Span, TemplateErrors};

/// A key template: text with macros in braces.
///
/// A template can't render by itself; a [`KeyPlan`](crate::KeyPlan) that was checked against a
/// stream can. Its `Display` prints it back. Two templates are equal when they print the same.
///
/// ```
/// use spile_macros_template::{MacroSet, Node, Template};
///
/// let template = Template::parse("raw/{namespace?}/{stream_name}.csv", &MacroSet::standard())?;
/// let macros = template.nodes().iter().filter(|node| matches!(node, Node::Macro { .. }));
/// assert_eq!(macros.count(), 2);
/// assert_eq!(template.to_string(), "raw/{namespace?}/{stream_name}.csv");
/// # Ok::<(), spile_macros_template::TemplateErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    nodes: Vec<Node>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text that is in every key as it stands, doubled braces already made single.
    Literal {
        /// The text, never empty.
        text: String,
        /// Where the user wrote it; empty for a prefix that was put before the template.
        span: Span,
    },
    /// A macro.
    Macro {
        /// The name without braces and `?`.
        name: String,
        /// Whether it was written with a `?`, so that its value may be empty.
        optional: bool,
        /// Where the user wrote it, braces included.
        span: Span,
    },
}

impl Template {
    /// Parses `text`, in which any of `macros` may be used.
    ///
    /// # Errors
    ///
    /// All faults of the text together, each with its place: braces that don't match, names that
    /// are no macro's, literal text that no key could have (see
    /// [`TemplateErrorKind`](crate::TemplateErrorKind)).
    ///
    /// ```
    /// use spile_macros_template::{MacroSet, Template};
    ///
    /// let errors = Template::parse("{strem_name}/{date", &MacroSet::standard()).unwrap_err();
    /// assert_eq!(errors.errors().len(), 2);
    /// ```
    pub fn parse(text: &str, macros: &MacroSet) -> Result<Self, TemplateErrors> {
        let (nodes, mut errors) = parse(text, macros);
        errors.extend(segments::check(text, &nodes));
        if errors.is_empty() {
            return Ok(Self {
                source: text.to_owned(),
                nodes,
            });
        }
        Err(TemplateErrors::new(text, errors))
    }

    /// The template with a literal folder before it: `prefix`, then `/`.
    ///
    /// Slashes at the ends of `prefix` are dropped, and an empty one changes nothing. A prefix
    /// that no key could have is found when the template is planned. Spans stay those of the
    /// user's text.
    ///
    /// ```
    /// # use spile_macros_template::{MacroSet, Template};
    /// let template = Template::parse("{stream_name}.csv", &MacroSet::standard())?;
    /// assert_eq!(template.under("raw/2024").to_string(), "raw/2024/{stream_name}.csv");
    /// # Ok::<(), spile_macros_template::TemplateErrors>(())
    /// ```
    #[must_use]
    pub fn under(&self, prefix: &str) -> Self {
        let folder = prefix.trim_matches('/');
        let mut template = self.clone();
        if !folder.is_empty() {
            let node = Node::Literal {
                text: format!("{folder}/"),
                span: Span::new(0, 0),
            };
            template.nodes.insert(0, node);
        }
        template
    }

    /// The pieces, in order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text as the user wrote it, which the spans count in; without any prefix.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Template {}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes.iter().try_for_each(|node| node.fmt(f))
    }
}

impl Node {
    /// Where the user wrote it.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Literal { span, .. } | Self::Macro { span, .. } => *span,
        }
    }
}

/// The node as a template has it.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal { text, .. } => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Self::Macro {
                name,
                optional: false,
                ..
            } => write!(f, "{{{name}}}"),
            Self::Macro {
                name,
                optional: true,
                ..
            } => write!(f, "{{{name}?}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::strategies;

    fn parse(text: &str) -> Template {
        Template::parse(text, &MacroSet::standard()).unwrap()
    }

    #[test]
    fn a_prefix_leaves_spans_alone() {
        let template = parse("{stream_name}/x").under("/raw/{2024}/");
        assert_eq!(template.to_string(), "raw/{{2024}}/{stream_name}/x");
        assert_eq!(template.source(), "{stream_name}/x");
        assert_eq!(template.nodes()[0].span(), Span::new(0, 0));
        assert_eq!(template.nodes()[1].span(), Span::new(0, 13));
        assert_eq!(template, parse("raw/{{2024}}/{stream_name}/x"));
    }

    #[test]
    fn an_empty_prefix_changes_nothing() {
        for prefix in ["", "/", "//"] {
            assert_eq!(parse("{year}").under(prefix), parse("{year}"));
        }
    }

    proptest! {
        #[test]
        fn what_is_parsed_prints_back(text in strategies::template()) {
            let template = parse(&text);
            prop_assert_eq!(template.to_string(), text);
        }

        #[test]
        fn what_is_printed_parses_back(text in strategies::template(), prefix in "[a-z{}]{1,8}") {
            let template = parse(&text).under(&prefix);
            prop_assert_eq!(parse(&template.to_string()), template);
        }

        #[test]
        fn spans_cover_the_text(text in strategies::template()) {
            let template = parse(&text);
            let spans: Vec<_> = template.nodes().iter().map(|node| node.span().of(&text)).collect();
            prop_assert_eq!(spans.concat(), text);
        }
    }
}
