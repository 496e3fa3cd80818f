//! The configuration of Spile that goes with what was set up.

use crate::access::{ExternalId, Grant, Partition, RoleArn, Scope};

/// What stands under `[destination.auth]`.
pub(super) enum Auth<'a> {
    Role(RoleArn, &'a ExternalId),
    AccessKey,
}

/// A configuration file, as TOML.
pub(super) fn text(grant: &Grant, auth: &Auth<'_>) -> String {
    let mut lines = vec![
        "[destination]".to_owned(),
        setting("url", &grant.scope.url()),
    ];
    lines.extend(region(&grant.scope).map(|region| setting("region", region)));
    lines.extend([String::new(), "[destination.auth]".to_owned()]);
    match auth {
        Auth::Role(role, external_id) => lines.extend([
            setting("method", "cross_account_role"),
            setting("role_arn", &role.to_string()),
            setting("external_id", external_id.expose()),
        ]),
        Auth::AccessKey => lines.extend([
            setting("method", "access_key"),
            setting("access_key_id", "AKIAEXAMPLE"),
            "secret_access_key = { file = \"secret-access-key.txt\" }".to_owned(),
        ]),
    }
    if let Some(key) = &grant.kms_key {
        lines.extend([
            String::new(),
            "[destination.object]".to_owned(),
            setting("sse", "aws:kms"),
            setting("kms_key_id", key.as_str()),
        ]);
    }
    lines.join("\n") + "\n"
}

/// What has to be set outside of the first part of AWS, where a bucket isn't found by its name
/// alone: a region like the bucket's.
pub(super) fn region(scope: &Scope) -> Option<&'static str> {
    match scope.partition() {
        Partition::Aws => None,
        other => Some(other.default_region()),
    }
}

/// The texts that are set here read alike in JSON and in TOML.
fn setting(name: &str, text: &str) -> String {
    format!("{name} = {}", serde_json::Value::from(text))
}
