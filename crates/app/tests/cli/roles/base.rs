//! Who asks for a role.

use crate::kit::{Customer, Desk};

/// Loads one record as whoever the settings name, with nothing in the environment.
fn check(settings: &str, files: &[(&str, &str)]) {
    let customer = Customer::new();
    let (id, secret) = customer.vendor_keys();
    let fill = |text: &str| text.replace("ID", id).replace("SECRET", secret);
    let desk = Desk::new()
        .hush(secret)
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &customer.sts.url)
        .set("AWS_EC2_METADATA_DISABLED", "true");
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

#[test]
fn a_command() {
    let printed = r#"{"Version": 1, "AccessKeyId": "ID", "SecretAccessKey": "SECRET"}"#;
    check(
        "credential_process = 'cat hidden.json'",
        &[("hidden.json", printed)],
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
