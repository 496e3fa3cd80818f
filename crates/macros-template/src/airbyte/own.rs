//! Which placeholders have no counterpart in Spile's own syntax.

use crate::{Node, Span};

/// The places of those whose `/` would vanish with them in Spile's own syntax, and stays in
/// Airbyte's: optional ones between other text of their segment and its end.
pub(super) fn without_counterpart(nodes: &[Node]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut segment_has_text = false;
    let behind = nodes.iter().skip(1).map(Some).chain([None]);
    for (node, next) in nodes.iter().zip(behind) {
        match node {
            Node::Literal { text, .. } => segment_has_text = !text.ends_with('/'),
            Node::Macro {
                optional: true,
                span,
                ..
            } => {
                if segment_has_text && next.is_some_and(begins_with_slash) {
                    found.push(*span);
                }
            }
            Node::Macro { .. } => segment_has_text = true,
        }
    }
    found
}

fn begins_with_slash(node: &Node) -> bool {
    matches!(node, Node::Literal { text, .. } if text.starts_with('/'))
}
