//! Who asks for a role.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use insta::assert_snapshot;

use super::told_of;
use crate::kit::{Customer, Desk, Exchange, Relay};

/// Loads one record as whoever the settings name, with nothing in the environment.
fn check(settings: &str, files: &[(&str, &str)]) {
    let customer = Customer::new();
    let desk = Desk::new().set("AWS_EC2_METADATA_DISABLED", "true");
    check_of(&customer, settings, files, desk);
}

fn check_of(customer: &Customer, settings: &str, files: &[(&str, &str)], desk: Desk) {
    let (id, secret) = customer.vendor_keys();
    let fill = |text: &str| text.replace("ID", id).replace("SECRET", secret);
    let desk = desk
        .hush(secret)
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &customer.sts.url)
        // Nobody is there: nothing is asked for where this points to.
        .set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let home = desk.path("").display().to_string();
    let desk = desk.set("HOME", &home);
    for (name, content) in files {
        desk.write(name, fill(content));
    }
    desk.write("a.csv", "id\n1\n");
    desk.write(
        "spile.toml",
        format!("[destination.auth]\n{}", fill(settings)),
    );
    let to = customer.to("");
    let ran = desk.ok(&format!(
        "spile load a.csv {to} --key a.csv --config spile.toml --log trace"
    ));
    assert!(ran.stderr.contains("TRACE"), "{ran}");
    customer.assert_kept(&ran.to_string());
    assert_eq!(customer.keys(), ["a.csv"]);
}

#[test]
fn a_key_in_the_configuration() {
    check("access_key_id = 'ID'\nsecret_access_key = 'SECRET'", &[]);
}

#[test]
fn a_key_in_a_file() {
    check(
        "access_key_id = 'ID'\nsecret_access_key = { file = 'hidden' }",
        &[("hidden", "SECRET\n")],
    );
}

/// Whoever can read the file can write to the bucket.
#[test]
fn a_file_that_others_can_read() {
    let desk = Desk::new();
    let settings = "[destination.auth]\naccess_key_id = 'a'\nsecret_access_key = ";
    desk.write("own.toml", format!("{settings}'hush'\n"));
    desk.write("ours.toml", format!("{settings}{{ file = 'hidden' }}\n"));
    desk.write("hidden", "hush\n").write("a.csv", "id\n1\n");
    let check = |config: &str, mode: &str, warned: Option<&str>| {
        desk.ok(&format!("chmod {mode} own.toml hidden"));
        let to = "--to s3://acme --endpoint http://127.0.0.1:1";
        let ran = desk.run(&format!("spile load a.csv {to} --config {config}"));
        let warning = warned.map(|file| format!("{file} holds a secret, and others can read it"));
        let found = ran.stderr.contains("others can read it");
        assert_eq!(found, warned.is_some(), "{config} {mode}: {ran}");
        assert!(
            warning.is_none_or(|warning| ran.stderr.contains(&warning)),
            "{ran}"
        );
    };
    check("own.toml", "644", Some("own.toml"));
    check("own.toml", "600", None);
    check("ours.toml", "640", Some("hidden"));
    check("ours.toml", "600", None);
    for secret in [
        "credential_process = 'echo hush'",
        "[destination]\nproxy = 'http://u:hush@p'",
    ] {
        desk.write("own.toml", format!("[destination.auth]\n{secret}\n"));
        check("own.toml", "644", Some("own.toml"));
    }
}

#[test]
fn a_command() {
    let printed = r#"{"Version": 1, "AccessKeyId": "ID", "SecretAccessKey": "SECRET"}"#;
    check(
        "credential_process = 'cat hidden.json'",
        &[("hidden.json", printed)],
    );
    check(
        "credential_process = { file = 'line' }",
        &[("line", "cat hidden.json\n"), ("hidden.json", printed)],
    );
    // Even where the command line itself has the secret.
    let command = format!("printf %s '{printed}'").replace('"', "\\\"");
    check(&format!("credential_process = \"{command}\""), &[]);
}

#[test]
fn a_profile() {
    let profile = "[vendor]\naws_access_key_id = ID\naws_secret_access_key = SECRET\n";
    check("profile = 'vendor'", &[(".aws/credentials", profile)]);
}

#[test]
fn the_default_profile_by_the_default_chain() {
    let profile = "[default]\naws_access_key_id = ID\naws_secret_access_key = SECRET\n";
    check("", &[(".aws/credentials", profile)]);
}

