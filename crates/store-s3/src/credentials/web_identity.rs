//! Roles that are asked for with the token of a web identity.

use super::place::{Means, PlaceFault};
use super::refreshing::Issued;
use super::sts::Sts;
use crate::access::AccessError;

/// A role, and where the token for it lies.
pub(super) struct WebIdentity {
    token_file: String,
    role: String,
    session_name: Option<String>,
}

impl WebIdentity {
    pub(super) fn of_environment() -> Option<WebIdentity> {
        WebIdentity::of(
            variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
            variable("AWS_ROLE_ARN"),
            variable("AWS_ROLE_SESSION_NAME"),
        )
    }

    pub(super) fn of(
        token_file: Option<String>,
        role: Option<String>,
        session_name: Option<String>,
    ) -> Option<WebIdentity> {
        Some(WebIdentity {
            token_file: token_file?,
            role: role?,
            session_name,
        })
    }

    /// Asks for the role. The token is read anew: whoever put it there renews it.
    pub(super) async fn session(&self, means: &Means) -> Result<Issued, PlaceFault> {
        let role = self.role.parse();
        let role = role.map_err(|error: AccessError| PlaceFault::of(error))?;
        let token = std::fs::read_to_string(&self.token_file);
        let token =
            token.map_err(|error| PlaceFault::unusable(format!("{}: {error}", self.token_file)))?;
        let name = self.session_name.as_deref().unwrap_or("spile");
        let session = Sts::unsigned(&means.sts, &means.transport)
            .assume_by_token(&role, name, token.trim())
            .await;
        session.map_err(PlaceFault::Sts)
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
