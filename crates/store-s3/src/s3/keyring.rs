//! Who signs.

use std::sync::Arc;

use object_store::aws::AwsCredentialProvider;
use object_store::{ClientOptions, StaticCredentialProvider};

use super::config::{S3Config, S3Credentials};
use super::config_error::S3ConfigError;
#[cfg(feature = "roles")]
use crate::credentials::BaseConfig;
use crate::credentials::RefreshingCredentials;

/// Credentials, and whether there are others once they have ended.
#[derive(Clone, Debug)]
pub(super) struct Keyring {
    pub(super) provider: AwsCredentialProvider,
    refreshing: Option<Arc<RefreshingCredentials>>,
}

impl Keyring {
    /// Finds credentials. What can be renewed is asked for at once, so that a run that has none ends
    /// before it begins.
    pub(super) async fn open(
        config: &S3Config,
        region: &str,
        options: &ClientOptions,
    ) -> Result<Keyring, S3ConfigError> {
        let refreshing = match &config.credentials {
            S3Credentials::Provider(provider) => return Ok(Keyring::fixed(Arc::clone(provider))),
            S3Credentials::AccessKey(key) => {
                let provider = StaticCredentialProvider::new(key.credential());
                return Ok(Keyring::fixed(Arc::new(provider)));
            }
            #[cfg(not(feature = "roles"))]
            S3Credentials::DefaultChain => {
                return from_environment(config, region, options).map(Keyring::fixed);
            }
            #[cfg(feature = "roles")]
            S3Credentials::DefaultChain => BaseConfig::Chain.credentials(region, options)?,
            #[cfg(feature = "roles")]
            S3Credentials::Base(base) => base.credentials(region, options)?,
            #[cfg(feature = "roles")]
            S3Credentials::Role(role) => role.credentials(options)?,
            S3Credentials::Refreshing(credentials) => Arc::clone(credentials),
        };
        refreshing.credential().await?;
        let provider: AwsCredentialProvider = Arc::clone(&refreshing) as AwsCredentialProvider;
        Ok(Keyring {
            provider,
            refreshing: Some(refreshing),
        })
    }

    fn fixed(provider: AwsCredentialProvider) -> Keyring {
        Keyring {
            provider,
            refreshing: None,
        }
    }

    /// The same credentials, for another bucket.
    pub(super) fn credentials(&self) -> S3Credentials {
        match &self.refreshing {
            Some(refreshing) => S3Credentials::Refreshing(Arc::clone(refreshing)),
            None => S3Credentials::Provider(Arc::clone(&self.provider)),
        }
    }

    /// Whether a request that was refused because its credentials had ended can be sent again.
    pub(super) fn is_renewed(&self) -> bool {
        self.refreshing.is_some()
    }

    /// Whether there are others by now than those with this token, or will be in a moment.
    pub(super) fn is_outdated(&self, session_token: &str) -> bool {
        let refreshing = self.refreshing.as_ref();
        refreshing.is_some_and(|credentials| credentials.is_outdated(session_token))
    }

    /// A store has called the credentials with this token expired.
    pub(super) fn forget(&self, session_token: &str) {
        if let Some(credentials) = &self.refreshing {
            credentials.forget(session_token);
        }
    }
}

/// Only credentials are taken from the environment: other settings would come by surprise.
#[cfg(not(feature = "roles"))]
fn from_environment(
    config: &S3Config,
    region: &str,
    options: &ClientOptions,
) -> Result<AwsCredentialProvider, S3ConfigError> {
    use object_store::aws::AmazonS3Builder;

    use crate::credentials::CredentialsError;

    let built = AmazonS3Builder::from_env()
        .with_bucket_name(&config.bucket)
        .with_region(region)
        .with_client_options(options.clone())
        .with_retry(super::connect::retries())
        .build();
    let store = built.map_err(|error| CredentialsError::NotFound {
        place: "the environment".to_owned(),
        source: Arc::new(error),
    })?;
    Ok(Arc::clone(store.credentials()))
}
