//! Who may take on a role.

use super::account_id::AccountId;
use super::action::Action;
use super::external_id::ExternalId;
use super::partition::Partition;
use super::policy::{Condition, Policy, Statement};
use super::role_arn::RoleArn;

/// Who may take on a role: an account, and of its requests only those that come with the External
/// ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The part of AWS that role and account are in.
    pub partition: Partition,
    /// The account of whoever takes on the role.
    pub account: AccountId,
    /// What it has to say.
    pub external_id: ExternalId,
}

impl Trust {
    /// The trust policy of the role.
    pub fn policy(&self) -> Policy {
        Policy {
            statements: vec![self.statement()],
        }
    }

    /// Its one statement.
    pub fn statement(&self) -> Statement {
        Statement {
            sid: "SpileTrust".to_owned(),
            principal: Some(self.account.root_arn(self.partition)),
            actions: vec![Action::AssumeRole],
            resources: Vec::new(),
            condition: Some(Condition::ExternalId(self.external_id.clone())),
        }
    }
}

impl Statement {
    /// What allows a user or a role of the account that is trusted to take on a role: the other
    /// half of the trust, in the policy of whoever asks.
    pub fn assuming(role: &RoleArn) -> Self {
        Statement {
            sid: "SpileAssume".to_owned(),
            principal: None,
            actions: vec![Action::AssumeRole],
            resources: vec![role.to_string()],
            condition: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn trust(partition: Partition) -> Trust {
        Trust {
            partition,
            account: AccountId::new("111111111111").unwrap(),
            external_id: ExternalId::new("hush").unwrap(),
        }
    }

    #[test]
    fn a_role_trusts_an_account_that_knows_the_external_id() {
        assert_snapshot!(trust(Partition::Aws).policy().json(), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "SpileTrust",
              "Effect": "Allow",
              "Principal": {
                "AWS": "arn:aws:iam::111111111111:root"
              },
              "Action": "sts:AssumeRole",
              "Condition": {
                "StringEquals": {
                  "sts:ExternalId": "hush"
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn other_parts_of_aws_have_other_arns() {
        let principal = trust(Partition::AwsUsGov).statement().principal;
        assert_eq!(
            principal.as_deref(),
            Some("arn:aws-us-gov:iam::111111111111:root")
        );
    }

    #[test]
    fn the_external_id_is_shown_in_the_document_alone() {
        let shown = format!("{:?}", trust(Partition::Aws).policy());
        assert!(
            shown.contains("sha256:") && !shown.contains("hush"),
            "{shown}"
        );
    }

    #[test]
    fn whoever_asks_needs_a_statement_too() {
        let role = "arn:aws:iam::222222222222:role/spile".parse().unwrap();
        assert_snapshot!(Statement::assuming(&role).json(), @r#"
        {
          "Sid": "SpileAssume",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": "arn:aws:iam::222222222222:role/spile"
        }
        "#);
    }
}
