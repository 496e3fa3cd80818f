//! The credentials that a program has of itself.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use aws_config::credential_process::CredentialProcessProvider;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError as SourceError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use object_store::ClientOptions;
use object_store::aws::AwsCredential;

use super::access_key::AccessKey;
use super::error::CredentialsError;
use super::refreshing::{Issued, Issuer, RefreshingCredentials};
use super::transport::Transport;
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
    pub async fn credentials(
        &self,
        region: &str,
        options: &ClientOptions,
    ) -> Result<Arc<RefreshingCredentials>, CredentialsError> {
        let base = Base::new(self, region, &Transport::new(options)?).await;
        Ok(Arc::new(RefreshingCredentials::new(base)))
    }
}

/// Where credentials are looked for, and where they were found.
#[derive(Clone)]
pub(super) struct Base {
    places: Arc<[Place]>,
    found: Arc<Mutex<Option<&'static str>>>,
}

struct Place {
    /// As people call it.
    name: &'static str,
    provider: SharedCredentialsProvider,
}

const ENVIRONMENT: &str = "the environment";
const PROFILE: &str = "the shared profile";
const WEB_IDENTITY: &str = "the web identity";
const CONTAINER: &str = "the container";
const MACHINE: &str = "the machine";

impl Base {
    /// `region` is that of STS, for profiles and web identities of roles.
    pub(super) async fn new(config: &BaseConfig, region: &str, transport: &Transport) -> Base {
        let settings = settings(region, transport).await;
        let place = |name, provider| Place { name, provider };
        let profile = |name: Option<&str>| place(PROFILE, profile(name, &settings));
        let places = match config {
            BaseConfig::Chain => vec![
                place(ENVIRONMENT, environment()),
                profile(None),
                place(WEB_IDENTITY, web_identity(&settings)),
                place(CONTAINER, container(&settings)),
                place(MACHINE, machine(&settings)),
            ],
            BaseConfig::Environment => vec![place(ENVIRONMENT, environment())],
            BaseConfig::Profile(name) => vec![profile(name.as_deref())],
            BaseConfig::WebIdentity => vec![place(WEB_IDENTITY, web_identity(&settings))],
            BaseConfig::Container => vec![place(CONTAINER, container(&settings))],
            BaseConfig::Machine => vec![place(MACHINE, machine(&settings))],
            BaseConfig::AccessKey(key) => vec![place(
                "the access key",
                SharedCredentialsProvider::new(credentials_of(&key.credential())),
            )],
            BaseConfig::Process(command) => vec![place("the command", process(command))],
        };
        Base {
            places: places.into(),
            found: Arc::default(),
        }
    }

    /// Where the last credentials were found.
    pub(super) fn found_in(&self) -> Option<&'static str> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first place that has credentials. One that has unusable ones ends the search: what comes
    /// later would be somebody else's.
    pub(super) async fn find(&self) -> Result<Credentials, SourceError> {
        for place in self.places.iter() {
            match place.provider.provide_credentials().await {
                Err(SourceError::CredentialsNotLoaded(_)) => {}
                found => {
                    let mut name = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                    *name = Some(place.name);
                    return found;
                }
            }
        }
        Err(SourceError::not_loaded("nothing is set there"))
    }

    /// An error of the search, as people are told.
    pub(super) fn not_found(&self, error: SourceError) -> CredentialsError {
        let names = self.places.iter().map(|place| place.name);
        CredentialsError::NotFound {
            place: match (&error, self.found_in()) {
                (SourceError::CredentialsNotLoaded(_), _) | (_, None) => {
                    names.collect::<Vec<_>>().join(", ")
                }
                (_, Some(name)) => name.to_owned(),
            },
            source: Arc::new(error),
        }
    }
}

impl ProvideCredentials for Base {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.find())
    }
}

#[async_trait]
impl Issuer for Base {
    async fn issue(&self) -> Result<Issued, CredentialsError> {
        let found = self.find().await;
        let found = found.map_err(|error| self.not_found(error))?;
        Ok(Issued {
            lifetime: found.expiry().map(from_now),
            credential: AwsCredential {
                key_id: found.access_key_id().to_owned(),
                secret_key: found.secret_access_key().to_owned(),
                token: found.session_token().map(str::to_owned),
            },
        })
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

/// The time until then; none where it is over.
pub(super) fn from_now(then: SystemTime) -> std::time::Duration {
    then.duration_since(SystemTime::now()).unwrap_or_default()
}

async fn settings(region: &str, transport: &Transport) -> ProviderConfig {
    // A region of the environment is that of whoever set the credentials there.
    let own = EnvironmentVariableRegionProvider::new().region().await;
    ProviderConfig::empty()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(transport.clone())
        .with_region(own.or_else(|| Some(Region::new(region.to_owned()))))
}

fn environment() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
}

fn profile(name: Option<&str>, settings: &ProviderConfig) -> SharedCredentialsProvider {
    let mut builder = ProfileFileCredentialsProvider::builder().configure(settings);
    if let Some(name) = name {
        builder = builder.profile_name(name);
    }
    SharedCredentialsProvider::new(builder.build())
}

fn web_identity(settings: &ProviderConfig) -> SharedCredentialsProvider {
    let builder = WebIdentityTokenCredentialsProvider::builder().configure(settings);
    SharedCredentialsProvider::new(builder.build())
}

fn container(settings: &ProviderConfig) -> SharedCredentialsProvider {
    let builder = EcsCredentialsProvider::builder().configure(settings);
    SharedCredentialsProvider::new(builder.build())
}

fn machine(settings: &ProviderConfig) -> SharedCredentialsProvider {
    let builder = ImdsCredentialsProvider::builder().configure(settings);
    SharedCredentialsProvider::new(builder.build())
}

fn process(command: &Secret) -> SharedCredentialsProvider {
    let command = command.expose().to_owned();
    SharedCredentialsProvider::new(CredentialProcessProvider::new(command))
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.places.iter().map(|place| place.name);
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
