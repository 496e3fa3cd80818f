#![doc = include_str!("../README.md")]

pub mod access;
pub mod check;
pub mod credentials;
mod fault;
pub mod folder;
pub mod s3;
pub mod setup;

pub use folder::FolderBucket;
pub use s3::{S3Bucket, S3Config, S3ConfigError, S3Credentials, Secret};
