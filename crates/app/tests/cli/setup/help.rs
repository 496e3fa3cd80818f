//! Help that teaches.

use insta::assert_snapshot;

use crate::kit::Desk;

#[test]
fn of_the_guide() {
    assert_snapshot!(Desk::new().run("spile setup --help"), @r"
    exit 0
    Print how to let Spile into a bucket, step by step, or one document of it

    Whoever owns the bucket gives Spile a role to take on, or the access key of a user. The guide says
    how, for somebody who has never written a policy; it is Markdown, to be sent on.

    Usage: spile setup [OPTIONS] --bucket <BUCKET>
           spile setup <COMMAND>

    Commands:
      external-id  Print a fresh External ID that nobody can guess
      policy       Print what a role or a user has to be allowed: its access policy
      trust        Print whom a role trusts: its trust policy
      help         Print this message or the help of the given subcommand(s)

    Options:
          --bucket <BUCKET>
              Set the bucket's name

          --prefix <PREFIX>
              Narrow it to keys under these folders, such as raw/sales

          --kms-key <ARN>
              Set the KMS key that the bucket is encrypted with, and allow to use it

          --abort-multipart
              Allow to remove and to find unfinished uploads too

          --object-tags
              Allow to give objects tags too

          --partition <PARTITION>
              Set the part of AWS: aws, aws-cn (China) or aws-us-gov (GovCloud)

              It follows from an ARN where one is given.

          --method <METHOD>
              Set how Spile is let in

              Possible values:
              - role:       By a role that Spile takes on; the best where it has credentials of AWS
                already
              - access-key: By the access key of a user

              [default: role]

          --name <NAME>
              Name the role or the user

              [default: spile]

          --as <FORM>
              Set the form of documents

              Possible values:
              - json:           The policies themselves, for the AWS console
              - terraform:      For Terraform or OpenTofu
              - cloudformation: For CloudFormation, as YAML
              - cli:            Commands of the AWS CLI

              [default: json]

      -h, --help
              Print help (see a summary with '-h')

    Role:
          --account <ACCOUNT>
              Set the account that Spile's credentials are of, by its twelve digits

          --external-id <ID>
              Set the External ID; a fresh one otherwise, each time

          --role-arn <ARN>
              Set the role's ARN, once it is known

    Output:
          --log-format <LOG_FORMAT>
              Set how logs are written

              Possible values:
              - text: For people
              - json: For programs: one JSON object a line

              [default: text]

          --log <FILTER>
              Set which logs are written: error, warn, info, debug, trace, or a filter per module

              On a terminal, warnings are; elsewhere, also what the run does.

              [env: SPILE_LOG=warn]

    Examples:
      The guide to a role, for whoever owns the bucket; 111111111111 is the account of your credentials:
        spile setup --bucket acme-landing --prefix raw --account 111111111111 > setup.md
      The same as commands of the AWS CLI:
        spile setup --bucket acme-landing --account 111111111111 --as cli
      The guide to a user with an access key:
        spile setup --bucket acme-landing --method access-key
      One document alone:
        spile setup external-id
        spile setup policy --bucket acme-landing --as terraform
        spile setup trust --account 111111111111 --external-id UUID

    Nothing is asked of AWS, and nothing is changed. Exit codes: 0 done, 2 usage, 3 a value is wrong.
    ");
}

#[test]
fn of_a_document() {
    assert_snapshot!(Desk::new().run("spile setup trust -h"), @r"
    exit 0
    Print whom a role trusts: its trust policy

    Usage: spile setup trust [OPTIONS] --account <ACCOUNT> --external-id <ID>

    Options:
          --account <ACCOUNT>      Set the account that Spile's credentials are of, by its twelve digits
          --external-id <ID>       Set the External ID; `spile setup external-id` prints a fresh one
          --partition <PARTITION>  Set the part of AWS: aws, aws-cn (China) or aws-us-gov (GovCloud)
          --name <NAME>            Name the role, where the document makes it [default: spile]
          --as <FORM>              Set the form of documents [default: json] [possible values: json,
                                   terraform, cloudformation, cli]
      -h, --help                   Print help (see more with '--help')

    Output:
          --log-format <LOG_FORMAT>  Set how logs are written [default: text] [possible values: text,
                                     json]
          --log <FILTER>             Set which logs are written: error, warn, info, debug, trace, or a
                                     filter per module [env: SPILE_LOG=warn]
    ");
}
