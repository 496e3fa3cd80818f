//! The guide to a bucket that Spile can load into, as it is printed.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests are made of is no test itself"
)]

use insta::assert_snapshot;
use spile_store_s3::access::{
    AccountId, BucketName, ExternalId, Grant, IamName, Partition, Policy, Scope, Statement, Trust,
};
use spile_store_s3::setup::{
    AccessDocument, Form, Guide, Holder, Method, RoleMethod, TrustDocument,
};

fn grant() -> Grant {
    let scope = Scope::bucket(BucketName::new("acme-landing").unwrap());
    Grant::new(scope.under("raw".parse().unwrap()))
}

fn name() -> IamName {
    IamName::new("spile").unwrap()
}

fn role() -> RoleMethod {
    RoleMethod {
        name: name(),
        arn: Some("arn:aws:iam::222222222222:role/spile".parse().unwrap()),
        account: Some(AccountId::new("111111111111").unwrap()),
        external_id: ExternalId::new("f52c7268-2359").unwrap(),
    }
}

fn trust() -> TrustDocument {
    TrustDocument {
        trust: Trust {
            partition: grant().scope.partition(),
            account: AccountId::new("111111111111").unwrap(),
            external_id: role().external_id,
        },
        role: name(),
    }
}

fn access(holder: Holder) -> AccessDocument {
    AccessDocument {
        grant: grant(),
        holder,
    }
}

fn text(grant: Grant, method: Method, form: Form) -> String {
    let guide = Guide {
        grant,
        method,
        form,
    };
    guide.text()
}

/// The blocks of a page in one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    let starts: Vec<&str> = page.split(&fence).skip(1).collect();
    let block = |rest: &'a str| &rest[..rest.find("```").unwrap()];
    starts.into_iter().map(block).collect()
}

#[test]
fn the_documents_in_it_are_those_that_stand_alone() {
    let method = || Method::Role(role());
    let assuming = Policy {
        statements: vec![Statement::assuming(&role().arn.unwrap())],
    };
    for (form, language) in [
        (Form::Json, "json"),
        (Form::Terraform, "hcl"),
        (Form::CloudFormation, "yaml"),
        (Form::Cli, "sh"),
    ] {
        let page = text(grant(), method(), form);
        let blocks = blocks(&page, language);
        let access = access(Holder::Role(name()));
        for document in [trust().text(form), access.text(form)] {
            assert!(blocks.contains(&document.as_str()), "{page}");
        }
        assert!(page.contains(&assuming.json()), "{page}");
    }
    let page = text(grant(), Method::AccessKey(name()), Form::Cli);
    let document = access(Holder::User(name())).text(Form::Cli);
    assert!(blocks(&page, "sh").contains(&document.as_str()), "{page}");
}

