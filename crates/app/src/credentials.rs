//! Who asks an S3 store, of the settings in `[destination.auth]`.

use std::time::Duration;

use spile_core::Retry;
use spile_store_s3::access::{
    AccessError, BucketName, ExternalId, Partition, Policy, Prefix, RoleArn, Scope,
};
use spile_store_s3::credentials::{AccessKey, BaseConfig, RoleConfig, session_name};
use spile_store_s3::{S3Credentials, Secret as S3Secret};

use crate::config::{AuthSettings, ConfigFault, ConfigFaults, Secret, Settings, nearest};

/// What the credentials of a run are made of besides their own settings.
pub(crate) struct Asking<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) bucket: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) run_id: &'a str,
    pub(crate) retry: &'a Retry,
}

/// How the store is to know who asks.
enum Method {
    Role,
    AccessKey,
    DefaultChain,
}

pub(crate) const METHODS: [&str; 3] = ["cross_account_role", "access_key", "default_chain"];
pub(crate) const BASES: [&str; 8] = [
    "default_chain",
    "environment",
    "profile",
    "web_identity",
    "container",
    "machine",
    "access_key",
    "command",
];

/// What is wrong with the settings. Secrets stay where they are: a plan needs none, and the command
/// that gives one may ask somebody for a password.
pub(crate) fn faults(auth: &AuthSettings) -> ConfigFaults {
    let mut faults = ConfigFaults::default();
    let method = faults.check(method(auth));
    match method {
        Some(Method::Role) => {
            faults.check(role_arn(auth));
            faults.check(has_external_id(auth));
            faults.check(narrows(auth));
            faults.check(base_name(auth));
        }
        Some(Method::AccessKey) => {
            faults.check(key_of(auth));
            faults.note_all(of_no_use(auth));
        }
        Some(Method::DefaultChain) => {
            faults.check(base_name(auth));
            faults.note_all(of_no_use(auth));
        }
        None => {}
    }
    faults
}

/// The credentials of a run, secrets revealed.
pub(crate) fn credentials(asking: &Asking<'_>) -> Result<S3Credentials, ConfigFault> {
    let auth = &asking.settings.destination.auth;
    match method(auth)? {
        Method::Role => Ok(S3Credentials::Role(Box::new(role(asking)?))),
        Method::AccessKey => Ok(S3Credentials::AccessKey(access_key(auth)?)),
        Method::DefaultChain => Ok(S3Credentials::Base(base(auth)?)),
    }
}

fn method(auth: &AuthSettings) -> Result<Method, ConfigFault> {
    let is_role = auth.role_arn.is_some();
    match auth.method.as_deref() {
        Some("cross_account_role") => Ok(Method::Role),
        None if is_role => Ok(Method::Role),
        Some("access_key") => Ok(Method::AccessKey),
        None if has_key(auth) => Ok(Method::AccessKey),
        None | Some("default_chain") => Ok(Method::DefaultChain),
        Some(other) => Err(unknown("method", other, &METHODS)),
    }
}

fn has_key(auth: &AuthSettings) -> bool {
    auth.access_key_id.is_some() || auth.secret_access_key.is_some()
}

fn role(asking: &Asking<'_>) -> Result<RoleConfig, ConfigFault> {
    let destination = &asking.settings.destination;
    let auth = &destination.auth;
    let arn = role_arn(auth)?;
    let partition = arn.partition();
    let mut role = RoleConfig::without_external_id(arn);
    role.external_id = external_id(auth)?;
    role.allow_no_external_id = auth.allow_no_external_id.unwrap_or_default();
    role.session_name = match &auth.session_name {
        Some(name) => name.clone(),
        None => session_name(asking.settings.connection.id.as_deref(), asking.run_id),
    };
    role.duration = auth.duration.map(|span| Duration::from_secs(span.0));
    role.session_policy = match narrows(auth)? {
        true => Some(session_policy(asking, partition)?.compact_json()),
        false => None,
    };
    role.sts_region = sts_region(asking.settings, partition);
    role.sts_endpoint = auth.sts_endpoint.clone();
    role.allow_http = destination.allow_http.unwrap_or_default();
    role.base = base(auth)?;
    Ok(role)
}

fn role_arn(auth: &AuthSettings) -> Result<RoleArn, ConfigFault> {
    let Some(text) = auth.role_arn.as_deref() else {
        return Err(ConfigFault::new(place("role_arn"), "it is missing")
            .hint("write the role's ARN, such as arn:aws:iam::222222222222:role/spile"));
    };
    text.parse().map_err(|error| of_access("role_arn", error))
}

/// Without one, whoever learns of the role can have their own data fetched or written by it.
fn has_external_id(auth: &AuthSettings) -> Result<(), ConfigFault> {
    if auth.external_id.is_some() || auth.allow_no_external_id == Some(true) {
        return Ok(());
    }
    let message = "it is missing: without it, anybody who learns of the role's ARN could have this \
         program use the role on their behalf (the confused deputy)";
    Err(ConfigFault::new(place("external_id"), message).hint(
        "agree on one with the role's owner, whose trust policy has to ask for it: `spile setup` \
         says how. If the role is in your own account, set allow_no_external_id = true",
    ))
}

fn external_id(auth: &AuthSettings) -> Result<Option<ExternalId>, ConfigFault> {
    has_external_id(auth)?;
    let Some(secret) = &auth.external_id else {
        return Ok(None);
    };
    let id = ExternalId::new(reveal(&place("external_id"), secret)?);
    id.map(Some)
        .map_err(|error| of_access("external_id", error))
}

