//! The check of a destination: whether all that a load asks of it is granted and works.
//!
//! A [`Checklist`] collects a [`Finding`] for each thing that was tried out. The probes themselves
//! are the stores': [`S3Bucket::check`](crate::S3Bucket::check) and
//! [`FolderBucket::check`](crate::FolderBucket::check). They leave nothing behind.

mod checklist;
mod finding;

/// The findings of credentials that others need.
pub(crate) const BASE_CREDENTIALS: &str = "base credentials";
pub(crate) const ASSUME_ROLE: &str = "assume role";

pub use checklist::Checklist;
pub use finding::{Finding, Lack, MissingGrant, PolicyKind, Status, Verdict};
