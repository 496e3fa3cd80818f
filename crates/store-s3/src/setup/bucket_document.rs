//! A bucket without ACLs that isn't public, in the forms that make one.

use super::command::Command;
use super::form::Form;
use super::hcl::{self, Block};
use super::template::template;
use super::{LABEL, yaml};
use crate::access::{BucketName, Tree};

/// The settings that block what is public, as the API calls them.
const PUBLIC_ACCESS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

/// The same as Terraform calls them.
const TERRAFORM_PUBLIC_ACCESS: [&str; 4] = [
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
];

/// Who owns the objects: the bucket's owner, and ACLs say nothing.
const OWNERSHIP: &str = "BucketOwnerEnforced";

/// What makes the bucket; there is no JSON that does.
pub(super) fn text(bucket: &BucketName, form: Form) -> Option<String> {
    match form {
        Form::Json => None,
        Form::Terraform => Some(terraform(bucket)),
        Form::CloudFormation => Some(yaml::file(&bucket_template(bucket))),
        Form::Cli => Some(commands(bucket)),
    }
}

fn terraform(bucket: &BucketName) -> String {
    let id = format!("aws_s3_bucket.{LABEL}.id");
    let of_bucket = |of| Block::labelled("resource", of, LABEL).expression("bucket", id.as_str());
    let rule = Block::new("rule").text("object_ownership", OWNERSHIP);
    let public_access = of_bucket("aws_s3_bucket_public_access_block");
    hcl::file(&[
        Block::labelled("resource", "aws_s3_bucket", LABEL).text("bucket", bucket.as_str()),
        of_bucket("aws_s3_bucket_ownership_controls").block(rule),
        TERRAFORM_PUBLIC_ACCESS
            .into_iter()
            .fold(public_access, |block, name| block.expression(name, "true")),
    ])
}

fn bucket_template(bucket: &BucketName) -> Tree {
    let rule = Tree::map([("ObjectOwnership", OWNERSHIP.into())]);
    let blocked = PUBLIC_ACCESS.map(|name| (name, "true".into()));
    let properties = Tree::map([
        ("BucketName", bucket.as_str().into()),
        (
            "OwnershipControls",
            Tree::map([("Rules", Tree::List(vec![rule]))]),
        ),
        ("PublicAccessBlockConfiguration", Tree::map(blocked)),
    ]);
    // What has been loaded outlives the stack.
    let resource = Tree::map([
        ("Type", "AWS::S3::Bucket".into()),
        ("DeletionPolicy", "Retain".into()),
        ("UpdateReplacePolicy", "Retain".into()),
        ("Properties", properties),
    ]);
    Tree::map(template(
        "The bucket that Spile loads into",
        "SpileBucket",
        resource,
    ))
}

fn commands(bucket: &BucketName) -> String {
    let blocked = PUBLIC_ACCESS.map(|name| format!("{name}=true"));
    let commands = [
        Command::new("aws s3 mb").argument(&format!("s3://{bucket}")),
        Command::new("aws s3api put-bucket-ownership-controls")
            .option("--bucket", bucket.as_str())
            .option(
                "--ownership-controls",
                format!("Rules=[{{ObjectOwnership={OWNERSHIP}}}]"),
            ),
        Command::new("aws s3api put-public-access-block")
            .option("--bucket", bucket.as_str())
            .option("--public-access-block-configuration", blocked.join(",")),
    ];
    commands.map(|command| command.to_string()).join("\n")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn of(form: Form) -> String {
        text(&BucketName::new("acme-landing").unwrap(), form).unwrap()
    }

    #[test]
    fn terraform_makes_the_bucket() {
        assert_snapshot!(of(Form::Terraform), @r#"
        resource "aws_s3_bucket" "spile" {
          bucket = "acme-landing"
        }

        resource "aws_s3_bucket_ownership_controls" "spile" {
          bucket = aws_s3_bucket.spile.id

          rule {
            object_ownership = "BucketOwnerEnforced"
          }
        }

        resource "aws_s3_bucket_public_access_block" "spile" {
          bucket                  = aws_s3_bucket.spile.id
          block_public_acls       = true
          ignore_public_acls      = true
          block_public_policy     = true
          restrict_public_buckets = true
        }
        "#);
    }

    #[test]
    fn cloudformation_makes_the_bucket() {
        assert_snapshot!(of(Form::CloudFormation), @r#"
        AWSTemplateFormatVersion: "2010-09-09"
        Description: The bucket that Spile loads into
        Resources:
          SpileBucket:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketName: acme-landing
              OwnershipControls:
                Rules:
                  - ObjectOwnership: BucketOwnerEnforced
              PublicAccessBlockConfiguration:
                BlockPublicAcls: "true"
                IgnorePublicAcls: "true"
                BlockPublicPolicy: "true"
                RestrictPublicBuckets: "true"
        "#);
    }

    #[test]
    fn commands_make_the_bucket() {
        assert_snapshot!(of(Form::Cli), @r"
        aws s3 mb s3://acme-landing

        aws s3api put-bucket-ownership-controls \
          --bucket acme-landing \
          --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'

        aws s3api put-public-access-block \
          --bucket acme-landing \
          --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
        ");
    }
}