/// The role of one profile is granted to another, and neither is asked for where variables point to.
#[test]
fn a_profile_that_is_a_role() {
    let customer = Customer::new();
    let step = customer.vendor_role();
    let profiles = format!(
        "[profile step]\nrole_arn = {step}\nsource_profile = keys\nrole_session_name = step\n"
    );
    let keys = "[keys]\naws_access_key_id = ID\naws_secret_access_key = SECRET\n";
    let files = [(".aws/config", &*profiles), (".aws/credentials", keys)];
    let desk = Desk::new().set("AWS_PROFILE", "step");
    check_of(&customer, "", &files, desk);
    let asked: Vec<_> = customer.sts.exchanges();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[0].request.contains("RoleSessionName=step"),
        "{}",
        asked[0].request
    );
}

/// A token of `ci.example`, unsigned.
const TOKEN: &str = "eyJhbGciOiAiUlMyNTYifQ.\
    eyJpc3MiOiAiaHR0cHM6Ly9jaS5leGFtcGxlIiwgInN1YiI6ICJzIiwgImF1ZCI6ICJzdHMuYW1hem9uYXdzLmNvbSJ9.\
    c2ln";

#[test]
fn a_web_identity() {
    let customer = Customer::new();
    let desk = Desk::new()
        .hush(TOKEN)
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
        .set("AWS_ROLE_ARN", &customer.vendor_role());
    check_of(
        &customer,
        "base = 'web_identity'",
        &[("token", TOKEN)],
        desk,
    );
    assert_eq!(customer.sessions(), 2);
}

/// What is said of credentials that can't be used, by a load that writes nothing.
fn unusable(desk: Desk, config: &str) -> String {
    let customer = Customer::new();
    let home = desk.path("").display().to_string();
    let desk = desk
        .set("HOME", &home)
        .set("AWS_EC2_METADATA_DISABLED", "true");
    desk.write(".aws/config", config).write("a.csv", "id\n1\n");
    let ran = desk.run(&format!("spile load a.csv {} --key a.csv", customer.to("")));
    assert_eq!(customer.keys(), [""; 0]);
    ran.to_string()
}

