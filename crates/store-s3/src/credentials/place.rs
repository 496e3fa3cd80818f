//! The places that have credentials. Each is asked anew, since what is written there changes.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_config::credential_process::CredentialProcessProvider;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError as SourceError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided};
use object_store::ClientOptions;
use object_store::aws::AwsCredential;

use super::access_key::AccessKey;
use super::error::CredentialsError;
use super::profile;
use super::refreshing::Issued;
use super::sts::StsPlace;
use super::transport::Transport;
use super::web_identity::WebIdentity;
use crate::s3::Secret;

/// Where credentials may be.
pub(super) enum Place {
    Environment,
    /// By its name, if it has one.
    Profile(Option<String>),
    WebIdentity,
    Container,
    Machine,
    AccessKey(AccessKey),
    Process(Secret),
}

/// What places are asked with.
#[derive(Clone)]
pub(super) struct Means {
    /// For profiles and web identities that are roles.
    pub(super) sts: StsPlace,
    pub(super) transport: Transport,
    /// To the container's agent and the machine's metadata.
    pub(super) nearby: Transport,
}

impl Means {
    pub(super) fn new(sts: StsPlace, options: &ClientOptions) -> Result<Means, CredentialsError> {
        Ok(Means {
            sts,
            transport: Transport::new(options)?,
            nearby: Transport::nearby(options)?,
        })
    }

    /// The settings of the AWS packages, with a way for their requests.
    pub(super) fn settings(&self, transport: &Transport) -> ProviderConfig {
        ProviderConfig::empty()
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_http_client(transport.clone())
    }
}

impl Place {
    /// As people call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Place::Environment => "the environment",
            Place::Profile(_) => "the shared profile",
            Place::WebIdentity => "the web identity",
            Place::Container => "the container",
            Place::Machine => "the machine",
            Place::AccessKey(_) => "the access key",
            Place::Process(_) => "the command",
        }
    }

    /// Its credentials, or none where nothing is set there. The future is in a box: those of the AWS
    /// packages are deep enough.
    pub(super) fn find<'a>(&'a self, means: &'a Means) -> BoxFuture<'a> {
        Box::pin(async move {
            let found = self.ask(means).await;
            found.map_err(|fault| fault.at(self.name()))
        })
    }

    async fn ask(&self, means: &Means) -> Found {
        match self {
            Place::Environment => issued(environment().await),
            Place::Profile(name) => profile::find(name.as_deref(), means).await,
            Place::WebIdentity => web_identity(means).await,
            Place::Container => issued(container(means).await),
            Place::Machine => issued(machine(means).await),
            Place::AccessKey(key) => Ok(Some(Issued {
                credential: key.credential(),
                lifetime: None,
            })),
            Place::Process(command) => issued(process(command.expose()).await),
        }
    }
}

type BoxFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Issued>, CredentialsError>> + Send + 'a>>;

/// Why a place has no usable credentials.
pub(super) enum PlaceFault {
    /// By the AWS packages, or what is written there.
    Source(Arc<dyn Error + Send + Sync>),
    /// By STS.
    Sts(CredentialsError),
}

/// What is wrong with what is written there, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unusable(String);

impl PlaceFault {
    pub(super) fn of(error: impl Error + Send + Sync + 'static) -> PlaceFault {
        PlaceFault::Source(Arc::new(error))
    }

    /// By what is written there.
    pub(super) fn unusable(reason: String) -> PlaceFault {
        PlaceFault::of(Unusable(reason))
    }

    /// As people are told. Where it is no fault of the place's settings, it is told as it is.
    fn at(self, place: &str) -> CredentialsError {
        let not_found = |source| CredentialsError::NotFound {
            place: place.to_owned(),
            source,
        };
        match self {
            PlaceFault::Source(error) => not_found(error),
            PlaceFault::Sts(
                error @ (CredentialsError::Unavailable { .. } | CredentialsError::Expired { .. }),
            ) => error,
            PlaceFault::Sts(error) => not_found(Arc::new(error)),
        }
    }
}

pub(super) type Found = Result<Option<Issued>, PlaceFault>;

/// What a provider of the AWS packages has found.
pub(super) fn issued(provided: Provided) -> Found {
    let found = match provided {
        Err(SourceError::CredentialsNotLoaded(_)) => return Ok(None),
        found => found.map_err(PlaceFault::of)?,
    };
    Ok(Some(Issued {
        lifetime: found.expiry().map(from_now),
        credential: AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        },
    }))
}

/// The time until then; none where it is over.
pub(super) fn from_now(then: SystemTime) -> Duration {
    then.duration_since(SystemTime::now()).unwrap_or_default()
}

pub(super) async fn environment() -> Provided {
    EnvironmentVariableCredentialsProvider::new()
        .provide_credentials()
        .await
}

pub(super) async fn container(means: &Means) -> Provided {
    let builder = EcsCredentialsProvider::builder().configure(&means.settings(&means.nearby));
    builder.build().provide_credentials().await
}

pub(super) async fn machine(means: &Means) -> Provided {
    let builder = ImdsCredentialsProvider::builder().configure(&means.settings(&means.nearby));
    builder.build().provide_credentials().await
}

pub(super) async fn process(command: &str) -> Provided {
    CredentialProcessProvider::new(command.to_owned())
        .provide_credentials()
        .await
}

async fn web_identity(means: &Means) -> Found {
    match WebIdentity::of_environment() {
        Some(identity) => identity.session(means).await.map(Some),
        None => Ok(None),
    }
}
