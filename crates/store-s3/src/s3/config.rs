//! What a user writes of a bucket.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AwsCredentialProvider;
use spile_core::Retry;

use super::secret::Secret;
use crate::access::Partition;
use crate::credentials::{AccessKey, RefreshingCredentials};
#[cfg(feature = "roles")]
use crate::credentials::{BaseConfig, RoleConfig};

/// Which bucket, how it is reached, and what objects in it are given.
///
/// [`S3Config::new`] has the defaults; every field may be changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct S3Config {
    /// The bucket's name.
    pub bucket: String,
    /// The bucket's region. AWS is asked for it where it is left out; other stores are taken to
    /// be in `us-east-1`.
    pub region: Option<String>,
    /// The store's URL, without the bucket. AWS where it is left out.
    pub endpoint: Option<String>,
    /// Whether the bucket goes into the path of URLs, not into their host. By default it does
    /// where there is an endpoint, and where the bucket's name has a dot, which TLS can't take.
    pub path_style: Option<bool>,
    /// Allows an endpoint without TLS.
    pub allow_http: bool,
    /// Who asks.
    pub credentials: S3Credentials,
    /// The account that has to own the bucket, by its twelve digits.
    pub expected_bucket_owner: Option<String>,
    /// The storage class of objects, as S3 spells it: `STANDARD_IA`.
    pub storage_class: Option<String>,
    /// How objects are encrypted where they lie. The bucket's own setting where it is left out.
    pub encryption: Option<Encryption>,
    /// Tags for objects. AWS asks for `s3:PutObjectTagging` for them.
    pub tags: Vec<(String, String)>,
    /// Metadata for objects, besides their own: printable ASCII text, which is sent as it is.
    pub metadata: Vec<(String, String)>,
    /// How content is checked on its way.
    pub checksum: Checksum,
    /// A file of PEM certificates to trust, besides the system's.
    pub ca_bundle: Option<PathBuf>,
    /// The URL of a proxy. It may hold a password.
    pub proxy: Option<Secret>,
    /// The longest part that will be sent: time limits grow with it.
    pub part_bytes_max: usize,
    /// How long a request may take. By default a minute, and what the longest part takes at 256 KiB
    /// a second.
    pub request_time_max: Option<Duration>,
    /// Repeats what only the adapter can: finding the region, cleaning up, pages of a list. Whoever
    /// uses the bucket repeats the rest.
    pub retry: Retry,
    /// A prefix under which this may write, which is where a store is tried out.
    pub probe_prefix: String,
}

/// Who asks.
#[derive(Clone, Default)]
pub enum S3Credentials {
    /// What AWS programs find by themselves: environment variables, a web identity, a container's
    /// or a machine's role; with the feature `roles` also profiles, those of SSO included.
    #[default]
    DefaultChain,
    /// An access key.
    AccessKey(AccessKey),
    /// What a program has of itself, from one place.
    #[cfg(feature = "roles")]
    Base(BaseConfig),
    /// A role that is asked for.
    #[cfg(feature = "roles")]
    Role(Box<RoleConfig>),
    /// What an issuer makes. It is renewed when the store calls it expired, too.
    Refreshing(Arc<RefreshingCredentials>),
    /// Whatever this provides. It is asked for each request, and so has to remember.
    Provider(AwsCredentialProvider),
}

/// How objects are encrypted where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// With keys of S3's own.
    S3,
    /// With a key of KMS: the one named, or the account's default.
    Kms {
        /// The key's ARN or id.
        key_id: Option<String>,
    },
}

/// How content is checked on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// By the signature, which covers a SHA-256 of the content. Every store knows it.
    #[default]
    Default,
    /// By TLS alone. The fastest.
    None,
    /// By a SHA-256 that is kept with the object.
    Sha256,
    /// By a CRC-64/NVME that is kept with the object. Faster than SHA-256; few stores know it.
    Crc64Nvme,
}

impl Encryption {
    /// As S3 spells it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Encryption::S3 => "AES256",
            Encryption::Kms { .. } => "aws:kms",
        }
    }
}

impl S3Config {
    /// A bucket on AWS, asked by the default chain.
    pub fn new(bucket: impl Into<String>) -> Self {
        S3Config {
            bucket: bucket.into(),
            region: None,
            endpoint: None,
            path_style: None,
            allow_http: false,
            credentials: S3Credentials::DefaultChain,
            expected_bucket_owner: None,
            storage_class: None,
            encryption: None,
            tags: Vec::new(),
            metadata: Vec::new(),
            checksum: Checksum::Default,
            ca_bundle: None,
            proxy: None,
            part_bytes_max: 16 * 1024 * 1024,
            request_time_max: None,
            retry: Retry::default(),
            probe_prefix: String::new(),
        }
    }
}

impl S3Credentials {
    /// An access key that doesn't end.
    pub fn access_key(id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        S3Credentials::AccessKey(AccessKey {
            access_key_id: id.into(),
            secret_access_key: secret.into(),
            session_token: None,
        })
    }

    /// The part of AWS that they are of, as far as they say it: a role's is the bucket's too.
    pub(super) fn partition(&self) -> Partition {
        match self {
            #[cfg(feature = "roles")]
            S3Credentials::Role(role) => role.role.partition(),
            _ => Partition::default(),
        }
    }
}

/// A provider shows itself as it likes, so it isn't asked to.
impl fmt::Debug for S3Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            S3Credentials::DefaultChain => f.write_str("DefaultChain"),
            S3Credentials::AccessKey(key) => key.fmt(f),
            #[cfg(feature = "roles")]
            S3Credentials::Base(base) => f.debug_tuple("Base").field(base).finish(),
            #[cfg(feature = "roles")]
            S3Credentials::Role(role) => f.debug_tuple("Role").field(role).finish(),
            S3Credentials::Refreshing(credentials) => credentials.fmt(f),
            S3Credentials::Provider(_) => f.write_str("Provider"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let mut config = S3Config::new("landing");
        config.credentials = S3Credentials::access_key("AKIA", "hush");
        config.proxy = Some("http://me:hush@proxy".into());
        let shown = format!("{config:?}");
        assert!(shown.contains("AKIA") && !shown.contains("hush"), "{shown}");
    }
}
