//! The forms of a document.

/// What a document is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// The document itself, to paste into the AWS console.
    #[default]
    Json,
    /// Terraform and OpenTofu, with the AWS provider.
    Terraform,
    /// A template of CloudFormation, as YAML.
    CloudFormation,
    /// Commands of the AWS CLI for a shell.
    Cli,
}

impl Form {
    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Terraform => "terraform",
            Form::CloudFormation => "cloudformation",
            Form::Cli => "cli",
        }
    }

    /// What blocks of it are called in Markdown.
    pub(super) fn language(self) -> &'static str {
        match self {
            Form::Json => "json",
            Form::Terraform => "hcl",
            Form::CloudFormation => "yaml",
            Form::Cli => "sh",
        }
    }
}
