//! The credentials that a program has of itself.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError as SourceError;
use object_store::ClientOptions;
use object_store::aws::AwsCredential;

use super::access_key::AccessKey;
use super::error::CredentialsError;
use super::place::{Means, Place};
use super::refreshing::{Issued, Issuer, RefreshingCredentials};
use super::sts::StsPlace;
use crate::s3::Secret;

/// Where credentials come from, other than from a role that is asked for.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum BaseConfig {
    /// The first that has some of: the environment, the shared profile, a web identity, the
    /// container, the machine.
    #[default]
    Chain,
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, with `AWS_SESSION_TOKEN` for a temporary one.
    Environment,
    /// A profile of `~/.aws/config` and `~/.aws/credentials`, which may be one of SSO; the one that
    /// `AWS_PROFILE` names, or `default`, where it has no name here.
    Profile(Option<String>),
    /// The token in `AWS_WEB_IDENTITY_TOKEN_FILE` for the role in `AWS_ROLE_ARN`.
    WebIdentity,
    /// What the container is given, on ECS or EKS.
    Container,
    /// The role of the machine, by the metadata of its instance.
    Machine,
    /// An access key.
    AccessKey(AccessKey),
    /// A shell command that prints credentials as `credential_process` of AWS does.
    Process(Secret),
}

impl BaseConfig {
    /// Credentials for `object_store`. Nothing is asked of anybody yet. `region` is that of STS, for
    /// profiles and web identities that are roles; `options` are those of the HTTP client.
    ///
    /// # Errors
    /// Where the HTTP client can't be made.
    pub fn credentials(
        &self,
        region: &str,
        options: &ClientOptions,
    ) -> Result<Arc<RefreshingCredentials>, CredentialsError> {
        let means = Means::new(StsPlace::of_aws(region), options)?;
        let base = Base::new(self, means);
        Ok(Arc::new(RefreshingCredentials::new(base)))
    }

    /// Where to look, in this order.
    fn places(&self) -> Vec<Place> {
        match self {
            BaseConfig::Chain => vec![
                Place::Environment,
                Place::Profile(None),
                Place::WebIdentity,
                Place::Container,
                Place::Machine,
            ],
            BaseConfig::Environment => vec![Place::Environment],
            BaseConfig::Profile(name) => vec![Place::Profile(name.clone())],
            BaseConfig::WebIdentity => vec![Place::WebIdentity],
            BaseConfig::Container => vec![Place::Container],
            BaseConfig::Machine => vec![Place::Machine],
            BaseConfig::AccessKey(key) => vec![Place::AccessKey(key.clone())],
            BaseConfig::Process(command) => vec![Place::Process(command.clone())],
        }
    }
}

/// Where credentials are looked for, and where they were found.
#[derive(Clone)]
pub(super) struct Base {
    places: Arc<[Place]>,
    means: Means,
    found: Arc<Mutex<Option<&'static str>>>,
}

impl Base {
    pub(super) fn new(config: &BaseConfig, means: Means) -> Base {
        Base {
            places: config.places().into(),
            means,
            found: Arc::default(),
        }
    }

    /// Where the last credentials were found.
    pub(super) fn found_in(&self) -> Option<&'static str> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first place that has credentials. One that has unusable ones ends the search: what comes
    /// later would be somebody else's.
    pub(super) async fn find(&self) -> Result<Issued, CredentialsError> {
        for place in self.places.iter() {
            if let Some(issued) = place.find(&self.means).await? {
                let mut name = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                *name = Some(place.name());
                return Ok(issued);
            }
        }
        let names = self.places.iter().map(Place::name);
        Err(CredentialsError::NotFound {
            place: names.collect::<Vec<_>>().join(", "),
            source: Arc::new(SourceError::not_loaded("nothing is set there")),
        })
    }
}

#[async_trait]
impl Issuer for Base {
    async fn issue(&self) -> Result<Issued, CredentialsError> {
        self.find().await
    }
}

/// Credentials as the AWS packages sign with them. They don't say when they end.
pub(super) fn credentials_of(credential: &AwsCredential) -> Credentials {
    let AwsCredential {
        key_id,
        secret_key,
        token,
    } = credential;
    Credentials::new(key_id, secret_key, token.clone(), None, "spile")
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.places.iter().map(Place::name);
        f.debug_list().entries(names).finish()
    }
}

/// Nothing that opens anything.
impl fmt::Debug for BaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaseConfig::Chain => f.write_str("Chain"),
            BaseConfig::Environment => f.write_str("Environment"),
            BaseConfig::Profile(name) => f.debug_tuple("Profile").field(name).finish(),
            BaseConfig::WebIdentity => f.write_str("WebIdentity"),
            BaseConfig::Container => f.write_str("Container"),
            BaseConfig::Machine => f.write_str("Machine"),
            BaseConfig::AccessKey(key) => key.fmt(f),
            BaseConfig::Process(_) => f.write_str("Process"),
        }
    }
}
