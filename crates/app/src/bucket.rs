//! The bucket of a destination, of its settings.

use std::sync::Arc;
use std::time::Duration;

use spile_core::{Bucket, BucketError, BucketErrorKind, Retry};
use spile_store_s3::s3::{Checksum, Encryption};
use spile_store_s3::{FolderBucket, S3Bucket, S3Config, S3ConfigError};

use crate::config::{ConfigFault, ConfigFaults, DestinationSettings, ObjectSettings, Settings};
use crate::credentials::{self, Asking};
use crate::destination::{Destination, Place};
use crate::failure::{Exit, Failure, error_hint, without_credentials};

/// A bucket or a folder, and how another is opened beside it.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) bucket: Arc<dyn Bucket>,
    /// That of a bucket, secrets revealed.
    s3: Option<(Arc<S3Bucket>, S3Config)>,
}

/// Opens the bucket or the folder of a destination, for a run.
pub(crate) async fn open(
    destination: &Destination,
    settings: &Settings,
    run_id: &str,
    retry: &Retry,
) -> Result<Opened, Failure> {
    match &destination.place {
        Place::Folder(path) => {
            let folder = FolderBucket::open(path).map_err(|error| not_opened(&error))?;
            let bucket = Arc::new(folder);
            Ok(Opened { bucket, s3: None })
        }
        Place::Bucket(bucket) => {
            let asking = Asking {
                settings,
                bucket,
                prefix: &destination.prefix,
                run_id,
                retry,
            };
            connect(s3_config(&asking)?).await
        }
    }
}

impl Opened {
    /// The bucket, where it is one.
    pub(crate) fn s3(&self) -> Option<&Arc<S3Bucket>> {
        self.s3.as_ref().map(|(bucket, _)| bucket)
    }

    /// A bucket beside this one with the same credentials, so that nobody is asked for them again;
    /// none where one of them is a folder.
    pub(crate) async fn beside(
        &self,
        destination: &Destination,
    ) -> Option<Result<Opened, Failure>> {
        match (&destination.place, &self.s3) {
            (Place::Bucket(bucket), Some((_, config))) => {
                let mut config = config.clone();
                config.bucket.clone_from(bucket);
                config.probe_prefix = probe_prefix(&destination.prefix);
                Some(connect(config).await)
            }
            _ => None,
        }
    }
}

async fn connect(mut config: S3Config) -> Result<Opened, Failure> {
    let connected = S3Bucket::connect(config.clone()).await;
    let bucket = connected.map_err(|error| not_connected(&error))?;
    config.credentials = bucket.credentials();
    let bucket = Arc::new(bucket);
    Ok(Opened {
        bucket: Arc::clone(&bucket) as _,
        s3: Some((bucket, config)),
    })
}

/// What is written to find out what a store can do goes below the prefix.
fn probe_prefix(prefix: &str) -> String {
    match prefix {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    }
}

/// What is wrong with the settings of an S3 destination. Secrets stay where they are: a plan needs
/// none, and the command that gives one may ask somebody for a password.
pub(crate) fn s3_faults(settings: &DestinationSettings) -> ConfigFaults {
    let mut faults = ConfigFaults::default();
    faults.note_all(credentials::faults(&settings.auth));
    faults.check(encryption(&settings.object));
    faults.check(checksum(settings.checksum.as_deref()));
    faults
}

/// The settings of an S3 destination, all faults told at once.
pub(crate) fn s3_config(asking: &Asking<'_>) -> Result<S3Config, ConfigFaults> {
    let settings = &asking.settings.destination;
    let mut faults = ConfigFaults::default();
    let credentials = faults.check(credentials::credentials(asking));
    let encryption = faults.check(encryption(&settings.object));
    let checksum = faults.check(checksum(settings.checksum.as_deref()));
    let proxy = settings.proxy.as_ref();
    let proxy =
        proxy.and_then(|proxy| faults.check(credentials::reveal("destination.proxy", proxy)));
    let object = &settings.object;
    let mut config = S3Config::new(asking.bucket);
    config.region = settings.region.clone();
    config.endpoint = settings.endpoint.clone();
    config.path_style = settings.path_style;
    config.allow_http = settings.allow_http.unwrap_or_default();
    config.credentials = credentials.unwrap_or_default();
    config.expected_bucket_owner = object.expected_bucket_owner.clone();
    config.storage_class = object.storage_class.clone();
    config.encryption = encryption.flatten();
    config.tags = object.tags.clone().into_iter().collect();
    config.metadata = object.metadata.clone().into_iter().collect();
    config.checksum = checksum.unwrap_or_default();
    config.ca_bundle = settings.ca_bundle.clone().map(Into::into);
    config.proxy = proxy.map(Into::into);
    config.probe_prefix = probe_prefix(asking.prefix);
    // Parts of large objects are long, and long parts take their time.
    let object_bytes = asking.settings.limits.object_size.map_or(0, |size| size.0);
    let part_bytes = usize::try_from(object_bytes / 5_000).unwrap_or(usize::MAX);
    config.part_bytes_max = config.part_bytes_max.max(part_bytes);
    let request_time = asking.settings.limits.request_time;
    config.request_time_max = request_time.map(|time| Duration::from_secs(time.0));
    config.retry = asking.retry.clone();
    faults.or(Some(config))
}

fn encryption(object: &ObjectSettings) -> Result<Option<Encryption>, ConfigFault> {
    let key_id = object.kms_key_id.clone();
    match (object.sse.as_deref(), &key_id) {
        (None, None) => Ok(None),
        (Some("AES256"), None) => Ok(Some(Encryption::S3)),
        (Some("aws:kms"), _) | (None, Some(_)) => Ok(Some(Encryption::Kms { key_id })),
        (Some("AES256"), Some(_)) => Err(ConfigFault::new(
            "destination.object.kms_key_id",
            "AES256 uses no key of KMS",
        )
        .hint("write sse = \"aws:kms\", or leave the key out")),
        (Some(other), _) => Err(ConfigFault::new(
            "destination.object.sse",
            format!("`{other}` is unknown"),
        )
        .hint("write AES256 or aws:kms")),
    }
}

fn checksum(name: Option<&str>) -> Result<Checksum, ConfigFault> {
    match name {
        None | Some("default") => Ok(Checksum::Default),
        Some("none") => Ok(Checksum::None),
        Some("sha256") => Ok(Checksum::Sha256),
        Some("crc64nvme") => Ok(Checksum::Crc64Nvme),
        Some(other) => Err(ConfigFault::new(
            "destination.checksum",
            format!("`{other}` is unknown"),
        )
        .hint("write default, none, sha256 or crc64nvme")),
    }
}

fn refused(error: &BucketError) -> Failure {
    let (exit, hint) = error_hint(error);
    Failure::of(exit, error, hint)
}

/// A folder is made where there is none: it can't be made where something else is.
fn not_opened(error: &BucketError) -> Failure {
    let (exit, hint) = match error.kind {
        BucketErrorKind::NoSuchBucket | BucketErrorKind::NotFound => {
            (Exit::Refused, Some("choose a folder that can be made"))
        }
        _ => error_hint(error),
    };
    Failure::of(exit, error, hint)
}

pub(crate) fn not_connected(error: &S3ConfigError) -> Failure {
    match error {
        S3ConfigError::Bucket(error) => refused(error),
        S3ConfigError::Credentials(error) => without_credentials(error),
        S3ConfigError::PlainHttp { .. } => Failure::of(
            Exit::Configuration,
            error,
            Some("add --allow-http if you mean it"),
        ),
        error => Failure::of(Exit::Configuration, error, None),
    }
}
