//! The role and whom it trusts, in every form.

use super::command::Command;
use super::form::Form;
use super::hcl::{self, Block};
use super::template::{resource, template};
use super::terraform::{policy_document, reference_to};
use super::{LABEL, yaml};
use crate::access::{IamName, Tree, Trust};

/// A role with its trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustDocument {
    /// Whom it trusts.
    pub trust: Trust,
    /// The role's name.
    pub role: IamName,
}

impl TrustDocument {
    /// The trust policy itself as JSON; in the other forms, what makes the role of it.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Json => self.trust.policy().json(),
            Form::Terraform => self.terraform(),
            Form::CloudFormation => yaml::file(&self.template()),
            Form::Cli => self.command().to_string(),
        }
    }

    fn terraform(&self) -> String {
        let label = format!("{LABEL}_trust");
        let policy = policy_document(&label, &self.trust.policy().statements);
        let role = Block::labelled("resource", "aws_iam_role", LABEL)
            .text("name", self.role.as_str())
            .expression("assume_role_policy", reference_to(&label));
        hcl::file(&[policy, role])
    }

    fn template(&self) -> Tree {
        let properties = Tree::map([
            ("RoleName", self.role.as_str().into()),
            ("AssumeRolePolicyDocument", self.trust.policy().tree()),
        ]);
        let role = resource("AWS::IAM::Role", properties);
        let arn = Tree::map([(
            "Fn::GetAtt",
            Tree::List(vec!["SpileRole".into(), "Arn".into()]),
        )]);
        let output = Tree::map([
            (
                "Description",
                "What role_arn is in the configuration of Spile".into(),
            ),
            ("Value", arn),
        ]);
        let mut entries = template("The role that Spile takes on", "SpileRole", role);
        entries.push(("Outputs", Tree::map([("RoleArn", output)])));
        Tree::map(entries)
    }

    fn command(&self) -> Command {
        Command::new("aws iam create-role")
            .option("--role-name", self.role.as_str())
            .option(
                "--assume-role-policy-document",
                self.trust.policy().json().trim_end(),
            )
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::access::{AccountId, ExternalId, Partition};

    fn document() -> TrustDocument {
        TrustDocument {
            trust: Trust {
                partition: Partition::Aws,
                account: AccountId::new("111111111111").unwrap(),
                external_id: ExternalId::new("f52c7268-2359").unwrap(),
            },
            role: IamName::new("spile").unwrap(),
        }
    }

    #[test]
    fn json_is_the_trust_policy_alone() {
        let document = document();
        assert_eq!(document.text(Form::Json), document.trust.policy().json());
    }

    #[test]
    fn terraform_makes_the_role() {
        assert_snapshot!(document().text(Form::Terraform), @r#"
        data "aws_iam_policy_document" "spile_trust" {
          statement {
            sid     = "SpileTrust"
            effect  = "Allow"
            actions = ["sts:AssumeRole"]

            principals {
              type        = "AWS"
              identifiers = ["arn:aws:iam::111111111111:root"]
            }

            condition {
              test     = "StringEquals"
              variable = "sts:ExternalId"
              values   = ["f52c7268-2359"]
            }
          }
        }

        resource "aws_iam_role" "spile" {
          name               = "spile"
          assume_role_policy = data.aws_iam_policy_document.spile_trust.json
        }
        "#);
    }

    #[test]
    fn cloudformation_makes_the_role() {
        assert_snapshot!(document().text(Form::CloudFormation), @r#"
        AWSTemplateFormatVersion: "2010-09-09"
        Description: The role that Spile takes on
        Resources:
          SpileRole:
            Type: AWS::IAM::Role
            Properties:
              RoleName: spile
              AssumeRolePolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Sid: SpileTrust
                    Effect: Allow
                    Principal:
                      AWS: arn:aws:iam::111111111111:root
                    Action: sts:AssumeRole
                    Condition:
                      StringEquals:
                        sts:ExternalId: f52c7268-2359
        Outputs:
          RoleArn:
            Description: What role_arn is in the configuration of Spile
            Value:
              Fn::GetAtt:
                - SpileRole
                - Arn
        "#);
    }

    #[test]
    fn a_command_makes_the_role() {
        assert_snapshot!(document().text(Form::Cli), @r#"
        aws iam create-role \
          --role-name spile \
          --assume-role-policy-document '{
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
                  "sts:ExternalId": "f52c7268-2359"
                }
              }
            }
          ]
        }'
        "#);
    }
}
