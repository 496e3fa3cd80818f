//! Documents alone on stdout, and the configuration in the guide.

use insta::assert_snapshot;

use crate::kit::Desk;

#[test]
fn the_access_policy_is_json_alone() {
    assert_snapshot!(Desk::new().run("spile setup policy --bucket acme-landing"), @r#"
    exit 0
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "SpileLoad",
          "Effect": "Allow",
          "Action": [
            "s3:GetObject",
            "s3:PutObject",
            "s3:ListBucket",
            "s3:GetBucketLocation",
            "s3:DeleteObject"
          ],
          "Resource": [
            "arn:aws:s3:::acme-landing",
            "arn:aws:s3:::acme-landing/*"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn the_trust_policy_is_json_alone() {
    let line = "spile setup trust --account 111111111111 --external-id hush";
    assert_snapshot!(Desk::new().run(line), @r#"
    exit 0
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
fn what_is_asked_for_is_added() {
    let key = "arn:aws-cn:kms:cn-north-1:222222222222:key/12ab";
    let line = format!(
        "spile setup policy --bucket acme-landing --prefix /raw/ --abort-multipart --object-tags \
         --kms-key {key} | grep -E 'Action|Resource|s3:|kms:'"
    );
    assert_snapshot!(Desk::new().ok(&line).stdout, @r#"
    "Action": [
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject"
    "Resource": "arn:aws-cn:s3:::acme-landing/raw/*"
    "Action": "s3:ListBucket",
    "Resource": "arn:aws-cn:s3:::acme-landing",
        "s3:prefix": "raw/*"
    "Action": "s3:GetBucketLocation",
    "Resource": "arn:aws-cn:s3:::acme-landing"
    "Action": "s3:AbortMultipartUpload",
    "Resource": "arn:aws-cn:s3:::acme-landing/raw/*"
    "Action": "s3:ListBucketMultipartUploads",
    "Resource": "arn:aws-cn:s3:::acme-landing"
    "Action": "s3:PutObjectTagging",
    "Resource": "arn:aws-cn:s3:::acme-landing/raw/*"
    "Action": [
      "kms:GenerateDataKey",
      "kms:Decrypt"
    "Resource": "arn:aws-cn:kms:cn-north-1:222222222222:key/12ab"
    "#);
}

#[test]
fn an_external_id_is_fresh_each_time() {
    let desk = Desk::new();
    desk.ok("spile setup external-id > a; spile setup external-id > b");
    let (a, b) = (desk.read("a"), desk.read("b"));
    assert_ne!(a, b);
    assert_eq!(a.trim_end().len(), 36, "{a}");
    desk.ok("spile setup trust --account 111111111111 --external-id $(cat a)");
}

/// The configuration that the guide shows is one.
fn check_configuration(flags: &str) {
    let desk = Desk::new();
    desk.write("events.jsonl", "{\"id\":1}\n");
    desk.ok(&format!(
        "spile setup --bucket acme-landing {flags} > setup.md"
    ));
    let page = desk.read("setup.md");
    let (_, rest) = page.split_once("```toml\n").expect("a configuration");
    desk.write("spile.toml", rest.split("```").next().expect("an end"));
    let planned = desk.ok("spile plan events.jsonl --config spile.toml");
    assert!(planned.stdout.contains("1 record"), "{planned}");
}

#[test]
fn the_guide_has_a_configuration_that_is_one() {
    check_configuration("--account 111111111111");
    check_configuration("--prefix raw/sales");
    check_configuration("--kms-key arn:aws-cn:kms:cn-north-1:222222222222:key/12ab");
    check_configuration("--method access-key");
}

/// Who doesn't know the account yet is given a command to print the document with.
#[test]
fn the_guide_has_a_command_that_is_one() {
    for form in ["json", "terraform", "cloudformation", "cli"] {
        let desk = Desk::new();
        desk.ok(&format!(
            "spile setup --bucket acme --partition aws-cn --name loads --as {form} > setup.md"
        ));
        let page = desk.read("setup.md");
        let start = page.find("spile setup trust").expect("a command");
        let command = page[start..].split("```").next().expect("an end");
        let printed = desk.ok(command).stdout;
        assert!(
            printed.contains("arn:aws-cn:iam::111111111111:root"),
            "{printed}"
        );
        assert_eq!(printed.starts_with('{'), form == "json", "{printed}");
        assert_eq!(printed.contains("loads"), form != "json", "{printed}");
    }
}
