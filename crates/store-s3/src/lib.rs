//! S3 and folders as buckets that publish whole objects.

mod fault;
pub mod folder;

pub use folder::FolderBucket;