#[test]
fn a_role_in_the_console() {
    assert_snapshot!(text(grant(), Method::Role(role()), Form::Json), @r#"
    # Let Spile load into s3://acme-landing/raw

    Spile will take on a role in the account that owns the bucket. A role has no
    password and no keys that could be lost: it says which account may take it on,
    and what may be done with it. Steps 1 to 3 are for whoever owns the bucket, the
    others for whoever runs Spile.

    ## 1. Create the bucket: private, and without ACLs

    In the S3 console, create the bucket `acme-landing` in the region of those who
    will read it. Leave two settings as the console suggests them; if the bucket is
    there already, look them up under its Permissions:

    - Object Ownership is **ACLs disabled** (bucket owner enforced): every object
      belongs to the owner of the bucket, whoever wrote it.
    - **Block all public access** is on.

    A lifecycle rule that deletes incomplete multipart uploads removes what an
    interrupted run may leave behind. Let it wait for longer than your longest run
    takes, such as 7 days.

    ## 2. Create the role, and say whom it trusts

    In the IAM console, choose Roles, Create role, Custom trust policy. Add no
    permissions yet, and name the role `spile`.

    Paste this document:

    ```json
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
              "sts:ExternalId": "f52c7268-2359"
            }
          }
        }
      ]
    }
    ```

    It lets the account 111111111111, whose credentials Spile uses, take on the
    role, and only with the External ID. (`root` stands for the account, not for its
    root user.)

    The External ID keeps others out. Whoever else uses the same Spile could name
    your role in their configuration, since its ARN is no secret; Spile would then
    be their confused deputy. They can't name your External ID. It is not a
    password, but don't publish it.

    ## 3. Say what the role may do

    Open `spile`, then Add permissions, Create inline policy, JSON. Paste this
    document, and name it `spile-access`:

    ```json
    {
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
          "Resource": "arn:aws:s3:::acme-landing/raw/*"
        },
        {
          "Sid": "SpileLoadList",
          "Effect": "Allow",
          "Action": "s3:ListBucket",
          "Resource": "arn:aws:s3:::acme-landing",
          "Condition": {
            "StringLike": {
              "s3:prefix": "raw/*"
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
    }
    ```

    This is all that Spile works under, and what it uses each action for:

    - `s3:GetObject`: see whether an object stands at a key, and who wrote it
    - `s3:PutObject`: write objects, whole or in parts
    - `s3:DeleteObject`: replace what earlier runs wrote, and leave no trial behind
    - `s3:ListBucket`: find what stands in the bucket, and tell absent from
      forbidden
    - `s3:GetBucketLocation`: find the bucket's region

    ## 4. Let Spile ask for the role

    Taking on a role of another account has to be allowed on both sides. The user or
    the role whose credentials Spile uses needs this policy, unless it may do
    everything anyway:

    ```json
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "SpileAssume",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": "arn:aws:iam::222222222222:role/spile"
        }
      ]
    }
    ```

    ## 5. Tell Spile

    Save this as `spile.toml` where Spile runs:

    ```toml
    [destination]
    url = "s3://acme-landing/raw"

    [destination.auth]
    method = "cross_account_role"
    role_arn = "arn:aws:iam::222222222222:role/spile"
    external_id = "f52c7268-2359"
    ```

    ## 6. Check

    ```sh
    spile check --config spile.toml
    ```

    It tries all of the above, and where something is missing it names the action
    and the statement to add. It leaves nothing behind. Then load:

    ```sh
    spile load events.jsonl --config spile.toml
    ```
    "#);
}

#[test]
fn a_key_by_commands() {
    assert_snapshot!(text(grant(), Method::AccessKey(name()), Form::Cli), @r#"
    # Let Spile load into s3://acme-landing/raw

    Spile will use the access key of a user in the account that owns the bucket. A
    key works for whoever has it, until it is deleted: prefer a role
    (`--method role`) where Spile has credentials of AWS already, and replace the
    key from time to time.

    ## 1. Create the bucket: private, and without ACLs

    Skip this if the bucket `acme-landing` is there already, but look the two
    settings below up under its Permissions.

    Run this with the AWS CLI:

    ```sh
    aws s3 mb s3://acme-landing

    aws s3api put-bucket-ownership-controls \
      --bucket acme-landing \
      --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'

    aws s3api put-public-access-block \
      --bucket acme-landing \
      --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
    ```

    It sees to two things:

    - Object Ownership is **ACLs disabled** (bucket owner enforced): every object
      belongs to the owner of the bucket, whoever wrote it.
    - **Block all public access** is on.

    A lifecycle rule that deletes incomplete multipart uploads removes what an
    interrupted run may leave behind. Let it wait for longer than your longest run
    takes, such as 7 days.

    ## 2. Create the user, and say what it may do

    Run this with the AWS CLI:

    ```sh
    aws iam create-user --user-name spile

    aws iam put-user-policy \
      --user-name spile \
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
          "Resource": "arn:aws:s3:::acme-landing/raw/*"
        },
        {
          "Sid": "SpileLoadList",
          "Effect": "Allow",
          "Action": "s3:ListBucket",
          "Resource": "arn:aws:s3:::acme-landing",
          "Condition": {
            "StringLike": {
              "s3:prefix": "raw/*"
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
    ```

    This is all that Spile works under, and what it uses each action for:

    - `s3:GetObject`: see whether an object stands at a key, and who wrote it
    - `s3:PutObject`: write objects, whole or in parts
    - `s3:DeleteObject`: replace what earlier runs wrote, and leave no trial behind
    - `s3:ListBucket`: find what stands in the bucket, and tell absent from
      forbidden
    - `s3:GetBucketLocation`: find the bucket's region

    ## 3. Create its access key

    In the IAM console, choose Security credentials, Create access key, on the page
    of the user; or run:

    ```sh
    aws iam create-access-key --user-name spile
    ```

    The secret is shown this once.

    ## 4. Tell Spile

    Save this as `spile.toml` where Spile runs:

    ```toml
    [destination]
    url = "s3://acme-landing/raw"

    [destination.auth]
    method = "access_key"
    access_key_id = "AKIAEXAMPLE"
    secret_access_key = { file = "secret-access-key.txt" }
    ```

    Put the id of the key in place of `AKIAEXAMPLE`, and the secret into the file,
    which only Spile should be able to read (`chmod 600`). The environment does as
    well: leave `[destination.auth]` out, and set `AWS_ACCESS_KEY_ID` and
    `AWS_SECRET_ACCESS_KEY`.

    ## 5. Check

    ```sh
    spile check --config spile.toml
    ```

    It tries all of the above, and where something is missing it names the action
    and the statement to add. It leaves nothing behind. Then load:

    ```sh
    spile load events.jsonl --config spile.toml
    ```
    "#);
}

#[test]
fn what_is_not_known_yet_is_asked_for() {
    let unknown = RoleMethod {
        arn: None,
        account: None,
        ..role()
    };
    let page = text(grant(), Method::Role(unknown), Form::Json).replace('\n', " ");
    for expect in [
        "aws sts get-caller-identity --query Account --output text",
        "spile setup trust \\   --account 111111111111 \\   --external-id f52c7268-2359 \\",
        "role_arn = \"arn:aws:iam::000000000000:role/spile\"",
        "in place of `arn:aws:iam::000000000000:role/spile`",
    ] {
        assert!(page.contains(expect), "{expect}: {page}");
    }
}

#[test]
fn a_key_of_kms_has_its_say() {
    let key = "arn:aws:kms:eu-west-1:222222222222:key/12ab";
    let mut grant = grant();
    grant.kms_key = Some(key.parse().unwrap());
    let page = text(grant, Method::Role(role()), Form::Json);
    for expect in [
        format!("The key `{key}` has a policy too."),
        "- `kms:GenerateDataKey`: ".to_owned(),
        format!("sse = \"aws:kms\"\nkms_key_id = \"{key}\""),
    ] {
        assert!(page.contains(&expect), "{expect}: {page}");
    }
}

/// Elsewhere a bucket isn't found by its name alone.
#[test]
fn outside_of_the_first_part_of_aws_the_region_is_set() {
    let of = |partition| {
        let mut grant = grant();
        grant.scope = grant.scope.in_partition(partition);
        text(grant, Method::Role(role()), Form::Json).replace('\n', " ")
    };
    assert!(!of(Partition::Aws).contains("region ="));
    for (partition, region) in [
        (Partition::AwsCn, "cn-north-1"),
        (Partition::AwsUsGov, "us-gov-west-1"),
    ] {
        let page = of(partition);
        let setting = format!("url = \"s3://acme-landing/raw\" region = \"{region}\"  [");
        assert!(page.contains(&setting), "{page}");
        let words = format!("Put the bucket's own region in place of `{region}`");
        assert!(page.contains(&words), "{page}");
    }
}
