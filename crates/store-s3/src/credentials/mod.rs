//! Credentials that `object_store` doesn't know.
//!
//! [`RefreshingCredentials`] keeps what an [`Issuer`] makes and renews it before it ends. With the feature
//! `roles` there are two issuers: [`RoleConfig`], a role of another account that is asked for with an
//! External ID, and [`BaseConfig`], whatever AWS programs find by themselves, profiles and SSO included.
//! [`Role`] is the same as the first, step by step, for whoever wants to find out what is wrong.
//!
//! A role that is configured never falls back to other credentials. STS is asked once, and again
//! when a third of the session (at most five minutes) is left; requests that come meanwhile go on with
//! the old credentials.

mod access_key;
#[cfg(feature = "roles")]
mod audit;
#[cfg(feature = "roles")]
mod base;
#[cfg(feature = "roles")]
mod check;
mod error;
#[cfg(feature = "roles")]
mod place;
#[cfg(feature = "roles")]
mod profile;
mod refreshing;
#[cfg(feature = "roles")]
mod role;
mod session_name;
#[cfg(feature = "roles")]
mod sts;
#[cfg(feature = "roles")]
mod transport;
#[cfg(feature = "roles")]
mod web_identity;

pub use access_key::AccessKey;
#[cfg(feature = "roles")]
pub use base::BaseConfig;
#[cfg(feature = "roles")]
pub(crate) use check::Search;
pub use error::CredentialsError;
pub use refreshing::{Issued, Issuer, RefreshingCredentials};
#[cfg(feature = "roles")]
pub use role::{Role, RoleConfig};
pub use session_name::session_name;
#[cfg(feature = "roles")]
pub use sts::CallerIdentity;
