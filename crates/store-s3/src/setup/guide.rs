//! The way to a bucket that Spile can load into, step by step.

use super::form::Form;
use super::page::Page;
use super::{key_steps, role_steps};
use crate::access::{AccountId, ExternalId, Grant, IamName, RoleArn};

/// All there is to do, for somebody who has never written a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// What Spile is to be allowed.
    pub grant: Grant,
    /// By what it is allowed.
    pub method: Method,
    /// The form of the documents.
    pub form: Form,
}

/// By what Spile is allowed into a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a role that it takes on.
    Role(RoleMethod),
    /// By the access key of a user, who has this name.
    AccessKey(IamName),
}

/// A role, as far as it is known before it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleMethod {
    /// Its name.
    pub name: IamName,
    /// All of it.
    pub arn: Option<RoleArn>,
    /// The account that Spile's own credentials are of.
    pub account: Option<AccountId>,
    /// What Spile has to say to be given the role.
    pub external_id: ExternalId,
}

impl Guide {
    /// The steps, as a page of Markdown. It shows the External ID.
    pub fn text(&self) -> String {
        let scope = &self.grant.scope;
        let mut page = Page::new(&format!("Let Spile load into {}", scope.url()));
        match &self.method {
            Method::Role(role) => role_steps::write(&mut page, self, role),
            Method::AccessKey(user) => key_steps::write(&mut page, self, user),
        }
        page.finish()
    }
}
