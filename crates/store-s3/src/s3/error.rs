//! What the answers of a store mean.

use std::error::Error;

use http::StatusCode;
use object_store::client::HttpErrorKind;
use spile_core::BucketErrorKind as Kind;

use super::exchange::{Outcome, Refusal};
use crate::credentials::CredentialsError;
use crate::fault::Fault;

/// What a store answered, without what may be secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store answered {status} {code}")]
pub struct StoreAnswer {
    /// The HTTP status.
    pub status: u16,
    /// S3's own code, which is empty where the answer had no body.
    pub code: String,
}

impl StoreAnswer {
    /// Whether rivals were in each other's way, and nobody has won.
    pub(super) const CONFLICT: &str = "ConditionalRequestConflict";
}

/// What a failed request means; `region` is the one it was signed for.
pub(super) fn fault(error: object_store::Error, outcome: &Outcome, region: &str) -> Fault {
    match outcome {
        Outcome::Refused(refusal) => refused(refusal, region),
        Outcome::Unanswered(kind) => unanswered(*kind).caused_by(error),
        Outcome::Unsent => unsent(error),
        Outcome::Done => unreadable().caused_by(error),
    }
}

pub(super) fn refused(refusal: &Refusal, region: &str) -> Fault {
    let (kind, message) = by_code(refusal)
        .or_else(|| elsewhere(refusal, region))
        .unwrap_or_else(|| by_status(refusal));
    let fault = Fault::new(kind, message).caused_by(StoreAnswer {
        status: refusal.status.as_u16(),
        code: refusal.code.clone(),
    });
    Fault {
        retry_after_s: refusal.retry_after_s,
        ..fault
    }
}

pub(super) fn unanswered(kind: HttpErrorKind) -> Fault {
    match kind {
        HttpErrorKind::Connect => Fault::new(Kind::Unreachable, "the store can't be reached"),
        HttpErrorKind::Timeout => Fault::new(Kind::Interrupted, "the store took too long"),
        HttpErrorKind::Decode => unreadable(),
        _ => Fault::new(Kind::Interrupted, "the connection broke"),
    }
}

pub(super) fn unreadable() -> Fault {
    Fault::new(Kind::ServerFault, "the store's answer can't be read")
}

/// Nothing went out: there was nobody to sign it, or nowhere to send it to.
fn unsent(error: object_store::Error) -> Fault {
    match error {
        object_store::Error::InvalidPath { source } => {
            Fault::new(Kind::InvalidKey, "the key can't be sent").caused_by(source)
        }
        error => nobody_signed(error),
    }
}

/// There are no credentials, for good or for now.
pub(super) fn nobody_signed(error: impl Error + Send + Sync + 'static) -> Fault {
    match credentials_error(&error) {
        Some(error) if error.is_retryable() => {
            Fault::new(Kind::Unreachable, "no credentials are to be had now")
                .caused_by(error.clone())
        }
        Some(error) => without_credentials().caused_by(error.clone()),
        None => without_credentials().caused_by(error),
    }
}

fn without_credentials() -> Fault {
    Fault::new(Kind::Unauthenticated, "no credentials are to be had")
}

fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn by_code(refusal: &Refusal) -> Option<(Kind, String)> {
    let (kind, message) = match refusal.code.as_str() {
        "NoSuchBucket" => (Kind::NoSuchBucket, "there is no such bucket"),
        "NoSuchKey" => (Kind::NotFound, "there is no such object"),
        "NoSuchUpload" => (Kind::NotFound, "there is no such upload"),
        "PreconditionFailed" => (Kind::AlreadyExists, "an object stands there"),
        StoreAnswer::CONFLICT => (Kind::Interrupted, "another writer is at work there"),
        "InvalidAccessKeyId" => (
            Kind::Unauthenticated,
            "the store doesn't know the access key id",
        ),
        "SignatureDoesNotMatch" => (
            Kind::Unauthenticated,
            "the secret access key isn't that of the access key id",
        ),
        _ if refusal.is_expired() => (Kind::Expired, "the session token has expired"),
        "InvalidToken" => (Kind::Unauthenticated, "the session token isn't valid"),
        "RequestTimeTooSkewed" => (
            Kind::Unauthenticated,
            "this machine's clock differs from the store's by too much",
        ),
        "RequestTimeout" => (Kind::Interrupted, "the store took too long to be sent it"),
        "OperationAborted" => (
            Kind::Interrupted,
            "another change of the bucket is under way",
        ),
        "SlowDown"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequests" => (Kind::Throttled, "the store asks to slow down"),
        "InternalError" => (Kind::ServerFault, "the store failed"),
        "KeyTooLongError" | "InvalidURI" | "XMinioInvalidObjectName" => {
            (Kind::InvalidKey, "the store doesn't take such a key")
        }
        "QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" => {
            (Kind::Full, "the store's space is used up")
        }
        _ => return None,
    };
    Some((kind, message.to_owned()))
}

/// The bucket is in another region, which every kind of answer may say.
fn elsewhere(refusal: &Refusal, region: &str) -> Option<(Kind, String)> {
    let is_told = matches!(
        refusal.code.as_str(),
        "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException"
    ) || refusal.status.is_redirection();
    match refusal.region.as_deref().filter(|right| *right != region) {
        Some(right) if is_told || is_vague(refusal) => Some((
            Kind::WrongRegion,
            format!("the bucket is in the region {right}, not in {region}"),
        )),
        _ if is_told => Some((
            Kind::WrongRegion,
            format!("the bucket isn't in the region {region}"),
        )),
        _ => None,
    }
}

/// An answer that names no other cause: AWS says no more to a HEAD of another region's bucket.
fn is_vague(refusal: &Refusal) -> bool {
    refusal.code == "AuthorizationHeaderMalformed"
        || (refusal.code.is_empty() && refusal.status == StatusCode::BAD_REQUEST)
}

fn by_status(refusal: &Refusal) -> (Kind, String) {
    let (kind, message) = match refusal.status {
        StatusCode::FORBIDDEN => (Kind::Denied, "it isn't granted"),
        StatusCode::UNAUTHORIZED => (Kind::Unauthenticated, "the credentials aren't accepted"),
        StatusCode::NOT_FOUND => (Kind::NotFound, "there is no such object"),
        StatusCode::PRECONDITION_FAILED => (Kind::AlreadyExists, "an object stands there"),
        StatusCode::REQUEST_TIMEOUT => (Kind::Interrupted, "the store took too long"),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            (Kind::Throttled, "the store asks to slow down")
        }
        StatusCode::INSUFFICIENT_STORAGE => (Kind::Full, "the store's space is used up"),
        StatusCode::NOT_IMPLEMENTED => (Kind::Refused, "the store doesn't know this request"),
        status if status.is_server_error() => (Kind::ServerFault, "the store failed"),
        _ if refusal.code == "AuthorizationHeaderMalformed" => {
            (Kind::Unauthenticated, "the credentials aren't accepted")
        }
        _ => (Kind::Refused, "the store refuses it"),
    };
    (kind, with_reason(message, refusal))
}

fn with_reason(message: &str, refusal: &Refusal) -> String {
    let reason = match refusal.message.trim() {
        "" => refusal.code.as_str(),
        reason => reason,
    };
    match reason {
        "" => format!("{message} ({})", refusal.status.as_u16()),
        reason => format!("{message}: {reason}"),
    }
}
