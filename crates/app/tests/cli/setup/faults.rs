//! What can't be set up: all faults are told at once.

use insta::assert_snapshot;

use crate::kit::{Desk, Ran};

fn setup(flags: &str) -> Ran {
    let ran = Desk::new().run(&format!("spile setup {flags}"));
    assert!(ran.stdout.is_empty(), "{ran}");
    ran
}

#[test]
fn all_faults_of_a_guide() {
    let flags = "--bucket Acme --prefix 'raw/*' --account 1234-5678-9012 --external-id x \
                 --kms-key alias/landing --partition aws_cn --name 'data/spile'";
    assert_snapshot!(setup(flags), @r"
    exit 3
    error: --bucket: the bucket `Acme` can't be used: it has upper-case letters
      hint: a name has 3 to 63 lower-case letters, digits and `-`, such as acme-landing
    error: --prefix: the prefix `raw/*` can't be used: policies read `*` and `?` as wildcards
      hint: write the folders that all keys begin with, such as raw/sales
    error: --kms-key: the key `alias/landing` can't be used: it doesn't begin with `arn:`
      hint: write it like arn:aws:kms:eu-west-1:222222222222:key/ID; `aws kms describe-key --key-id KEY` shows it
    error: --partition: the partition `aws_cn` can't be used: there is none of this name
      hint: write aws, aws-cn (China) or aws-us-gov (GovCloud)
    error: --account: the account `1234-5678-9012` can't be used: it has more than digits
      hint: write the twelve digits alone, such as 111111111111; `aws sts get-caller-identity` shows yours
    error: --external-id: the External ID can't be used: it has fewer than 2 characters
      hint: it has 2 to 1,224 letters, digits and characters of _+=,.@:/-; `spile setup external-id` prints a fresh one
    error: --name: the name `data/spile` can't be used: a name has letters, digits and characters of _+=,.@- only
      hint: write the name alone, such as spile
    ");
}

#[test]
fn all_faults_of_a_document() {
    assert_snapshot!(setup("policy --bucket s3://acme --prefix '{stream_name}'"), @r"
    exit 3
    error: --bucket: the bucket `s3://acme` can't be used: the name alone is expected
      hint: a name has 3 to 63 lower-case letters, digits and `-`, such as acme-landing
    error: --prefix: the prefix `{stream_name}` can't be used: it has braces, and macros differ from run to run
      hint: write the folders that all keys begin with, such as raw/sales
    ");
    assert_snapshot!(setup("trust --account 12 --external-id 'a b'"), @r"
    exit 3
    error: --account: the account `12` can't be used: it doesn't have twelve digits
      hint: write the twelve digits alone, such as 111111111111; `aws sts get-caller-identity` shows yours
    error: --external-id: the External ID can't be used: it has the character ` `
      hint: it has 2 to 1,224 letters, digits and characters of _+=,.@:/-; `spile setup external-id` prints a fresh one
    ");
}

#[test]
fn an_arn_of_something_else() {
    let flags = "--bucket acme --role-arn arn:aws:sts::222222222222:assumed-role/spile/run";
    assert_snapshot!(setup(flags), @r"
    exit 3
    error: --role-arn: the role `arn:aws:sts::222222222222:assumed-role/spile/run` can't be used: it is a session of a role, not the role itself
      hint: write it like arn:aws:iam::222222222222:role/spile
    ");
}

#[test]
fn arns_of_different_parts_of_aws() {
    let flags = "--bucket acme --role-arn arn:aws:iam::222222222222:role/spile \
                 --kms-key arn:aws-cn:kms:cn-north-1:222222222222:key/12ab";
    assert_snapshot!(setup(flags), @r"
    exit 3
    error: --kms-key: this is in aws-cn, but --role-arn says aws
      hint: a role, its bucket and its key are in the same part of AWS
    ");
}

#[test]
fn what_means_nothing_for_a_key() {
    let flags = "--bucket acme --method access-key --account 111111111111 --external-id hush";
    assert_snapshot!(setup(flags), @r"
    exit 3
    error: --account: a user with an access key isn't taken on as roles are
      hint: leave it out, or choose --method role
    error: --external-id: a user with an access key isn't taken on as roles are
      hint: leave it out, or choose --method role
    ");
}

#[test]
fn what_is_missing() {
    assert_snapshot!(setup(""), @r"
    exit 2
    error: the following required arguments were not provided:
      --bucket <BUCKET>

    Usage: spile setup --bucket <BUCKET> --log <FILTER>

    For more information, try '--help'.
    ");
    assert_snapshot!(setup("trust"), @r"
    exit 2
    error: the following required arguments were not provided:
      --account <ACCOUNT>
      --external-id <ID>

    Usage: spile setup trust --account <ACCOUNT> --external-id <ID> --log <FILTER>

    For more information, try '--help'.
    ");
    assert_snapshot!(setup("policy --bucket acme --as yaml"), @r"
    exit 2
    error: invalid value 'yaml' for '--as <FORM>'
      [possible values: json, terraform, cloudformation, cli]

    For more information, try '--help'.
    ");
}
