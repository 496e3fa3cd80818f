//! What to do about what a destination or its credentials fail with.

use std::error::Error;

use spile_core::{BucketErrorKind, causes};
use spile_store_s3::credentials::CredentialsError;

use crate::failure::Exit;

const EXPIRED: &str = "the credentials that spile was given have expired: log in again, or write \
     fresh ones where they were found, and run again";

/// The exit code of a failure to get credentials, and what to do about it.
pub(crate) fn credentials_hint(error: &CredentialsError) -> (Exit, Option<&'static str>) {
    let hint = match error {
        CredentialsError::NotFound { place, .. } => not_found(place, error),
        CredentialsError::TokenRefused { .. } => not_found("the web identity", error),
        CredentialsError::Expired { .. } => EXPIRED,
        CredentialsError::Refused { code, .. } if code == "AccessDenied" => {
            "compare with the role's trust policy: its ARN, the principal (who asks), and the \
             External ID, letter by letter, since case counts; `spile check` finds out more"
        }
        CredentialsError::Refused { .. } => "mend [destination.auth] in the configuration",
        CredentialsError::Role { .. } => {
            let hint = "mend [destination.auth] in the configuration";
            return (Exit::Configuration, Some(hint));
        }
        CredentialsError::Unknown { .. } => {
            "check the credentials that ask for the role, and their account"
        }
        CredentialsError::Unavailable { .. } => {
            let hint = "check the network and destination.auth.sts_endpoint, and run again";
            return (Exit::RetriesUsedUp, Some(hint));
        }
        _ => return (Exit::Configuration, None),
    };
    (Exit::Credentials, Some(hint))
}

/// By what was asked, as the library calls it.
fn not_found(place: &str, error: &dyn Error) -> &'static str {
    match place {
        "the shared profile" if is_of_sso(error) => {
            "log in by `aws sso login`, with --profile where it isn't the default, and run again"
        }
        "the shared profile" => {
            "check the profile in ~/.aws/config and ~/.aws/credentials: `aws sts \
             get-caller-identity --profile NAME` tries it"
        }
        "the web identity" => {
            "check AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, and that the trust policy of that \
             role names whoever issues the token"
        }
        "the command" => {
            "run destination.auth.credential_process by hand: it has to end well, and to print \
             JSON as credential_process of AWS does"
        }
        "the container" => "check that the task or the pod has a role",
        "the machine" => "check that the machine has a role, and that its metadata can be reached",
        _ => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or \
             [destination.auth] in the configuration"
        }
    }
}

/// A profile may be one of a single sign-on, which only the causes tell: there is no token any more,
/// or its portal refuses it.
fn is_of_sso(error: &dyn Error) -> bool {
    let tells =
        |cause: &String| cause.contains("SSO token") || cause.starts_with("UnauthorizedException");
    causes(error).iter().any(tells)
}

/// The exit code of what has failed in passing until the time for repeating it was used up, and
/// what to do about it.
pub(crate) fn used_up_hint(kind: BucketErrorKind) -> (Exit, Option<&'static str>) {
    match kind {
        BucketErrorKind::Unreachable => (
            Exit::RetriesUsedUp,
            Some("check --endpoint and the network, and run again"),
        ),
        BucketErrorKind::Expired => bucket_hint(kind),
        _ => (
            Exit::RetriesUsedUp,
            Some(
                "the destination is in trouble: run again later, or give it longer by --retry-time",
            ),
        ),
    }
}

/// The exit code of a kind of fault of the destination, and what to do about it. Where it might have
/// passed, it wasn't waited for.
pub(crate) fn bucket_hint(kind: BucketErrorKind) -> (Exit, Option<&'static str>) {
    use BucketErrorKind as Kind;
    match kind {
        Kind::NoSuchBucket => (
            Exit::Refused,
            Some("create the bucket, or mend its name, --region or --endpoint"),
        ),
        Kind::Denied => (
            Exit::Refused,
            Some(
                "grant s3:GetObject, s3:PutObject, s3:ListBucket, s3:GetBucketLocation and \
                 s3:DeleteObject on the bucket and its objects",
            ),
        ),
        Kind::Expired => (
            Exit::Credentials,
            Some("give the session longer, by destination.auth.duration, and run again"),
        ),
        Kind::Unauthenticated => (
            Exit::Credentials,
            Some(
                "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or \
                 [destination.auth] in the configuration",
            ),
        ),
        Kind::WrongRegion => (Exit::Refused, Some("set the bucket's region by --region")),
        Kind::Full => (Exit::Refused, Some("make room, and run again")),
        Kind::ReadOnly => (
            Exit::Refused,
            Some("choose a folder that can be written to"),
        ),
        Kind::InvalidKey => (Exit::Refused, Some("change the key's template")),
        Kind::Unreachable => (
            Exit::Refused,
            Some("check --endpoint and the network, and run again"),
        ),
        Kind::Throttled | Kind::Interrupted | Kind::ServerFault => (
            Exit::Refused,
            Some("the destination is in trouble: run again later"),
        ),
        _ => (Exit::Refused, None),
    }
}
