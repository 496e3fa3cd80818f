//! Whether a role is granted to whom it should be, and to nobody else.

use spile_core::BucketErrorKind;

use super::check::{is_unknown, unknown};
use super::error::CredentialsError;
use super::role::{Role, RoleConfig};
use crate::access::{Action, Condition, ExternalId, Statement};
use crate::check::{MissingGrant, Verdict};

/// A role, and who asks for it.
pub(super) struct Audit<'a> {
    config: &'a RoleConfig,
    role: &'a Role,
    /// Whether the External ID may be shown, not only its fingerprint.
    shows_external_id: bool,
    /// Who asks, once that is known.
    account: Option<String>,
    caller: Option<String>,
}

impl<'a> Audit<'a> {
    pub(super) fn new(config: &'a RoleConfig, role: &'a Role, shows_external_id: bool) -> Self {
        Audit {
            config,
            role,
            shows_external_id,
            account: None,
            caller: None,
        }
    }

    /// Who asks for the role.
    pub(super) async fn base(&mut self) -> Verdict {
        match self.role.base_identity().await {
            Ok((identity, place)) => {
                let message = format!("from {place}: {}", identity.arn);
                self.account = Some(identity.account);
                self.caller = Some(identity.arn);
                Verdict::passed(message)
            }
            Err(error) if is_unknown(&error) => {
                Verdict::passed("found; STS doesn't tell here whose they are")
            }
            Err(error) => Verdict::from(&error),
        }
    }

    /// What it means that the role was granted, or wasn't.
    pub(super) fn assumed(&self, refusal: Option<&CredentialsError>) -> Verdict {
        let role = &self.config.role;
        let with = match &self.config.external_id {
            Some(id) => format!("with the External ID {}", self.shown(id)),
            None => "without an External ID".to_owned(),
        };
        match refusal {
            None => Verdict::passed(format!("{role} {with}")),
            Some(CredentialsError::Refused { code, reason, .. }) if code == "AccessDenied" => {
                let caller = self.caller.as_deref().unwrap_or("the base credentials");
                let message = format!(
                    "{role} isn't granted to {caller} {with}\n{reason}\n\
                     compare all three with the role's trust policy, the External ID letter by \
                     letter, since case counts; in their own account, whoever asks needs \
                     {} on the role as well",
                    Action::AssumeRole
                );
                Verdict::failed(BucketErrorKind::Unauthenticated, message).lacking(self.trust())
            }
            Some(error) => Verdict::from(error),
        }
    }

    pub(super) async fn without_external_id(&self) -> Verdict {
        self.refused(None, "without the External ID").await
    }

    pub(super) async fn wrong_external_id(&self) -> Verdict {
        let wrong = ExternalId::fresh();
        self.refused(Some(&wrong), "with a wrong External ID").await
    }

    /// A role that is granted to whoever asks can be had through this program by anybody who
    /// learns of its name.
    async fn refused(&self, external_id: Option<&ExternalId>, how: &str) -> Verdict {
        if self.config.external_id.is_none() {
            return Verdict::skipped("the role has no External ID, which is allowed");
        }
        match self.role.try_external_id(external_id).await {
            Err(CredentialsError::Refused { code, .. }) if code == "AccessDenied" => {
                Verdict::passed(format!("refused {how}, as it should be"))
            }
            Err(error) => unknown("it can't be found out", &error),
            Ok(()) => Verdict::failed(
                BucketErrorKind::Unauthenticated,
                format!(
                    "the role is granted {how} too: its trust policy lacks the condition, so that \
                     anybody who learns of the role could have it used on their behalf"
                ),
            )
            .lacking(MissingGrant {
                replaces: true,
                ..self.trust()
            }),
        }
    }

    /// The statement of the role's trust policy.
    fn trust(&self) -> MissingGrant {
        let RoleConfig {
            role, external_id, ..
        } = self.config;
        let account = self.account.as_deref().unwrap_or("ACCOUNT");
        let condition = external_id
            .as_ref()
            .and_then(|id| match self.shows_external_id {
                true => Some(id.clone()),
                false => ExternalId::new("YOUR-EXTERNAL-ID").ok(),
            });
        MissingGrant {
            action: Action::AssumeRole,
            resource: role.to_string(),
            statement: Statement {
                sid: "SpileTrust".to_owned(),
                principal: Some(format!("arn:{}:iam::{account}:root", role.partition())),
                actions: vec![Action::AssumeRole],
                resources: Vec::new(),
                condition: condition.map(Condition::ExternalId),
            },
            replaces: false,
        }
    }

    fn shown(&self, id: &ExternalId) -> String {
        match self.shows_external_id {
            true => id.expose().to_owned(),
            false => id.fingerprint(),
        }
    }
}
