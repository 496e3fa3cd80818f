//! Profiles of `~/.aws/config` and `~/.aws/credentials`.
//!
//! Profiles that are roles are followed here: the AWS packages would ask for them wherever
//! `AWS_ENDPOINT_URL` points to.

use std::borrow::Cow;

use aws_config::profile::{Profile, ProfileFileCredentialsProvider, ProfileSet, load};
use aws_credential_types::provider::ProvideCredentials;
use object_store::aws::AwsCredential;

use super::base::credentials_of;
use super::place::{self, Found, Means, PlaceFault, issued};
use super::refreshing::Issued;
use super::sts::{RoleRequest, Sts};
use super::web_identity::WebIdentity;
use crate::access::{AccessError, ExternalId};

const ROLE: &str = "role_arn";
const SOURCE: &str = "source_profile";
const TOKEN_FILE: &str = "web_identity_token_file";
const SESSION_NAME: &str = "role_session_name";

/// Variables that would send the token of SSO elsewhere.
const ENDPOINTS: [&str; 3] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
];

/// The profiles that are roles, each granted to the next, and the one that asks for the last.
struct Chain<'a> {
    roles: Vec<&'a Profile>,
    source: &'a Profile,
}

/// The credentials of a profile: that of this name, or that of `AWS_PROFILE`, or `default`.
pub(super) async fn find(name: Option<&str>, means: &Means) -> Found {
    let name = name.map(|name| Cow::Owned(name.to_owned()));
    let (files, env) = (Default::default(), Default::default());
    let profiles = load(&files, &env, &Default::default(), name.clone()).await;
    let profiles = profiles.map_err(PlaceFault::of)?;
    let selected = profiles.selected_profile();
    let is_named = name.is_some() || selected != "default";
    if !is_named && profiles.get_profile(selected).is_none() {
        return Ok(None);
    }
    let chain = Chain::of(&profiles, selected)?;
    let Some(mut session) = chain.source_session(means).await? else {
        return match chain.roles.is_empty() {
            true => Ok(None),
            false => Err(PlaceFault::unusable(format!(
                "the profile `{}` has no credentials",
                chain.source.name()
            ))),
        };
    };
    for role in chain.roles.iter().rev() {
        session = assume(role, &session, means).await?;
    }
    Ok(Some(session))
}

impl<'a> Chain<'a> {
    fn of(profiles: &'a ProfileSet, selected: &'a str) -> Result<Chain<'a>, PlaceFault> {
        let (mut name, mut roles) = (selected, Vec::<&Profile>::new());
        loop {
            let missing = || PlaceFault::unusable(format!("there is no profile `{name}`"));
            let profile = profiles.get_profile(name).ok_or_else(missing)?;
            if roles.iter().any(|role| role.name() == name) {
                return Err(PlaceFault::unusable(format!(
                    "the profile `{name}` is granted to itself"
                )));
            }
            if !is_role(profile) || (!roles.is_empty() && keys(profile).is_some()) {
                return Ok(Chain {
                    roles,
                    source: profile,
                });
            }
            roles.push(profile);
            match profile.get(SOURCE) {
                Some(next) if next != name => name = next,
                _ => {
                    return Ok(Chain {
                        roles,
                        source: profile,
                    });
                }
            }
        }
    }

    /// The credentials that ask for the last of the roles.
    async fn source_session(&self, means: &Means) -> Found {
        let profile = self.source;
        match profile.get("credential_source") {
            Some("Environment") => return issued(place::environment().await),
            Some("EcsContainer") => return issued(place::container(means).await),
            Some("Ec2InstanceMetadata") => return issued(place::machine(means).await),
            Some(other) => {
                return Err(PlaceFault::unusable(format!(
                    "the credential_source `{other}` is unknown"
                )));
            }
            None => {}
        }
        if let Some(identity) = web_identity(profile) {
            return identity.session(means).await.map(Some);
        }
        match (keys(profile), profile.get("credential_process")) {
            (Some(keys), _) if !self.roles.is_empty() => Ok(Some(keys)),
            (_, Some(command)) if is_role(profile) => issued(place::process(command).await),
            _ if is_role(profile) => Ok(None),
            _ => by_aws(profile, means).await,
        }
    }
}

/// Whether it is granted to another one.
fn is_role(profile: &Profile) -> bool {
    profile.get(ROLE).is_some() && profile.get(TOKEN_FILE).is_none()
}

fn web_identity(profile: &Profile) -> Option<WebIdentity> {
    let text = |name| profile.get(name).map(str::to_owned);
    WebIdentity::of(text(TOKEN_FILE), text(ROLE), text(SESSION_NAME))
}

fn keys(profile: &Profile) -> Option<Issued> {
    let text = |name| profile.get(name).map(str::to_owned);
    Some(Issued {
        credential: AwsCredential {
            key_id: text("aws_access_key_id")?,
            secret_key: text("aws_secret_access_key")?,
            token: text("aws_session_token"),
        },
        lifetime: None,
    })
}

/// What is no role, as the AWS packages understand it.
async fn by_aws(profile: &Profile, means: &Means) -> Found {
    let is_set = |name: &&&str| std::env::var_os(name).is_some_and(|url| !url.is_empty());
    let is_sso = ["sso_session", "sso_start_url"]
        .iter()
        .any(|name| profile.get(name).is_some());
    if let Some(variable) = ENDPOINTS.iter().find(is_set).filter(|_| is_sso) {
        return Err(PlaceFault::unusable(format!(
            "the profile `{}` is one of SSO, whose token {variable} would send elsewhere: unset it",
            profile.name()
        )));
    }
    let builder = ProfileFileCredentialsProvider::builder()
        .configure(&means.settings(&means.transport))
        .profile_name(profile.name());
    issued(builder.build().provide_credentials().await)
}

async fn assume(role: &Profile, by: &Issued, means: &Means) -> Result<Issued, PlaceFault> {
    let external_id = role.get("external_id").map(ExternalId::new).transpose();
    let external_id = external_id.map_err(PlaceFault::of)?;
    let arn = role.get(ROLE).unwrap_or_default().parse();
    let request = RoleRequest {
        role: arn.map_err(|error: AccessError| PlaceFault::of(error))?,
        session_name: role.get(SESSION_NAME).unwrap_or("spile").to_owned(),
        duration: None,
        session_policy: None,
    };
    let sts = Sts::new(&means.sts, credentials_of(&by.credential), &means.transport);
    let session = sts.assume(&request, external_id.as_ref()).await;
    session.map_err(PlaceFault::Sts)
}
