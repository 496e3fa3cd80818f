//! What is asked of STS.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::Builder;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::Credentials as SessionKeys;
use object_store::aws::AwsCredential;

use super::error::CredentialsError;
use super::place::from_now;
use super::refreshing::Issued;
use super::transport::Transport;
use crate::access::{ExternalId, Partition, RoleArn};

/// A client of STS that signs with somebody's credentials.
#[derive(Clone)]
pub(super) struct Sts {
    client: Client,
    /// As people know it.
    endpoint: String,
}

/// Where STS is.
#[derive(Clone, Debug)]
pub(super) struct StsPlace {
    pub(super) region: String,
    /// AWS's own in that region where it is left out. Nothing in the environment changes it.
    pub(super) endpoint: Option<String>,
}

impl StsPlace {
    /// AWS's own in a region.
    pub(super) fn of_aws(region: &str) -> StsPlace {
        StsPlace {
            region: region.to_owned(),
            endpoint: None,
        }
    }

    /// As people know it.
    pub(super) fn host(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| {
            let suffix = Partition::of_region(&self.region).dns_suffix();
            format!("sts.{}.{suffix}", self.region)
        })
    }
}

/// A role, and how it is asked for.
#[derive(Clone, Debug)]
pub(super) struct RoleRequest {
    pub(super) role: RoleArn,
    pub(super) session_name: String,
    pub(super) duration: Option<Duration>,
    pub(super) session_policy: Option<String>,
}

/// Who the holder of credentials is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallerIdentity {
    /// The account, by its twelve digits.
    pub account: String,
    /// The user's or the session's ARN.
    pub arn: String,
}

/// STS is asked once in a while, and may be far away.
const CONNECT_MAX: Duration = Duration::from_secs(10);
const ANSWER_MAX: Duration = Duration::from_secs(30);

fn config(place: &StsPlace, transport: &Transport) -> Builder {
    let limits = TimeoutConfig::builder()
        .connect_timeout(CONNECT_MAX)
        .read_timeout(ANSWER_MAX);
    let mut config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(place.region.clone()))
        .retry_config(RetryConfig::standard())
        .timeout_config(limits.build())
        .http_client(transport.clone());
    config.set_endpoint_url(place.endpoint.clone());
    config
}

/// Codes by which STS says that what asks has ended.
const EXPIRED: [&str; 2] = ["ExpiredToken", "ExpiredTokenException"];

/// Codes by which STS asks to come back later.
const PASSING: [&str; 5] = [
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "InternalFailure",
];

impl Sts {
    pub(super) fn new(place: &StsPlace, credentials: Credentials, transport: &Transport) -> Sts {
        let signing = config(place, transport).credentials_provider(credentials);
        Sts::of(place, signing)
    }

    /// A client of whoever has no credentials yet.
    pub(super) fn unsigned(place: &StsPlace, transport: &Transport) -> Sts {
        Sts::of(place, config(place, transport))
    }

    fn of(place: &StsPlace, config: Builder) -> Sts {
        Sts {
            client: Client::from_conf(config.build()),
            endpoint: place.host(),
        }
    }

    /// Asks for a session of a role.
    pub(super) async fn assume(
        &self,
        request: &RoleRequest,
        external_id: Option<&ExternalId>,
    ) -> Result<Issued, CredentialsError> {
        let refused = |code: String, reason: &str| CredentialsError::Refused {
            role: request.role.to_string(),
            external_id: external_id.map(ExternalId::fingerprint),
            code,
            // STS quotes what it finds wrong.
            reason: match external_id {
                Some(id) => reason.replace(id.expose(), &id.fingerprint()),
                None => reason.to_owned(),
            },
        };
        let seconds = request.duration.map(|duration| duration.as_secs());
        let answer = self
            .client
            .assume_role()
            .role_arn(request.role.to_string())
            .role_session_name(&request.session_name)
            .set_external_id(external_id.map(|id| id.expose().to_owned()))
            .set_policy(request.session_policy.clone())
            .set_duration_seconds(seconds.map(|seconds| seconds.try_into().unwrap_or(i32::MAX)))
            .send()
            .await;
        let asked = format!("assume the role {}", request.role);
        let answer = answer.map_err(|error| self.told(&asked, &error, refused))?;
        session(answer.credentials).ok_or_else(|| refused(String::new(), NO_CREDENTIALS))
    }

