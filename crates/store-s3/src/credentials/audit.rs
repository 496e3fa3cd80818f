//! Whether a role is granted to whom it should be, and to nobody else.

use spile_core::BucketErrorKind;

use super::check::{is_unknown, unknown};
use super::error::CredentialsError;
use super::role::{Role, RoleConfig};
use crate::access::{AccountId, Action, ExternalId, Statement, Trust};
use crate::check::{Lack, MissingGrant, PolicyKind, Verdict};

/// A role, and who asks for it.
pub(super) struct Audit<'a> {
    config: &'a RoleConfig,
    role: &'a Role,
    /// Whether the External ID may be shown, not only its fingerprint.
    shows_external_id: bool,
    /// Who asks, once that is known.
    account: Option<AccountId>,
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
                self.account = AccountId::new(identity.account).ok();
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
                     letter, since case counts"
                );
                self.lacking(message, Lack::Statement)
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
            Ok(()) => {
                let message = format!(
                    "the role is granted {how} too: its trust policy lacks the condition, so that \
                     anybody who learns of the role could have it used on their behalf"
                );
                self.lacking(message, Lack::Condition)
            }
        }
    }

    fn lacking(&self, message: String, lacks: Lack) -> Verdict {
        let verdict = Verdict::failed(BucketErrorKind::Unauthenticated, message);
        let verdict = verdict.lacking(self.missing(lacks));
        match self.account {
            Some(_) => verdict,
            None => verdict.adding(&format!(
                "STS doesn't tell whose account asks: put it in place of {} below",
                AccountId::example()
            )),
        }
    }

    /// What the role's trust policy has to say, and what it lacks of it.
    fn missing(&self, lacks: Lack) -> MissingGrant {
        MissingGrant {
            action: Action::AssumeRole,
            resource: self.config.role.to_string(),
            statement: self.trusting(),
            policy: PolicyKind::Trust,
            lacks,
            counterpart: match lacks {
                Lack::Statement => Some(Statement::assuming(&self.config.role)),
                Lack::Condition => None,
            },
        }
    }

    fn trusting(&self) -> Statement {
        let config = self.config;
        let shown = config.external_id.as_ref();
        let shown = shown.filter(|_| self.shows_external_id).cloned();
        let trust = Trust {
            partition: config.role.partition(),
            account: self.account.clone().unwrap_or_else(AccountId::example),
            external_id: shown.unwrap_or_else(ExternalId::placeholder),
        };
        let statement = trust.statement();
        Statement {
            condition: statement.condition.filter(|_| config.external_id.is_some()),
            ..statement
        }
    }

    fn shown(&self, id: &ExternalId) -> String {
        match self.shows_external_id {
            true => id.expose().to_owned(),
            false => id.fingerprint(),
        }
    }
}
