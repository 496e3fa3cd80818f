//! The command line of `spile setup`.

use clap::{Args, Subcommand, ValueEnum};
use spile_store_s3::setup::Form;

use crate::cli::SecretText;

pub(crate) const HELP: &str = "\
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
    spile setup trust --account 111111111111 --external-id f52c7268-2359-567a-f5e8-83c536cb4de8

Nothing is asked of AWS, and nothing is changed. Exit codes: 0 done, 2 usage, 3 a value is wrong.";

/// What the setup is told.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SetupArgs {
    #[command(subcommand)]
    pub(crate) document: Option<DocumentArgs>,
    #[command(flatten)]
    pub(crate) guide: GuideArgs,
}

/// One document of the setup.
#[derive(Debug, Subcommand)]
pub(crate) enum DocumentArgs {
    /// Print a fresh External ID that nobody can guess
    ExternalId,
    /// Print what a role or a user has to be allowed: its access policy
    Policy(PolicyArgs),
    /// Print whom a role trusts: its trust policy
    Trust(TrustArgs),
}

/// All that the guide is about.
#[derive(Args, Debug)]
pub(crate) struct GuideArgs {
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    #[command(flatten)]
    pub(crate) holder: HolderArgs,

    /// Set the account that Spile's credentials are of, by its twelve digits
    #[arg(long, value_name = "ACCOUNT", help_heading = "Role")]
    pub(crate) account: Option<String>,

    /// Set the External ID; a fresh one otherwise, each time
    #[arg(long, value_name = "ID", help_heading = "Role")]
    pub(crate) external_id: Option<SecretText>,

    /// Set the role's ARN, once it is known
    #[arg(
        long,
        value_name = "ARN",
        conflicts_with = "name",
        help_heading = "Role"
    )]
    pub(crate) role_arn: Option<String>,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// What the access policy is about.
#[derive(Args, Debug)]
pub(crate) struct PolicyArgs {
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    #[command(flatten)]
    pub(crate) holder: HolderArgs,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// What the trust policy is about.
#[derive(Args, Debug)]
pub(crate) struct TrustArgs {
    /// Set the account that Spile's credentials are of, by its twelve digits
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: String,

    /// Set the External ID; `spile setup external-id` prints a fresh one
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: SecretText,

    /// Set the part of AWS: aws, aws-cn (China) or aws-us-gov (GovCloud)
    #[arg(long, value_name = "PARTITION")]
    pub(crate) partition: Option<String>,

    /// Name the role, where the document makes it
    #[arg(long, value_name = "NAME", default_value = NAME)]
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// What may be done, and where.
#[derive(Args, Debug)]
pub(crate) struct GrantArgs {
    /// Set the bucket's name
    #[arg(long, value_name = "BUCKET", required = true)]
    pub(crate) bucket: Option<String>,

    /// Narrow it to keys under these folders, such as raw/sales
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,

    /// Set the KMS key that the bucket is encrypted with, and allow to use it
    #[arg(long, value_name = "ARN")]
    pub(crate) kms_key: Option<String>,

    /// Allow to remove and to find unfinished uploads too
    #[arg(long)]
    pub(crate) abort_multipart: bool,

    /// Allow to give objects tags too
    #[arg(long)]
    pub(crate) object_tags: bool,

    /// Set the part of AWS: aws, aws-cn (China) or aws-us-gov (GovCloud)
    ///
    /// It follows from an ARN where one is given.
    #[arg(long, value_name = "PARTITION")]
    pub(crate) partition: Option<String>,
}

/// Who holds the grant.
#[derive(Args, Debug)]
pub(crate) struct HolderArgs {
    /// Set how Spile is let in
    #[arg(long, value_enum, default_value_t = MethodArg::Role)]
    pub(crate) method: MethodArg,

    /// Name the role or the user
    #[arg(long, value_name = "NAME", default_value = NAME)]
    pub(crate) name: String,
}

/// In which form documents are printed.
#[derive(Args, Debug)]
pub(crate) struct FormArgs {
    /// Set the form of documents
    #[arg(long = "as", value_enum, value_name = "FORM", default_value_t = FormArg::Json)]
    pub(crate) form: FormArg,
}

/// What roles and users are called where nobody names them.
const NAME: &str = "spile";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodArg {
    /// By a role that Spile takes on; the best where it has credentials of AWS already
    Role,
    /// By the access key of a user
    AccessKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// The policies themselves, for the AWS console
    Json,
    /// For Terraform or OpenTofu
    Terraform,
    /// For CloudFormation, as YAML
    #[value(name = "cloudformation")]
    CloudFormation,
    /// Commands of the AWS CLI
    Cli,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Json => Form::Json,
            FormArg::Terraform => Form::Terraform,
            FormArg::CloudFormation => Form::CloudFormation,
            FormArg::Cli => Form::Cli,
        }
    }
}
