//! Policies as the AWS provider of Terraform has them.

use super::hcl::Block;
use crate::access::Statement;

/// A policy as Terraform has it.
pub(super) fn policy_document(label: &str, statements: &[Statement]) -> Block {
    let document = Block::labelled("data", "aws_iam_policy_document", label);
    statements
        .iter()
        .map(statement)
        .fold(document, Block::block)
}

/// What refers to [`policy_document`].
pub(super) fn reference_to(label: &str) -> String {
    format!("data.aws_iam_policy_document.{label}.json")
}

fn statement(statement: &Statement) -> Block {
    let names = statement.actions.iter().map(ToString::to_string);
    let mut block = Block::new("statement")
        .text("sid", statement.sid.as_str())
        .text("effect", "Allow")
        .list("actions", names.collect());
    if !statement.resources.is_empty() {
        block = block.list("resources", statement.resources.clone());
    }
    if let Some(arn) = &statement.principal {
        let principals = Block::new("principals")
            .text("type", "AWS")
            .list("identifiers", vec![arn.clone()]);
        block = block.block(principals);
    }
    if let Some(condition) = &statement.condition {
        let condition = Block::new("condition")
            .text("test", condition.operator())
            .text("variable", condition.key())
            .list("values", vec![condition.expose().to_owned()]);
        block = block.block(condition);
    }
    block
}