/// Whether sessions are narrowed to the destination, of settings that are right.
pub(crate) fn is_narrowed(auth: &AuthSettings) -> bool {
    narrows(auth).is_ok_and(|narrows| narrows)
}

/// Whether the session is narrowed to the prefix.
fn narrows(auth: &AuthSettings) -> Result<bool, ConfigFault> {
    match auth.session_policy.as_deref() {
        None | Some("none") => Ok(false),
        Some("prefix") => Ok(true),
        Some(other) => Err(unknown("session_policy", other, &["none", "prefix"])),
    }
}

fn session_policy(asking: &Asking<'_>, partition: Partition) -> Result<Policy, ConfigFault> {
    let fault = |error| of_access("session_policy", error);
    let bucket = BucketName::new(asking.bucket).map_err(fault)?;
    let mut scope = Scope::bucket(bucket).in_partition(partition);
    if !asking.prefix.is_empty() {
        let prefix: Prefix = asking.prefix.parse().map_err(fault)?;
        scope = scope.under(prefix);
    }
    Policy::of_session(&scope).map_err(fault)
}

/// STS of the bucket's region is nearest, if it is one of the role's part of AWS.
fn sts_region(settings: &Settings, partition: Partition) -> Option<String> {
    let destination = &settings.destination;
    let of_bucket = destination.region.as_ref();
    let of_bucket = of_bucket.filter(|region| Partition::of_region(region) == partition);
    destination.auth.sts_region.as_ref().or(of_bucket).cloned()
}

/// Where credentials come from other than from a role.
fn base(auth: &AuthSettings) -> Result<BaseConfig, ConfigFault> {
    Ok(match base_name(auth)? {
        "environment" => BaseConfig::Environment,
        "profile" => BaseConfig::Profile(auth.profile.clone()),
        "web_identity" => BaseConfig::WebIdentity,
        "container" => BaseConfig::Container,
        "machine" => BaseConfig::Machine,
        "access_key" => BaseConfig::AccessKey(access_key(auth)?),
        "command" => {
            let line = reveal(&place("credential_process"), command(auth)?)?;
            BaseConfig::Process(line.into())
        }
        _ => BaseConfig::Chain,
    })
}

/// Which of the bases is meant, checked against what is set for them.
fn base_name(auth: &AuthSettings) -> Result<&str, ConfigFault> {
    let implied = match (has_key(auth), &auth.profile, &auth.credential_process) {
        (true, ..) => "access_key",
        (_, Some(_), _) => "profile",
        (.., Some(_)) => "command",
        _ => "default_chain",
    };
    let name = auth.base.as_deref().unwrap_or(implied);
    match name {
        "access_key" => key_of(auth).map(|_| name),
        "command" => command(auth).map(|_| name),
        name if BASES.contains(&name) => Ok(name),
        other => Err(unknown("base", other, &BASES)),
    }
}

fn command(auth: &AuthSettings) -> Result<&Secret, ConfigFault> {
    auth.credential_process.as_ref().ok_or_else(|| {
        ConfigFault::new(place("credential_process"), "it is missing")
            .hint("write the command that prints credentials as JSON, as credential_process of AWS")
    })
}

fn key_of(auth: &AuthSettings) -> Result<(&str, &Secret), ConfigFault> {
    let missing = |name: &str| {
        ConfigFault::new(place(name), "it is missing")
            .hint("an access key has an id and a secret: give both")
    };
    let id = auth.access_key_id.as_deref();
    let secret = auth.secret_access_key.as_ref();
    Ok((
        id.ok_or_else(|| missing("access_key_id"))?,
        secret.ok_or_else(|| missing("secret_access_key"))?,
    ))
}

fn access_key(auth: &AuthSettings) -> Result<AccessKey, ConfigFault> {
    let (id, secret) = key_of(auth)?;
    let token = auth.session_token.as_ref();
    let token = token.map(|token| reveal(&place("session_token"), token));
    Ok(AccessKey {
        access_key_id: id.to_owned(),
        secret_access_key: reveal(&place("secret_access_key"), secret)?.into(),
        session_token: token.transpose()?.map(S3Secret::from),
    })
}

/// A secret setting's value; `place` is its path.
pub(crate) fn reveal(place: &str, secret: &Secret) -> Result<String, ConfigFault> {
    let revealed = secret.reveal();
    revealed.map_err(|error| ConfigFault::new(place, error))
}

/// What means something for a role only: whoever set it believes that there is one.
fn of_no_use(auth: &AuthSettings) -> ConfigFaults {
    let set = [
        ("external_id", auth.external_id.is_some()),
        ("allow_no_external_id", auth.allow_no_external_id.is_some()),
        ("role_arn", auth.role_arn.is_some()),
        ("session_name", auth.session_name.is_some()),
        ("duration", auth.duration.is_some()),
        ("session_policy", auth.session_policy.is_some()),
        ("sts_endpoint", auth.sts_endpoint.is_some()),
        ("sts_region", auth.sts_region.is_some()),
    ];
    let fault = |(name, _): (&str, bool)| {
        ConfigFault::new(place(name), "it means something for a role only")
            .hint("write method = \"cross_account_role\" and role_arn, or leave it out")
    };
    ConfigFaults(
        set.into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(fault)
            .collect(),
    )
}

fn place(name: &str) -> String {
    format!("destination.auth.{name}")
}

fn unknown(name: &str, found: &str, known: &[&str]) -> ConfigFault {
    ConfigFault::unknown(&place(name), found, nearest(found, known), known)
}

fn of_access(name: &str, error: AccessError) -> ConfigFault {
    ConfigFault::new(place(name), error.reason).hint(error.hint)
}
