//! What a role or a user may do, in every form.

use super::command::Command;
use super::form::Form;
use super::hcl::{self, Block};
use super::template::{resource, template};
use super::terraform::{policy_document, reference_to};
use super::{ACCESS_POLICY, LABEL, yaml};
use crate::access::{Grant, IamName, Tree};

/// A grant, and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDocument {
    /// What may be done.
    pub grant: Grant,
    /// Who may do it.
    pub holder: Holder,
}

/// Who holds a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A role, which [`TrustDocument`](super::TrustDocument) makes.
    Role(IamName),
    /// A user with access keys, made with the grant.
    User(IamName),
}

impl AccessDocument {
    /// The access policy itself as JSON; in the other forms, what gives it to its holder.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Json => self.grant.policy().json(),
            Form::Terraform => self.terraform(),
            Form::CloudFormation => yaml::file(&self.template()),
            Form::Cli => self.commands(),
        }
    }

    fn terraform(&self) -> String {
        let label = format!("{LABEL}_access");
        let policy = policy_document(&label, &self.grant.policy().statements);
        let kind = match &self.holder {
            Holder::Role(_) => "role",
            Holder::User(_) => "user",
        };
        let of = format!("aws_iam_{kind}_policy");
        let inline = Block::labelled("resource", &of, &label)
            .text("name", ACCESS_POLICY)
            .expression(kind, format!("aws_iam_{kind}.{LABEL}.name"))
            .expression("policy", reference_to(&label));
        match &self.holder {
            Holder::Role(_) => hcl::file(&[policy, inline]),
            Holder::User(name) => {
                let user = Block::labelled("resource", "aws_iam_user", LABEL);
                hcl::file(&[user.text("name", name.as_str()), policy, inline])
            }
        }
    }

    fn template(&self) -> Tree {
        let policy = [
            ("PolicyName", ACCESS_POLICY.into()),
            ("PolicyDocument", self.grant.policy().tree()),
        ];
        match &self.holder {
            Holder::Role(name) => {
                let role = ("RoleName", name.as_str().into());
                let properties = Tree::map([role].into_iter().chain(policy));
                let resource = resource("AWS::IAM::RolePolicy", properties);
                Tree::map(template(
                    "What the role of Spile may do",
                    "SpileAccess",
                    resource,
                ))
            }
            Holder::User(name) => {
                let properties = Tree::map([
                    ("UserName", name.as_str().into()),
                    ("Policies", Tree::List(vec![Tree::map(policy)])),
                ]);
                let resource = resource("AWS::IAM::User", properties);
                Tree::map(template(
                    "The user of Spile and what it may do",
                    "SpileUser",
                    resource,
                ))
            }
        }
    }

    fn commands(&self) -> String {
        let policy = self.grant.policy().json();
        let put = |words, option, name: &IamName| {
            Command::new(words)
                .option(option, name.as_str())
                .option("--policy-name", ACCESS_POLICY)
                .option("--policy-document", policy.trim_end())
        };
        match &self.holder {
            Holder::Role(name) => put("aws iam put-role-policy", "--role-name", name).to_string(),
            Holder::User(name) => {
                let create =
                    Command::new("aws iam create-user").option("--user-name", name.as_str());
                let put = put("aws iam put-user-policy", "--user-name", name);
                format!("{create}\n{put}")
            }
        }
    }
}

