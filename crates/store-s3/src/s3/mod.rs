//! S3, and whatever speaks as it does.

mod bucket;
mod check;
mod config;
mod config_error;
mod connect;
mod endpoint;
mod error;
mod exchange;
mod give_up;
mod head;
mod keyring;
mod list;
mod metadata;
mod probe;
mod publish;
mod query;
mod range;
mod region;
mod request;
mod secret;
mod upload;
mod uploads;
mod wire;
mod witness;

pub use bucket::S3Bucket;
pub use config::{Checksum, Encryption, S3Config, S3Credentials};
pub use config_error::S3ConfigError;
pub use error::StoreAnswer;
pub use secret::Secret;
