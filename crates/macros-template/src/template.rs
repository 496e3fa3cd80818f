use std::fmt;

use crate::parse::parse;
use crate::{KeySyntax, MacroSet, Span, TemplateError, TemplateErrors, airbyte, segments};

/// A key template: text with macros in braces.
///
/// A template can't render by itself; a [`KeyPlan`](crate::KeyPlan) that was checked against a
/// stream can. Its `Display` prints it back, in Spile's own syntax whatever it was written in. Two
/// templates are equal when they are of one syntax and print the same.
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
    syntax: KeySyntax,
    nodes: Vec<Node>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text that is in every key as it stands, doubled braces already made single.
    Literal {
        /// The text, never empty.
        text: String,
        /// Where the user wrote it; empty for a prefix that was put before the template, and for
        /// what a placeholder of another syntax adds.
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
        Self::checked(text, KeySyntax::Spile, parse(text, macros))
    }

    /// Parses `text` in the syntax of [`airbyte`]: a path format and, right behind it, a file name
    /// pattern. Several slashes in a row are one, also where a namespace between them is empty, and
    /// one at the beginning is none.
    ///
    /// # Errors
    ///
    /// All faults of the text together, each with its place. What stands in braces and is no
    /// placeholder is one.
    ///
    /// ```
    /// use spile_macros_template::Template;
    ///
    /// let template = Template::parse_airbyte("${STREAM_NAME}/{date}_{part_number}.csv")?;
    /// assert_eq!(template.to_string(), "{stream_name}/{date}_{part_index}.csv");
    /// assert!(Template::parse_airbyte("${STREAM}/{date:ww}.csv").is_err());
    /// # Ok::<(), spile_macros_template::TemplateErrors>(())
    /// ```
    pub fn parse_airbyte(text: &str) -> Result<Self, TemplateErrors> {
        Self::checked(text, KeySyntax::Airbyte, airbyte::parse(text))
    }

    fn checked(
        text: &str,
        syntax: KeySyntax,
        (nodes, mut errors): (Vec<Node>, Vec<TemplateError>),
    ) -> Result<Self, TemplateErrors> {
        errors.extend(segments::check(text, &nodes));
        if errors.is_empty() {
            return Ok(Self {
                source: text.to_owned(),
                syntax,
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

    /// How it was written.
    #[must_use]
    pub fn syntax(&self) -> KeySyntax {
        self.syntax
    }

    /// The text as the user wrote it, which the spans count in; without any prefix.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.syntax == other.syntax && self.to_string() == other.to_string()
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