impl Holder {
    /// Its name.
    pub fn name(&self) -> &IamName {
        match self {
            Holder::Role(name) | Holder::User(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::access::{BucketName, Scope};

    fn document(holder: fn(IamName) -> Holder) -> AccessDocument {
        let scope = Scope::bucket(BucketName::new("acme-landing").unwrap());
        AccessDocument {
            grant: Grant::new(scope.under("it's raw".parse().unwrap())),
            holder: holder(IamName::new("spile").unwrap()),
        }
    }

    #[test]
    fn json_is_the_policy_alone() {
        let document = document(Holder::Role);
        assert_eq!(document.text(Form::Json), document.grant.policy().json());
    }

    #[test]
    fn terraform_gives_it_to_the_role() {
        assert_snapshot!(document(Holder::Role).text(Form::Terraform), @r#"
        data "aws_iam_policy_document" "spile_access" {
          statement {
            sid    = "SpileLoadObjects"
            effect = "Allow"
            actions = [
              "s3:GetObject",
              "s3:PutObject",
              "s3:DeleteObject",
            ]
            resources = ["arn:aws:s3:::acme-landing/it's raw/*"]
          }

          statement {
            sid       = "SpileLoadList"
            effect    = "Allow"
            actions   = ["s3:ListBucket"]
            resources = ["arn:aws:s3:::acme-landing"]

            condition {
              test     = "StringLike"
              variable = "s3:prefix"
              values   = ["it's raw/*"]
            }
          }

          statement {
            sid       = "SpileLoadBucket"
            effect    = "Allow"
            actions   = ["s3:GetBucketLocation"]
            resources = ["arn:aws:s3:::acme-landing"]
          }
        }

        resource "aws_iam_role_policy" "spile_access" {
          name   = "spile-access"
          role   = aws_iam_role.spile.name
          policy = data.aws_iam_policy_document.spile_access.json
        }
        "#);
    }

    #[test]
    fn terraform_makes_a_user_that_has_it() {
        let text = document(Holder::User).text(Form::Terraform);
        assert_snapshot!(without_policy(&text, "data \"", "resource \"aws_iam_user_policy\""), @r#"
        resource "aws_iam_user" "spile" {
          name = "spile"
        }

        …resource "aws_iam_user_policy" "spile_access" {
          name   = "spile-access"
          user   = aws_iam_user.spile.name
          policy = data.aws_iam_policy_document.spile_access.json
        }
        "#);
    }

    #[test]
    fn cloudformation_gives_it_to_the_role() {
        assert_snapshot!(document(Holder::Role).text(Form::CloudFormation), @r#"
        AWSTemplateFormatVersion: "2010-09-09"
        Description: What the role of Spile may do
        Resources:
          SpileAccess:
            Type: AWS::IAM::RolePolicy
            Properties:
              RoleName: spile
              PolicyName: spile-access
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Sid: SpileLoadObjects
                    Effect: Allow
                    Action:
                      - s3:GetObject
                      - s3:PutObject
                      - s3:DeleteObject
                    Resource: "arn:aws:s3:::acme-landing/it's raw/*"
                  - Sid: SpileLoadList
                    Effect: Allow
                    Action: s3:ListBucket
                    Resource: arn:aws:s3:::acme-landing
                    Condition:
                      StringLike:
                        s3:prefix: "it's raw/*"
                  - Sid: SpileLoadBucket
                    Effect: Allow
                    Action: s3:GetBucketLocation
                    Resource: arn:aws:s3:::acme-landing
        "#);
    }

    #[test]
    fn cloudformation_makes_a_user_that_has_it() {
        assert_snapshot!(document(Holder::User).text(Form::CloudFormation), @r#"
        AWSTemplateFormatVersion: "2010-09-09"
        Description: The user of Spile and what it may do
        Resources:
          SpileUser:
            Type: AWS::IAM::User
            Properties:
              UserName: spile
              Policies:
                - PolicyName: spile-access
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: SpileLoadObjects
                        Effect: Allow
                        Action:
                          - s3:GetObject
                          - s3:PutObject
                          - s3:DeleteObject
                        Resource: "arn:aws:s3:::acme-landing/it's raw/*"
                      - Sid: SpileLoadList
                        Effect: Allow
                        Action: s3:ListBucket
                        Resource: arn:aws:s3:::acme-landing
                        Condition:
                          StringLike:
                            s3:prefix: "it's raw/*"
                      - Sid: SpileLoadBucket
                        Effect: Allow
                        Action: s3:GetBucketLocation
                        Resource: arn:aws:s3:::acme-landing
        "#);
    }

    #[test]
    fn a_command_gives_it_to_the_role() {
        assert_snapshot!(document(Holder::Role).text(Form::Cli), @r#"
        aws iam put-role-policy \
          --role-name spile \
          --policy-name spile-access \
          --policy-document '{
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "SpileLoadObjects",
              "Effect": "Allow",
              "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject"
              ],
              "Resource": "arn:aws:s3:::acme-landing/it'\''s raw/*"
            },
            {
              "Sid": "SpileLoadList",
              "Effect": "Allow",
              "Action": "s3:ListBucket",
              "Resource": "arn:aws:s3:::acme-landing",
              "Condition": {
                "StringLike": {
                  "s3:prefix": "it'\''s raw/*"
                }
              }
            },
            {
              "Sid": "SpileLoadBucket",
              "Effect": "Allow",
              "Action": "s3:GetBucketLocation",
              "Resource": "arn:aws:s3:::acme-landing"
            }
          ]
        }'
        "#);
    }

    #[test]
    fn commands_make_a_user_that_has_it() {
        let text = document(Holder::User).text(Form::Cli);
        assert_snapshot!(without_policy(&text, "{", "}'"), @r"
        aws iam create-user --user-name spile

        aws iam put-user-policy \
          --user-name spile \
          --policy-name spile-access \
          --policy-document '…}'
        ");
    }

    /// The policy is the same for both.
    fn without_policy(text: &str, from: &str, to: &str) -> String {
        let (start, end) = (text.find(from).unwrap(), text.rfind(to).unwrap());
        format!("{}…{}", &text[..start], &text[end..])
    }
}
