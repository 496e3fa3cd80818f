//! Whether there are credentials, step by step, and whether the role is safe.

use std::sync::Arc;

use object_store::ClientOptions;
use object_store::aws::AwsCredential;

use super::audit::Audit;
use super::base::{Base, BaseConfig, credentials_of};
use super::error::CredentialsError;
use super::place::Means;
use super::refreshing::RefreshingCredentials;
use super::role::{Role, RoleConfig};
use super::sts::{CallerIdentity, Sts, StsPlace};
use super::transport::Transport;
use crate::check::{ASSUME_ROLE as ROLE, BASE_CREDENTIALS as BASE, Checklist, Verdict};
use crate::s3::S3Credentials;

const IDENTITY: &str = "caller identity";
const WITHOUT_ID: &str = "no external id";

/// What credentials are looked for with.
pub(crate) struct Search<'a> {
    pub(crate) region: &'a str,
    pub(crate) options: &'a ClientOptions,
    /// Whether it is AWS that the credentials are for.
    pub(crate) is_aws: bool,
}

impl Search<'_> {
    /// Looks for credentials, and tells of each step. Answers with what was found, so that nobody
    /// is asked for it again.
    pub(crate) async fn check(
        &self,
        credentials: &S3Credentials,
        list: &mut Checklist<'_>,
    ) -> Option<S3Credentials> {
        match credentials {
            S3Credentials::Role(role) => return self.check_role(role, list).await,
            S3Credentials::DefaultChain => return self.check_base(&BaseConfig::Chain, list).await,
            S3Credentials::Base(base) => return self.check_base(base, list).await,
            S3Credentials::AccessKey(key) => {
                let found = format!("the access key {}", key.access_key_id);
                list.always(BASE, async { Verdict::passed(found) }).await;
                self.check_identity(&key.credential(), list).await;
            }
            S3Credentials::Refreshing(_) | S3Credentials::Provider(_) => {
                let found = Verdict::passed("the program's own");
                list.always(BASE, async { found }).await;
            }
        }
        Some(credentials.clone())
    }

    async fn check_base(
        &self,
        config: &BaseConfig,
        list: &mut Checklist<'_>,
    ) -> Option<S3Credentials> {
        let mut found = None;
        let search = async {
            let means = Means::new(StsPlace::of_aws(self.region), self.options)?;
            let base = Base::new(config, means);
            let credentials = Arc::new(RefreshingCredentials::new(base.clone()));
            found = Some((credentials.credential().await?, credentials));
            Ok(base.found_in().unwrap_or_default())
        };
        let tell = |place: &str| Verdict::passed(format!("from {place}"));
        let search = async {
            search
                .await
                .map_or_else(|error: CredentialsError| Verdict::from(&error), tell)
        };
        list.probe(BASE, &[], search).await;
        let (credential, credentials) = found?;
        self.check_identity(&credential, list).await;
        Some(S3Credentials::Refreshing(credentials))
    }

    /// Other stores have no STS, and AWS's isn't told of their keys.
    async fn check_identity(&self, credential: &AwsCredential, list: &mut Checklist<'_>) {
        list.note_skipped(ROLE, "no role is configured");
        if !self.is_aws {
            return list.note_skipped(IDENTITY, "the store isn't AWS, whose STS would know");
        }
        let place = StsPlace::of_aws(self.region);
        let identity = async {
            let transport = Transport::new(self.options)?;
            let sts = Sts::new(&place, credentials_of(credential), &transport);
            sts.caller_identity().await
        };
        // The store may be reached where STS isn't.
        let identity = async {
            match identity.await {
                Err(error) if error.is_retryable() => unknown("it can't be found out", &error),
                identity => identified(identity),
            }
        };
        list.probe(IDENTITY, &[BASE], identity).await;
    }

    async fn check_role(
        &self,
        config: &RoleConfig,
        list: &mut Checklist<'_>,
    ) -> Option<S3Credentials> {
        let role = match Role::new(config, self.options) {
            Ok(role) => role,
            Err(error) => {
                list.always(ROLE, async { Verdict::from(&error) }).await;
                return None;
            }
        };
        let mut audit = Audit::new(config, &role, list.shows_external_id());
        list.probe(BASE, &[], audit.base()).await;
        let credentials = Arc::new(RefreshingCredentials::new(role.clone()));
        let mut assumed = None;
        let assume = async {
            let issued = credentials.credential().await;
            let verdict = audit.assumed(issued.as_ref().err());
            assumed = issued.ok();
            verdict
        };
        list.probe(ROLE, &[BASE], assume).await;
        let identity = async {
            match &assumed {
                Some(credential) => identified(role.identity_of(credential).await),
                None => Verdict::skipped("there is no session"),
            }
        };
        list.probe(IDENTITY, &[ROLE], identity).await;
        list.probe(WITHOUT_ID, &[ROLE], audit.without_external_id())
            .await;
        // Whoever grants it without one doesn't ask for it at all.
        let wrong = audit.wrong_external_id();
        list.probe("wrong external id", &[WITHOUT_ID], wrong).await;
        assumed.map(|_| S3Credentials::Refreshing(credentials))
    }
}

fn identified(identity: Result<CallerIdentity, CredentialsError>) -> Verdict {
    match identity {
        Ok(identity) => Verdict::passed(identity.arn),
        Err(error) if is_unknown(&error) => Verdict::skipped("STS doesn't tell here"),
        Err(error) => Verdict::from(&error),
    }
}

/// Whether STS says that it doesn't know the request, as that of other stores does.
pub(super) fn is_unknown(error: &CredentialsError) -> bool {
    let code = match error {
        CredentialsError::Unknown { code, .. } => code,
        _ => return false,
    };
    [
        "InvalidAction",
        "NotImplemented",
        "UnknownOperationException",
    ]
    .contains(&code.as_str())
}

/// What can't be found out for now, and what isn't needed for loads.
pub(super) fn unknown(what: &str, error: &CredentialsError) -> Verdict {
    Verdict::warned(format!("{what}: failed to {error}")).adding_causes(error)
}
