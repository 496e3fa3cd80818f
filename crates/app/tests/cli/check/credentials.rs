//! Credentials that can't be had: what is said, and what to do about it, by where they should be.

use insta::assert_snapshot;

use super::lines;
use crate::kit::{Desk, Ran};

/// Checks a bucket on a store that nobody asks anything, with further settings of `auth`.
fn check(desk: Desk, auth: &str) -> Ran {
    let desk = desk.set("AWS_EC2_METADATA_DISABLED", "true");
    desk.write("spile.toml", format!("[destination.auth]\n{auth}\n"));
    desk.run(
        "spile check --to s3://landing/{stream_name}.csv --endpoint http://127.0.0.1:1 \
         --allow-http --config spile.toml",
    )
}

/// The lines after that of the configuration, and no logs.
fn told(ran: &Ran) -> String {
    let said = lines(ran);
    let findings = said.lines().take_while(|line| !line.starts_with("---"));
    findings.skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn none_at_all() {
    let ran = check(Desk::new(), "");
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(told(&ran), @r"
    failed   base credentials    failed to find credentials in the environment, the shared profile, the web identity, the container, the machine
        the credential provider was not enabled
        nothing is set there
        hint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or [destination.auth] in the configuration
    not ready: 1 failed, 1 passed
    ");
}

#[test]
fn a_profile_that_is_not_there() {
    let ran = check(Desk::new(), "profile = 'acme'");
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(told(&ran), @r"
    failed   base credentials    failed to find credentials in the shared profile
        there is no profile `acme`
        hint: check the profile in ~/.aws/config and ~/.aws/credentials: `aws sts get-caller-identity --profile NAME` tries it
    not ready: 1 failed, 1 passed
    ");
}

#[test]
fn a_profile_whose_sign_on_has_ended() {
    let desk = Desk::new();
    desk.write(
        "aws",
        "[profile acme]\nsso_session = acme\nsso_account_id = 111111111111\n\
         sso_role_name = loader\nregion = eu-west-1\n[sso-session acme]\n\
         sso_region = eu-west-1\nsso_start_url = https://acme.awsapps.com/start\n",
    );
    let config = desk.path("aws").display().to_string();
    let ran = check(desk.set("AWS_CONFIG_FILE", &config), "profile = 'acme'");
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(told(&ran), @r"
    failed   base credentials    failed to find credentials in the shared profile
        an error occurred while loading credentials
        an error occurred while loading an access token
        failed to load the cached SSO token
        hint: log in by `aws sso login`, with --profile where it isn't the default, and run again
    not ready: 1 failed, 1 passed
    ");
}

#[test]
fn a_command_that_fails() {
    let ran = check(Desk::new(), "credential_process = 'false'");
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(told(&ran), @r"
    failed   base credentials    failed to find credentials in the command
        an error occurred while loading credentials
        Error retrieving credentials: external process exited with code exit status: 1. Stderr:
        hint: run destination.auth.credential_process by hand: it has to end well, and to print JSON as credential_process of AWS does
    not ready: 1 failed, 1 passed
    ");
}

#[test]
fn a_web_identity_without_its_token() {
    let desk = Desk::new()
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token")
        .set("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/loader");
    let ran = check(desk, "base = 'web_identity'");
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(told(&ran), @r"
    failed   base credentials    failed to find credentials in the web identity
        /nonexistent/token: No such file or directory (os error 2)
        hint: check AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, and that the trust policy of that role names whoever issues the token
    not ready: 1 failed, 1 passed
    ");
}

const ROLE: &str = "role_arn = 'arn:aws:iam::222222222222:role/spile'\nexternal_id = 'acme-1'\n";

/// A load says the same of it, and ends likewise.
#[test]
fn a_role_that_can_not_be_asked_for_is_a_matter_of_the_configuration() {
    let auth = format!("{ROLE}sts_endpoint = 'ftp://sts.acme.com'");
    let ran = check(Desk::new(), &auth);
    assert_snapshot!(lines(&ran), @r"
    exit 3
    failed   configuration       failed to ask for the role arn:aws:iam::222222222222:role/spile: the endpoint of STS is neither https nor http
        hint: mend [destination.auth] in the configuration
    not ready: 1 failed
    ");
}

/// Nobody listens there.
#[test]
fn sts_out_of_reach() {
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", "AKIA")
        .set("AWS_SECRET_ACCESS_KEY", crate::kit::WRONG_SECRET);
    let ran = check(desk, &format!("{ROLE}sts_endpoint = 'http://127.0.0.1:1'"));
    assert_eq!(ran.code, 5, "{ran}");
    let said = told(&ran);
    assert_snapshot!(said.lines().take(4).collect::<Vec<_>>().join("\n"), @r"
    failed   base credentials    failed to reach STS at http://127.0.0.1:1: there is no connection to it
        Connection refused (os error 111)
        hint: check the network and destination.auth.sts_endpoint, and run again
    skipped  assume role         not tried, since `base credentials` has failed
    ");
}
