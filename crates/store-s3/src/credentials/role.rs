//! A role of another account.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::aws::AwsCredential;
use url::Url;

use super::base::{Base, BaseConfig, credentials_of};
use super::error::CredentialsError;
use super::place::Means;
use super::refreshing::{Issued, Issuer, RefreshingCredentials};
use super::sts::{CallerIdentity, RoleRequest, Sts, StsPlace};
use crate::access::{ExternalId, RoleArn};

/// A role that is asked for, as a user writes it.
///
/// [`RoleConfig::new`] has the defaults; every field may be changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoleConfig {
    /// The role.
    pub role: RoleArn,
    /// What the owner of the role asks for besides, by which they know on whose behalf the role
    /// is asked for.
    pub external_id: Option<ExternalId>,
    /// Allows a role without an External ID.
    pub allow_no_external_id: bool,
    /// The session's name in the records of the role's account, see [`session_name`].
    ///
    /// [`session_name`]: super::session_name()
    pub session_name: String,
    /// How long a session lasts; an hour where it is left out.
    pub duration: Option<Duration>,
    /// A policy in JSON that the session is narrowed to.
    pub session_policy: Option<String>,
    /// The region of STS; by default one of the role's partition.
    pub sts_region: Option<String>,
    /// The URL of STS; AWS's own by default, whatever the environment says of endpoints.
    pub sts_endpoint: Option<String>,
    /// Allows an endpoint without TLS.
    pub allow_http: bool,
    /// Who asks for the role.
    pub base: BaseConfig,
}

impl RoleConfig {
    /// A role with an External ID, asked for by the default chain.
    pub fn new(role: RoleArn, external_id: ExternalId) -> Self {
        RoleConfig {
            external_id: Some(external_id),
            ..RoleConfig::without_external_id(role)
        }
    }

    /// A role, asked for by the default chain. It has an error unless an External ID is set or
    /// declared needless.
    pub fn without_external_id(role: RoleArn) -> Self {
        RoleConfig {
            role,
            external_id: None,
            allow_no_external_id: false,
            session_name: "spile".to_owned(),
            duration: None,
            session_policy: None,
            sts_region: None,
            sts_endpoint: None,
            allow_http: false,
            base: BaseConfig::Chain,
        }
    }

    /// Checks what can be checked of the settings without asking anybody.
    ///
    /// # Errors
    /// Where there is no External ID, and where the endpoint of STS can't be used.
    pub fn validate(&self) -> Result<(), CredentialsError> {
        let unusable = |reason| CredentialsError::Role {
            role: self.role.to_string(),
            reason,
        };
        if self.external_id.is_none() && !self.allow_no_external_id {
            return Err(unusable(NO_EXTERNAL_ID));
        }
        match &self.sts_endpoint {
            Some(endpoint) => check_endpoint(endpoint, self.allow_http).map_err(unusable),
            None => Ok(()),
        }
    }

    /// Credentials of the role for `object_store`. Nothing is asked of anybody yet.
    ///
    /// # Errors
    /// Where there is no External ID, and where settings can't be used.
    pub fn credentials(
        &self,
        options: &ClientOptions,
    ) -> Result<Arc<RefreshingCredentials>, CredentialsError> {
        let role = Role::new(self, options)?;
        Ok(Arc::new(RefreshingCredentials::new(role)))
    }
}

/// A role that can be asked for.
#[derive(Clone)]
pub struct Role {
    request: RoleRequest,
    external_id: Option<ExternalId>,
    means: Means,
    base: Base,
}

const NO_EXTERNAL_ID: &str = "it has no External ID, without which anybody who learns of the role \
     can have this program use it on their behalf (the confused deputy)";

impl Role {
    /// Checks a role's settings. Nothing is asked of anybody yet; `options` are those of the HTTP
    /// client.
    ///
    /// # Errors
    /// Where there is no External ID, and where settings can't be used.
    pub fn new(config: &RoleConfig, options: &ClientOptions) -> Result<Role, CredentialsError> {
        config.validate()?;
        let place = StsPlace {
            region: region(config),
            endpoint: config.sts_endpoint.clone(),
        };
        let means = Means::new(place, options)?;
        Ok(Role {
            request: RoleRequest {
                role: config.role.clone(),
                session_name: config.session_name.clone(),
                duration: config.duration,
                session_policy: config.session_policy.clone(),
            },
            external_id: config.external_id.clone(),
            means: means.clone(),
            base: Base::new(&config.base, means),
        })
    }

    /// Who asks for the role, and where their credentials were found.
    ///
    /// # Errors
    /// Where there are none, and where STS doesn't accept them.
    pub async fn base_identity(&self) -> Result<(CallerIdentity, &'static str), CredentialsError> {
        let identity = self.sts().await?.caller_identity().await?;
        Ok((identity, self.base.found_in().unwrap_or_default()))
    }

