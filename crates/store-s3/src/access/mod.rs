//! Who may do what in a bucket, as the documents that its owner gives out.
//!
//! Plain types: nothing here asks AWS, and nothing needs its packages. In reading order:
//!
//! 1. [`Scope`]: a bucket, or what lies under a prefix of it, in a [`Partition`] of AWS.
//! 2. [`Action`]: what can be allowed there, and what Spile needs it for.
//! 3. [`Grant`]: the actions on a scope, as a [`Policy`] for a role, a user or a session.
//! 4. [`Trust`]: who may take on a role, by its [`AccountId`] and an [`ExternalId`].
//! 5. [`AccessError`]: what can be wrong with the texts that all of these are made of.
//!
//! ```
//! use spile_store_s3::access::{BucketName, Grant, Scope};
//!
//! let scope = Scope::bucket(BucketName::new("acme-landing")?).under("raw".parse()?);
//! let policy = Grant::new(scope).policy();
//! assert!(policy.json().contains("arn:aws:s3:::acme-landing/raw/*"));
//! # Ok::<(), spile_store_s3::access::AccessError>(())
//! ```

mod account_id;
mod action;
mod arn;
mod bucket_name;
mod error;
mod external_id;
mod grant;
mod iam_name;
mod kms_key_arn;
mod partition;
mod policy;
mod prefix;
mod role_arn;
mod scope;
mod session;
mod tree;
mod trust;

pub use account_id::AccountId;
pub use action::{Action, Level};
pub use bucket_name::BucketName;
pub use error::AccessError;
pub use external_id::ExternalId;
pub use grant::Grant;
pub use iam_name::IamName;
pub use kms_key_arn::KmsKeyArn;
pub use partition::Partition;
pub use policy::{Condition, Policy, Statement};
pub use prefix::Prefix;
pub use role_arn::RoleArn;
pub use scope::Scope;
pub(crate) use tree::Tree;
pub use trust::Trust;
