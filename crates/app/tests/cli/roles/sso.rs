//! Profiles of a single sign-on.
//!
//! No server of AWS's portal can be had, so one stands in for it here, and for nothing else: what it
//! hands out is a session of the emulator, which checks all that is signed with it.

use insta::assert_snapshot;
use serde_json::json;

use crate::kit::{Aws, Customer, Desk, Ran, Session};

/// What somebody who has logged in may show.
const TOKEN: &str = "hush-the-token-of-somebody";
const PORTAL: &str = "portal.sso.eu-west-1.amazonaws.com";
const GRANT: &str = "GET /federation/credentials?role_name=loader&account_id=000000000000 ";

/// As `aws configure sso` writes it, and as its first version did; the names of the files are the
/// SHA-1 of `acme` and of the URL.
const BY_SESSION: (&str, &str) = (
    "[profile vendor]\nsso_session = acme\nsso_account_id = 000000000000\nsso_role_name = loader\n\
     [sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n",
    "293abb6b76d7791c0732cc517d38c4b5c734b87f",
);
const BY_URL: (&str, &str) = (
    "[profile vendor]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\
     sso_account_id = 000000000000\nsso_role_name = loader\n",
    "40169cea58ca6cbf23fb27b2542923fb5f524af0",
);

/// AWS as it is for whoever has the token: the portal hands out a session.
fn aws(customer: &Customer, session: &Session) -> Aws {
    let keys = json!({ "roleCredentials": {
        "accessKeyId": session.id,
        "secretAccessKey": session.secret,
        "sessionToken": session.token,
        // The year 2100.
        "expiration": 4_102_444_800_000_u64,
    } });
    let refusal = json!({
        "message": "Session token not found or invalid",
        "__type": "com.amazonaws.switchboard.portal#UnauthorizedException",
    });
    Aws::with(customer, move |host, head| {
        assert_eq!(host, PORTAL);
        let shown = format!("x-amz-sso_bearer_token: {TOKEN}\r\n");
        let (status, body) = match head.starts_with(GRANT) && head.contains(&shown) {
            true => ("200 OK", keys.to_string()),
            false => ("401 Unauthorized", refusal.to_string()),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    })
}

/// The desk of somebody who has logged in, with a token that goes on beyond any test.
fn logged_in((profile, file): (&str, &str), token: &str) -> Desk {
    let cached = json!({
        "startUrl": "https://acme.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": token,
        "expiresAt": "2099-01-01T00:00:00Z",
    });
    let desk = Desk::new().hush(token);
    desk.write(".aws/config", profile);
    let cache = format!(".aws/sso/cache/{file}.json");
    desk.write(&cache, cached.to_string());
    let home = desk.path("").display().to_string();
    desk.set("HOME", &home)
}

/// Loads one record into the customer's bucket on AWS; nothing that is printed tells a secret.
fn load(customer: &Customer, session: &Session, desk: Desk, settings: &str) -> (Ran, Aws) {
    let aws = aws(customer, session);
    let desk = aws.admit(desk).hush(&session.secret).hush(&session.token);
    desk.write("a.csv", "id\n1\n");
    desk.write("own.toml", format!("[destination.auth]\n{settings}"));
    let to = customer.to_aws();
    let ran = desk.run(&format!(
        "spile load a.csv {to} --key a.csv --config own.toml --log trace"
    ));
    assert!(ran.stderr.contains("TRACE"), "{ran}");
    customer.assert_kept(&ran.to_string());
    (ran, aws)
}

/// Loads as a profile that asks for the role.
fn check_asks(desk: Desk, settings: &str) {
    let customer = Customer::in_region("aws", "eu-west-1");
    let session = customer.session(&customer.vendor_role());
    let (arn, id) = (customer.role_arn(), &customer.external_id);
    let settings = format!("{settings}role_arn = '{arn}'\nexternal_id = '{id}'\n");
    let (ran, aws) = load(&customer, &session, desk, &settings);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(customer.object("a.csv"), b"id\n1\n");
    let sts = "sts.eu-west-1.amazonaws.com".to_owned();
    let hosts = [PORTAL.to_owned(), sts, s3_of(&customer)];
    assert_eq!(aws.asked(), hosts.into());
    let asked = &customer.sts.exchanges()[0].request;
    assert!(asked.contains(&session.token), "{asked}");
}

/// Loads as a profile that may write to the bucket itself.
fn check_writes(desk: Desk, settings: &str) {
    let customer = Customer::in_region("aws", "eu-west-1");
    let session = customer.session(&customer.role_arn());
    let (ran, aws) = load(&customer, &session, desk, settings);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(customer.object("a.csv"), b"id\n1\n");
    assert_eq!(aws.asked(), [PORTAL.to_owned(), s3_of(&customer)].into());
}

fn s3_of(customer: &Customer) -> String {
    format!("{}.s3.eu-west-1.amazonaws.com", customer.bucket)
}

#[test]
fn a_profile_that_asks_for_the_role() {
    for profile in [BY_SESSION, BY_URL] {
        check_asks(logged_in(profile, TOKEN), "profile = 'vendor'\n");
        let selected = logged_in(profile, TOKEN).set("AWS_PROFILE", "vendor");
        check_asks(selected, "");
    }
}

#[test]
fn a_profile_that_writes_to_the_bucket() {
    for profile in [BY_SESSION, BY_URL] {
        let named = "base = 'profile'\nprofile = 'vendor'\n";
        check_writes(logged_in(profile, TOKEN), named);
        let selected = logged_in(profile, TOKEN).set("AWS_PROFILE", "vendor");
        check_writes(selected, "method = 'default_chain'\n");
    }
}

/// A profile may itself be a role, which the one of the single sign-on asks for.
#[test]
fn a_profile_that_another_one_asks_by() {
    let (vendor, file) = BY_SESSION;
    let customer = Customer::in_region("aws", "eu-west-1");
    let (arn, id) = (customer.role_arn(), &customer.external_id);
    let profiles = format!(
        "{vendor}[profile acme]\nrole_arn = {arn}\nexternal_id = {id}\nsource_profile = vendor\n"
    );
    let session = customer.session(&customer.vendor_role());
    let desk = logged_in((&profiles, file), TOKEN);
    let (ran, _) = load(&customer, &session, desk, "profile = 'acme'\n");
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(customer.object("a.csv"), b"id\n1\n");
    assert_eq!(customer.sessions(), 1);
}

/// The portal knows who has logged out elsewhere.
#[test]
fn a_token_that_the_portal_refuses() {
    let customer = Customer::in_region("aws", "eu-west-1");
    let session = customer.session(&customer.role_arn());
    let desk = logged_in(BY_SESSION, "hush-the-token-of-another");
    let (ran, aws) = load(&customer, &session, desk, "profile = 'vendor'\n");
    let said = ran.stderr.split("error: ").last().unwrap_or_default();
    assert_snapshot!(said, @r"
    failed to find credentials in the shared profile
      caused by: an error occurred while loading credentials
      caused by: service error
      caused by: UnauthorizedException: Session token not found or invalid
      hint: log in by `aws sso login`, with --profile where it isn't the default, and run again
    ");
    assert_eq!(ran.code, 6, "{ran}");
    assert_eq!(aws.asked(), [PORTAL.to_owned()].into());
    assert_eq!(customer.keys(), [""; 0]);
}