/// What comes later in the chain would be somebody else's.
#[test]
fn a_profile_that_is_not_there() {
    let desk = Desk::new().set("AWS_PROFILE", "vendr");
    assert_snapshot!(unusable(desk, "[profile vendor]\nregion = eu-west-1\n"), @r"
    exit 6
    error: failed to find credentials in the shared profile
      caused by: there is no profile `vendr`
      hint: check the profile in ~/.aws/config and ~/.aws/credentials: `aws sts get-caller-identity --profile NAME` tries it
    ");
    let desk = Desk::new().set("AWS_PROFILE", "step");
    let role = "[profile step]\nrole_arn = arn:aws:iam::222222222222:role/step\nsource_profile = ";
    assert_snapshot!(unusable(desk, &format!("{role}gone\n")), @r"
    exit 6
    error: failed to find credentials in the shared profile
      caused by: there is no profile `gone`
      hint: check the profile in ~/.aws/config and ~/.aws/credentials: `aws sts get-caller-identity --profile NAME` tries it
    ");
}

#[test]
fn a_token_of_sso_is_sent_nowhere_else() {
    let sso = "[default]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\
               sso_account_id = 222222222222\nsso_role_name = spile\n";
    let desk = Desk::new().set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    assert_snapshot!(unusable(desk, sso), @r"
    exit 6
    error: failed to find credentials in the shared profile
      caused by: the profile `default` is one of SSO, whose token AWS_ENDPOINT_URL would send elsewhere: unset it
      hint: check the profile in ~/.aws/config and ~/.aws/credentials: `aws sts get-caller-identity --profile NAME` tries it
    ");
}

/// What the metadata of a machine says with the token that it asks for.
const TOKEN_TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds: 21600";

/// Answers every request alike.
fn server(status: &'static str, answer: String) -> String {
    server_of(status, move |_| answer.clone())
}

/// Answers requests by their first line.
fn server_of(status: &'static str, answer_to: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = String::new();
            let mut head = BufReader::new(stream.try_clone().expect("a handle"));
            while head.read_line(&mut lines).is_ok_and(|count| count > 2) {}
            let answer = answer_to(lines.lines().next().unwrap_or_default());
            let length = answer.len();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{TOKEN_TTL}");
            let answer =
                format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{answer}");
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    url
}

/// Nobody renews what stands in the environment or in the settings, so it is tried once more at most.
#[test]
fn what_has_expired_in_the_store() {
    let refusal = "<Error><Code>ExpiredToken</Code><Message>no</Message></Error>";
    let relay = Relay::to(server("400 Bad Request", refusal.to_owned()).trim_end_matches('/'));
    let desk = Desk::new().set("AWS_EC2_METADATA_DISABLED", "true");
    desk.write("a.csv", "id\n1\n");
    let check = |names: [&str; 3]| {
        let [id, secret, token] = names;
        let keys = format!("env {id}=ASIA {secret}=hush {token}=t");
        let to = format!("--to s3://acme --endpoint {} --allow-http", relay.url);
        let before = relay.exchanges().len();
        let ran = desk.run(&format!("{keys} spile load a.csv {to} --key a.csv"));
        assert_eq!(ran.code, 6, "{ran}");
        assert!(ran.stderr.contains("log in again"), "{ran}");
        assert!(relay.exchanges().len() - before <= 2, "{ran}");
    };
    check([
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ]);
    check(
        ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"]
            .map(|name| &*format!("SPILE_DESTINATION__AUTH__{name}").leak()),
    );
}

#[test]
fn what_has_expired_for_sts() {
    let refusal = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
                   <Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    let sts = server("403 Forbidden", refusal.to_owned());
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    let desk = desk.set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &sts);
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run(&format!("spile load a.csv {} --key a.csv", customer.to("")));
    assert_snapshot!(told_of(&customer, &ran.to_string()), @r"
    exit 6
    error: failed to assume the role ROLE: the credentials for it have expired
      hint: the credentials that spile was given have expired: log in again, or write fresh ones where they were found, and run again
    ");
}

#[test]
fn a_container() {
    let customer = Customer::new();
    let (id, secret) = customer.vendor_keys();
    let url = server(
        "200 OK",
        format!(
            r#"{{"AccessKeyId": "{id}", "SecretAccessKey": "{secret}", "Token": "",
            "Expiration": "2099-01-01T00:00:00Z"}}"#
        ),
    );
    let proxy = Relay::proxy();
    let desk = Desk::new().set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    let desk = desk.set("SPILE_DESTINATION__PROXY", &proxy.url);
    check_of(&customer, "base = 'container'", &[], desk);
    let is_of_agent = |exchange: &Exchange| exchange.request.contains(&*url);
    let exchanges = proxy.exchanges();
    assert!(!exchanges.is_empty(), "nothing went by the proxy");
    assert!(
        !exchanges.iter().any(is_of_agent),
        "its token is told to the proxy"
    );
}

/// By the second version of the metadata: a token first, then the role's name, then its keys.
#[test]
fn a_machine() {
    let customer = Customer::new();
    let (id, secret) = customer.vendor_keys();
    let keys = format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": "{id}", "SecretAccessKey": "{secret}", "Token": "",
            "Expiration": "2099-01-01T00:00:00Z"}}"#
    );
    let url = server_of("200 OK", move |line| match line.split(' ').nth(1) {
        Some("/latest/api/token") => "token".to_owned(),
        Some(path) if path.ends_with('/') => "spile".to_owned(),
        _ => keys.clone(),
    });
    let desk = Desk::new().set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url);
    check_of(&customer, "base = 'machine'", &[], desk);
}

/// What protects requests to the bucket protects those for its role.
#[test]
fn a_proxy_is_for_the_store_and_for_sts() {
    let (customer, proxy) = (Customer::new(), Relay::proxy());
    let desk = customer.admit(Desk::new());
    desk.write("a.csv", "id\n1\n");
    let to = customer.to("");
    let line = format!("spile load a.csv {to} --key a.csv");
    desk.ok(&format!("SPILE_DESTINATION__PROXY={} {line}", proxy.url));
    let exchanges = proxy.exchanges();
    let went_by = |url: &str| {
        let is_of = |exchange: &&Exchange| exchange.request.contains(&format!(" {url}/"));
        exchanges.iter().filter(is_of).count()
    };
    assert_eq!(went_by(&customer.sts.url), 1);
    assert!(went_by(&customer.endpoint) > 0);
    assert_eq!(customer.keys(), ["a.csv"]);
}
