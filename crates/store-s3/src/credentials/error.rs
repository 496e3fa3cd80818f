//! Why there are no credentials.

use std::error::Error;
use std::sync::Arc;

use thiserror::Error as ThisError;

/// Why there are no credentials. It holds no secret, and an External ID as its fingerprint only.
#[derive(Clone, Debug, ThisError)]
#[non_exhaustive]
pub enum CredentialsError {
    /// What was asked for credentials has none.
    #[error("find credentials in {place}")]
    NotFound {
        /// Where they were looked for: `the environment`.
        place: String,
        /// Why, where it says so.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// STS says no.
    #[error("assume the role {role}{}: {reason}", with_external_id(.external_id.as_deref()))]
    Refused {
        /// The role's ARN.
        role: String,
        /// The fingerprint of the External ID that was sent.
        external_id: Option<String>,
        /// STS's own code: `AccessDenied`.
        code: String,
        /// What STS says.
        reason: String,
    },
    /// Those that are found have ended, and nobody renews them.
    #[error("{request}: the credentials for it have expired")]
    Expired {
        /// What they were to be used for: `sign requests`.
        request: String,
    },
    /// STS doesn't accept the token of a web identity.
    #[error("assume the role {role} with the token of the web identity: {reason}")]
    TokenRefused {
        /// The role's ARN.
        role: String,
        /// STS's own code: `InvalidIdentityToken`.
        code: String,
        /// What STS says.
        reason: String,
    },
    /// STS doesn't answer, or asks to come back later.
    #[error("reach STS at {endpoint}: {reason}")]
    Unavailable {
        /// Where it was looked for.
        endpoint: String,
        /// What came of it.
        reason: String,
        /// Why.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// STS doesn't accept the credentials at all.
    #[error("ask STS who the caller is: {reason}")]
    Unknown {
        /// STS's own code: `InvalidClientTokenId`.
        code: String,
        /// What STS says.
        reason: String,
    },
    /// The role can't be asked for like this.
    #[error("ask for the role {role}: {reason}")]
    Role {
        /// The role's ARN.
        role: String,
        /// Why not.
        reason: &'static str,
    },
    /// The HTTP client can't be made.
    #[error("make an HTTP client")]
    Client {
        /// Why.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl CredentialsError {
    /// The credentials for a request have ended.
    pub(crate) fn expired(request: &str) -> Self {
        CredentialsError::Expired {
            request: request.to_owned(),
        }
    }

    /// Whether the same may be granted a little later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, CredentialsError::Unavailable { .. })
    }
}

fn with_external_id(fingerprint: Option<&str>) -> String {
    match fingerprint {
        Some(fingerprint) => format!(" with the External ID {fingerprint}"),
        None => " without an External ID".to_owned(),
    }
}
