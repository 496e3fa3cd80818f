//! A folder that keeps the promises of a bucket.

mod bucket;
mod check;
mod error;
mod layout;
mod list;
mod place;
mod publish;
mod staging;

pub use bucket::FolderBucket;
