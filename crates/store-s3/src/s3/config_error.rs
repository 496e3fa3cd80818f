//! Why a bucket can't be connected to.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use spile_core::BucketError;
use thiserror::Error as ThisError;

use crate::credentials::CredentialsError;

/// Why a bucket can't be connected to.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum S3ConfigError {
    /// The endpoint has no TLS.
    #[error("use the endpoint `{endpoint}`: it has no TLS, which only `allow_http` permits")]
    PlainHttp {
        /// The endpoint.
        endpoint: String,
    },
    /// The endpoint is no URL of a store.
    #[error("use the endpoint `{endpoint}`: {reason}")]
    Endpoint {
        /// The endpoint, without what may be secret in it.
        endpoint: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The bucket's name can't be one.
    #[error("use the bucket `{bucket}`: {reason}")]
    BucketName {
        /// The name.
        bucket: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The proxy is no URL, or one of something else.
    #[error("use the proxy: it is no URL of http, https or socks5")]
    Proxy,
    /// The certificates can't be read.
    #[error("read the certificates in `{}`", path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("read the certificates in `{}`: it has no PEM certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A setting has text that can't be sent.
    #[error("send the setting `{setting}`: {reason}")]
    Setting {
        /// Its name.
        setting: String,
        /// What is wrong with its text.
        reason: &'static str,
    },
    /// There are no credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The HTTP client can't be made.
    #[error("make an HTTP client")]
    Client {
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The bucket's region can't be found.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}
