//! From what a user wrote to a bucket that can be asked.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum as KeptChecksum};
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};
use url::Url;

use super::bucket::{Connection, S3Bucket};
#[cfg(feature = "roles")]
use super::config::S3Credentials;
use super::config::{Checksum, Encryption, S3Config};
use super::config_error::S3ConfigError;
use super::endpoint::Endpoint;
use super::keyring::Keyring;
use super::region;
use super::request::{Template, check_setting};
use super::wire::{Signer, Wire, WireConnector};

/// Where no store says otherwise.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

/// The slowest connection that a part may still get through, in bytes a second.
const SLOWEST: u64 = 256 * 1024;

/// What machines are asked for their role at; never by a proxy.
const METADATA_HOSTS: &str = "169.254.169.254,169.254.170.2,169.254.170.23";

impl S3Config {
    /// Checks what can be checked of the settings without asking anybody.
    ///
    /// # Errors
    /// Where settings are unusable or don't fit each other.
    pub fn validate(&self) -> Result<(), S3ConfigError> {
        Endpoint::new(self)?;
        client_options(self)?;
        Template::new(self)?;
        #[cfg(feature = "roles")]
        if let S3Credentials::Role(role) = &self.credentials {
            role.validate()?;
        }
        Ok(())
    }

    /// The region to ask in: the one that is configured, or that AWS says the bucket is in.
    pub(super) async fn find_region(
        &self,
        endpoint: &Endpoint,
        options: &ClientOptions,
    ) -> Result<String, S3ConfigError> {
        match &self.region {
            Some(region) => Ok(region.clone()),
            None if endpoint.has_regions() => {
                let partition = self.credentials.partition();
                region::find(&self.bucket, partition, options, &self.retry).await
            }
            None => Ok(DEFAULT_REGION.to_owned()),
        }
    }
}

impl S3Bucket {
    /// Makes what a user wrote into a bucket. AWS is asked for the bucket's region if it isn't
    /// known, and whoever issues credentials for them; the bucket itself isn't asked anything.
    ///
    /// # Errors
    /// Where settings are unusable or don't fit each other, where the region can't be found, and where
    /// there are no credentials.
    pub async fn connect(config: S3Config) -> Result<S3Bucket, S3ConfigError> {
        let endpoint = Endpoint::new(&config)?;
        let options = client_options(&config)?;
        let template = Template::new(&config)?;
        let region = config.find_region(&endpoint, &options).await?;
        let url = endpoint.bucket_url(&config.bucket, &region);
        let keys = Keyring::open(&config, &region, &options).await?;
        let signer = signer(&config, &region, keys)?;
        let wire = Wire::new(&options, signer).map_err(client)?;
        let store = store(&config, &url, &region, &options, &wire).map_err(client)?;
        Ok(S3Bucket::new(Connection {
            store,
            wire,
            url,
            region,
            template,
            encryption: config.encryption,
            retry: config.retry,
            bucket: config.bucket,
            probe_prefix: config.probe_prefix,
            is_aws: endpoint.is_aws(),
        }))
    }
}

pub(super) fn client_options(config: &S3Config) -> Result<ClientOptions, S3ConfigError> {
    let agent = HeaderValue::from_static(concat!("spile/", env!("CARGO_PKG_VERSION")));
    let mut options = ClientOptions::new()
        .with_user_agent(agent)
        .with_allow_http(config.allow_http)
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(time_limit(config));
    if let Some(proxy) = &config.proxy {
        let scheme = Url::parse(proxy.expose()).map(|url| url.scheme().to_owned());
        match scheme.as_deref() {
            Ok("http" | "https" | "socks5" | "socks5h") => (),
            _ => return Err(S3ConfigError::Proxy),
        }
        options = options
            .with_proxy_url(proxy.expose())
            .with_proxy_excludes(METADATA_HOSTS);
    }
    for certificate in certificates(config)? {
        options = options.with_root_certificate(certificate);
    }
    Ok(options)
}

/// The limit is one for a whole request, so that it has to leave time for the longest.
fn time_limit(config: &S3Config) -> Duration {
    let usual = Duration::from_secs(60 + config.part_bytes_max as u64 / SLOWEST);
    config.request_time_max.unwrap_or(usual)
}

fn certificates(config: &S3Config) -> Result<Vec<Certificate>, S3ConfigError> {
    let Some(path) = &config.ca_bundle else {
        return Ok(Vec::new());
    };
    let pem = fs::read(path).map_err(|source| S3ConfigError::CaBundle {
        path: path.clone(),
        source,
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(S3ConfigError::NoCertificate { path: path.clone() }),
    }
}

fn signer(config: &S3Config, region: &str, keys: Keyring) -> Result<Signer, S3ConfigError> {
    let owner = config.expected_bucket_owner.as_ref();
    let owner = owner
        .map(|owner| check_setting("expected_bucket_owner", owner))
        .transpose()?;
    Ok(Signer {
        keys,
        region: region.to_owned(),
        sign_payload: signs_payload(config),
        expected_owner: owner,
    })
}

fn store(
    config: &S3Config,
    url: &str,
    region: &str,
    options: &ClientOptions,
    wire: &Wire,
) -> object_store::Result<AmazonS3> {
    let builder = AmazonS3Builder::new()
        .with_bucket_name(&config.bucket)
        .with_region(region)
        // An endpoint in this style is the bucket's own URL.
        .with_endpoint(url)
        .with_virtual_hosted_style_request(true)
        .with_credentials(Arc::clone(&wire.keys().provider))
        .with_client_options(options.clone())
        .with_retry(retries())
        // One action less to be granted, and known to every store.
        .with_disable_bulk_delete(true)
        .with_http_connector(WireConnector(wire.clone()))
        .with_unsigned_payload(!signs_payload(config));
    with_encryption(with_checksum(builder, config.checksum), config)?.build()
}

/// None: whoever asks repeats what fails in passing, with fresh signatures, and counts it.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            base: 2.0,
        },
        max_retries: 0,
        retry_timeout: Duration::from_secs(120),
    }
}

/// Without TLS, nothing but the signature protects content, so that it always covers it.
fn signs_payload(config: &S3Config) -> bool {
    let is_plain = config
        .endpoint
        .as_ref()
        .is_some_and(|url| url.starts_with("http:"));
    match config.checksum {
        Checksum::Default | Checksum::Sha256 => true,
        Checksum::None | Checksum::Crc64Nvme => is_plain,
    }
}

fn with_checksum(builder: AmazonS3Builder, checksum: Checksum) -> AmazonS3Builder {
    match checksum {
        Checksum::Default | Checksum::None => builder,
        Checksum::Sha256 => builder.with_checksum_algorithm(KeptChecksum::SHA256),
        Checksum::Crc64Nvme => builder.with_checksum_algorithm(KeptChecksum::CRC64NVME),
    }
}

fn with_encryption(
    builder: AmazonS3Builder,
    config: &S3Config,
) -> object_store::Result<AmazonS3Builder> {
    let Some(encryption) = &config.encryption else {
        return Ok(builder);
    };
    let kind = encryption.name();
    let builder = builder.with_config("aws_server_side_encryption".parse()?, kind);
    let Encryption::Kms { key_id } = encryption else {
        return Ok(builder);
    };
    match key_id {
        Some(id) => Ok(builder.with_config("aws_sse_kms_key_id".parse()?, id)),
        None => Ok(builder),
    }
}

fn client(source: object_store::Error) -> S3ConfigError {
    S3ConfigError::Client {
        source: source.into(),
    }
}