    /// Asks for a session of a role with the token of a web identity.
    pub(super) async fn assume_by_token(
        &self,
        role: &RoleArn,
        session_name: &str,
        token: &str,
    ) -> Result<Issued, CredentialsError> {
        let refused = |code: String, reason: &str| CredentialsError::TokenRefused {
            role: role.to_string(),
            code,
            // STS quotes what it finds wrong.
            reason: reason.replace(token, "…"),
        };
        let request = self.client.assume_role_with_web_identity();
        let answer = request
            .role_arn(role.to_string())
            .role_session_name(session_name)
            .web_identity_token(token)
            .send()
            .await;
        let asked = format!("assume the role {role}");
        let answer = answer.map_err(|error| self.told(&asked, &error, refused))?;
        session(answer.credentials).ok_or_else(|| refused(String::new(), NO_CREDENTIALS))
    }

    /// Asks who the holder of the credentials is, which needs no permission.
    pub(super) async fn caller_identity(&self) -> Result<CallerIdentity, CredentialsError> {
        let refused = |code, reason: &str| CredentialsError::Unknown {
            code,
            reason: reason.to_owned(),
        };
        let answer = self.client.get_caller_identity().send().await;
        let asked = "ask STS who the caller is";
        let answer = answer.map_err(|error| self.told(asked, &error, refused))?;
        Ok(CallerIdentity {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
        })
    }

    /// What a failure of a request means; `refused` tells of a refusal by its code and its text.
    fn told<E>(
        &self,
        request: &str,
        error: &SdkError<E>,
        refused: impl Fn(String, &str) -> CredentialsError,
    ) -> CredentialsError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error.as_service_error().filter(|_| !is_passing(error)) {
            Some(refusal) => {
                let code = refusal.code().unwrap_or_default();
                if EXPIRED.contains(&code) {
                    return CredentialsError::expired(request);
                }
                refused(
                    code.to_owned(),
                    refusal.message().unwrap_or("it isn't granted"),
                )
            }
            None => CredentialsError::Unavailable {
                endpoint: self.endpoint.clone(),
                reason: reason_of(error),
                source: Arc::new(Told(deepest(error))),
            },
        }
    }
}

const NO_CREDENTIALS: &str = "the answer has no credentials";

/// The session of an answer.
fn session(credentials: Option<SessionKeys>) -> Option<Issued> {
    let keys = credentials?;
    let ends = SystemTime::try_from(keys.expiration).ok()?;
    Some(Issued {
        lifetime: Some(from_now(ends)),
        credential: AwsCredential {
            key_id: keys.access_key_id,
            secret_key: keys.secret_access_key,
            token: Some(keys.session_token),
        },
    })
}

/// A cause by its text: the types of the AWS packages stay inside.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

fn code_of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    let refusal = error.as_service_error();
    refusal
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or_default()
}

fn is_passing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let status = error.raw_response().map(|answer| answer.status());
    status.is_some_and(|status| status.is_server_error() || status.as_u16() == 429)
        || PASSING.contains(&code_of(error))
}

fn reason_of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match error {
        SdkError::TimeoutError(_) => "it took too long".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "it took too long".to_owned(),
        SdkError::DispatchFailure(_) => "there is no connection to it".to_owned(),
        SdkError::ServiceError(_) => format!("it answers {}", code_of(error)),
        _ => "its answer can't be read".to_owned(),
    }
}

fn deepest(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    text
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sts").field(&self.endpoint).finish()
    }
}