    /// Asks for the role with another External ID than its own, or with none. A role that is to be
    /// safe refuses.
    ///
    /// # Errors
    /// [`CredentialsError::Refused`] where it does.
    pub async fn try_external_id(
        &self,
        external_id: Option<&ExternalId>,
    ) -> Result<(), CredentialsError> {
        let answer = self.sts().await?.assume(&self.request, external_id).await;
        answer.map(drop)
    }

    /// Who the holder of credentials is, by STS.
    ///
    /// # Errors
    /// Where STS doesn't accept them.
    pub async fn identity_of(
        &self,
        credential: &AwsCredential,
    ) -> Result<CallerIdentity, CredentialsError> {
        self.sts_of(credential).caller_identity().await
    }

    async fn sts(&self) -> Result<Sts, CredentialsError> {
        let found = self.base.find().await?;
        Ok(self.sts_of(&found.credential))
    }

    fn sts_of(&self, credential: &AwsCredential) -> Sts {
        let Means { sts, transport, .. } = &self.means;
        Sts::new(sts, credentials_of(credential), transport)
    }
}

#[async_trait]
impl Issuer for Role {
    async fn issue(&self) -> Result<Issued, CredentialsError> {
        let sts = self.sts().await?;
        sts.assume(&self.request, self.external_id.as_ref()).await
    }
}

/// A partition knows nothing of the regions of others.
fn region(config: &RoleConfig) -> String {
    let partition = config.role.partition();
    let region = config.sts_region.as_deref();
    region.unwrap_or(partition.default_region()).to_owned()
}

fn check_endpoint(endpoint: &str, allow_http: bool) -> Result<(), &'static str> {
    let url = Url::parse(endpoint).map_err(|_| "the endpoint of STS is no URL")?;
    match url.scheme() {
        _ if endpoint.contains('@') => Err("credentials don't go into the endpoint of STS"),
        "https" => Ok(()),
        "http" if allow_http => Ok(()),
        "http" => Err("the endpoint of STS has no TLS, which only `allow_http` permits"),
        _ => Err("the endpoint of STS is neither https nor http"),
    }
}

/// No secrets: those of the base aren't shown.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role")
            .field("role", &self.request.role.to_string())
            .field("external_id", &self.external_id)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arn: &str) -> RoleConfig {
        let external_id = ExternalId::new("acme-1").expect("an External ID");
        RoleConfig::new(arn.parse().expect("an ARN"), external_id)
    }

    #[test]
    fn a_role_is_asked_for_in_its_own_part_of_aws() {
        let check = |arn: &str, own: Option<&str>, expect: &str| {
            let mut config = config(arn);
            config.sts_region = own.map(str::to_owned);
            let role = Role::new(&config, &ClientOptions::new());
            assert_eq!(role.expect("a role").means.sts.host(), expect, "{arn}");
        };
        let role = "arn:aws:iam::222222222222:role/spile";
        check(role, None, "sts.us-east-1.amazonaws.com");
        check(role, Some("eu-west-1"), "sts.eu-west-1.amazonaws.com");
        let role = "arn:aws-cn:iam::222222222222:role/spile";
        check(role, None, "sts.cn-north-1.amazonaws.com.cn");
        let role = "arn:aws-us-gov:iam::222222222222:role/spile";
        check(role, None, "sts.us-gov-west-1.amazonaws.com");
    }

    fn refusal(change: impl FnOnce(&mut RoleConfig)) -> String {
        let mut config = config("arn:aws:iam::222222222222:role/spile");
        change(&mut config);
        let role = Role::new(&config, &ClientOptions::new());
        role.map_or_else(|error| error.to_string(), |role| format!("{role:?}"))
    }

    #[test]
    fn a_role_is_not_asked_for_in_the_open() {
        let check = |change: fn(&mut RoleConfig), expect: &str| {
            let found = refusal(change);
            assert!(found.contains(expect), "{found}");
        };
        check(|_| (), "ExternalId(sha256:");
        check(|config| config.external_id = None, "confused deputy");
        let allowed = |config: &mut RoleConfig| {
            config.external_id = None;
            config.allow_no_external_id = true;
        };
        check(allowed, "external_id: None");
        let plain = |config: &mut RoleConfig| config.sts_endpoint = Some("http://sts".to_owned());
        check(plain, "no TLS");
        let hushed = |config: &mut RoleConfig| {
            config.sts_endpoint = Some("https://me:hush@sts".to_owned());
        };
        check(hushed, "credentials don't go into the endpoint");
        assert!(!refusal(hushed).contains("hush"));
    }
}
