//! Settings of a role that are wrong, before anybody is asked.

use insta::assert_snapshot;

use crate::kit::Desk;

fn check(auth: &str) -> String {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    desk.write("spile.toml", format!("[destination.auth]\n{auth}\n"));
    let ran =
        desk.run("spile load a.csv --to s3://acme/raw --region eu-west-1 --config spile.toml");
    ran.to_string()
}

#[test]
fn a_role_without_an_external_id() {
    assert_snapshot!(check("role_arn = 'arn:aws:iam::222222222222:role/spile'"), @r"
    exit 3
    error: destination.auth.external_id: it is missing: without it, anybody who learns of the role's ARN could have this program use the role on their behalf (the confused deputy)
      hint: agree on one with the role's owner, whose trust policy has to ask for it: `spile setup` says how. If the role is in your own account, set allow_no_external_id = true
    ");
}

#[test]
fn several_faults_at_once() {
    assert_snapshot!(check(
        "method = 'cross_account_role'\nrole_arn = 'spile'\nsession_policy = 'narrow'\n\
         base = 'profil'\nduration = 'long'"
    ), @r"
    exit 3
    error: destination.auth.duration in spile.toml: `long`: a span of time is a number with s, m, h or d, such as 5m
    error: destination.auth.role_arn in spile.toml: it doesn't begin with `arn:`
      hint: write it like arn:aws:iam::222222222222:role/spile
    error: destination.auth.external_id: it is missing: without it, anybody who learns of the role's ARN could have this program use the role on their behalf (the confused deputy)
      hint: agree on one with the role's owner, whose trust policy has to ask for it: `spile setup` says how. If the role is in your own account, set allow_no_external_id = true
    error: destination.auth.session_policy in spile.toml: `narrow` is none of none, prefix
    error: destination.auth.base in spile.toml: `profil` is none of default_chain, environment, profile, web_identity, container, machine, access_key, command
      hint: did you mean `profile`?
    ");
}

#[test]
fn settings_of_a_role_without_a_role() {
    assert_snapshot!(check("external_id = 'acme-1'\nduration = '1h'"), @r#"
    exit 3
    error: destination.auth.external_id in spile.toml: it means something for a role only
      hint: write method = "cross_account_role" and role_arn, or leave it out
    error: destination.auth.duration in spile.toml: it means something for a role only
      hint: write method = "cross_account_role" and role_arn, or leave it out
    "#);
}

#[test]
fn an_external_id_that_can_be_none() {
    assert_snapshot!(check(
        "role_arn = 'arn:aws:iam::222222222222:role/spile'\nexternal_id = 'hush hush'"
    ), @r"
    exit 3
    error: destination.auth.external_id: it has the character ` `
      hint: it has 2 to 1,224 letters, digits and characters of _+=,.@:/-; `spile setup external-id` prints a fresh one
    ");
}

#[test]
fn sts_without_tls() {
    assert_snapshot!(check(
        "role_arn = 'arn:aws:iam::222222222222:role/spile'\nexternal_id = 'hush'\n\
         sts_endpoint = 'http://127.0.0.1:1'"
    ), @r"
    exit 3
    error: failed to ask for the role arn:aws:iam::222222222222:role/spile: the endpoint of STS has no TLS, which only `allow_http` permits
      hint: mend [destination.auth] in the configuration
    ");
}
