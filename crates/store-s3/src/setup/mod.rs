//! How a bucket is opened to Spile: the documents to give out, in the form that their reader uses,
//! and a guide through all steps.
//!
//! In reading order: [`Form`], [`AccessDocument`] and [`TrustDocument`], [`Guide`].
//!
//! ```
//! use spile_store_s3::access::{AccountId, ExternalId, IamName, Partition, Trust};
//! use spile_store_s3::setup::{Form, TrustDocument};
//!
//! let document = TrustDocument {
//!     trust: Trust {
//!         partition: Partition::Aws,
//!         account: AccountId::new("111111111111")?,
//!         external_id: ExternalId::fresh(),
//!     },
//!     role: IamName::new("spile")?,
//! };
//! assert!(document.text(Form::Cli).starts_with("aws iam create-role"));
//! # Ok::<(), spile_store_s3::access::AccessError>(())
//! ```

mod access_document;
mod bucket_document;
mod command;
mod config_file;
mod form;
mod guide;
mod hcl;
mod key_steps;
mod page;
mod role_steps;
mod steps;
mod template;
mod terraform;
mod trust_document;
mod yaml;

pub use access_document::{AccessDocument, Holder};
pub use form::Form;
pub use guide::{Guide, Method, RoleMethod};
pub use trust_document::TrustDocument;

/// What the labels of a template call everything; names may have characters that labels can't.
const LABEL: &str = "spile";

/// The name of the access policy within its role or user.
const ACCESS_POLICY: &str = "spile-access";
