//! Templates of CloudFormation.

use crate::access::Tree;

/// A template of CloudFormation with one resource.
pub(super) fn template(description: &str, name: &str, resource: Tree) -> Vec<(&'static str, Tree)> {
    vec![
        ("AWSTemplateFormatVersion", "2010-09-09".into()),
        ("Description", description.into()),
        ("Resources", Tree::map([(name, resource)])),
    ]
}

/// A resource with nothing but its properties.
pub(super) fn resource(of: &str, properties: Tree) -> Tree {
    Tree::map([("Type", of.into()), ("Properties", properties)])
}
