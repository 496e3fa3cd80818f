//! Whoever isn't meant gets nothing. These fail, too, if the emulator lets everybody in.

use insta::assert_snapshot;

use super::told_of;
use crate::kit::{Customer, Desk};

/// Loads one record with an External ID; what is said, with the id as `ID`.
fn refused(customer: &Customer, flags: &str, id: Option<&str>) -> String {
    let mut desk = customer.admit(Desk::new());
    if let Some(id) = id {
        desk = desk
            .set("SPILE_DESTINATION__AUTH__EXTERNAL_ID", id)
            .hush(id);
    }
    desk.write("a.csv", "id\n1\n");
    let arn = customer.role_arn();
    let to = customer.to_bucket("raw");
    let line = format!("spile load a.csv {to} --role-arn {arn} {flags} --key a.csv");
    let ran = desk.run(&line);
    let traced = desk.run(&format!("{line} --log trace"));
    assert_eq!((ran.code, traced.code), (6, 6), "{ran}\n{traced}");
    assert!(traced.stderr.contains("TRACE"), "{traced}");
    assert_eq!(customer.keys(), [""; 0]);
    assert_eq!(customer.sessions(), 0);
    told_of(customer, &without_fingerprint(&ran.to_string()))
}

/// A fingerprint tells one id from another; it is of this test's own id.
fn without_fingerprint(text: &str) -> String {
    match text.split_once("sha256:") {
        Some((before, after)) => format!("{before}FINGERPRINT{}", &after[8..]),
        None => text.to_owned(),
    }
}

fn without_vendor(text: &str) -> String {
    let (before, after) = text.split_once("user/").expect("a user");
    let rest = after.split_once(' ').expect("more").1;
    format!("{before}user/VENDOR {rest}")
}

#[test]
fn a_wrong_external_id() {
    let customer = Customer::new();
    let told = refused(&customer, "", Some("of-somebody-else"));
    assert_snapshot!(without_vendor(&told), @r"
    exit 6
    error: failed to assume the role ROLE with the External ID FINGERPRINT: User: arn:aws:iam::000000000000:user/VENDOR is not authorized to perform: sts:AssumeRole on resource: ROLE
      hint: compare with the role's trust policy: its ARN, the principal (who asks), and the External ID, letter by letter, since case counts; `spile check` finds out more
    ");
}

#[test]
fn an_external_id_in_other_letters() {
    let customer = Customer::new();
    let lower = customer.external_id.to_lowercase();
    assert_ne!(lower, customer.external_id);
    let told = refused(&customer, "", Some(&lower));
    assert!(
        told.contains("letter by letter, since case counts"),
        "{told}"
    );
}

#[test]
fn no_external_id() {
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    desk.write(
        "own.toml",
        "[destination.auth]\nallow_no_external_id = true\n",
    );
    desk.write("a.csv", "id\n1\n");
    let (arn, to) = (customer.role_arn(), customer.to_bucket("raw"));
    let ran = desk.run(&format!(
        "spile load a.csv {to} --role-arn {arn} --key a.csv --config own.toml"
    ));
    assert_eq!(ran.code, 6, "{ran}");
    assert_snapshot!(without_vendor(&told_of(&customer, &ran.to_string())), @r"
    exit 6
    error: failed to assume the role ROLE without an External ID: User: arn:aws:iam::000000000000:user/VENDOR is not authorized to perform: sts:AssumeRole on resource: ROLE
      hint: compare with the role's trust policy: its ARN, the principal (who asks), and the External ID, letter by letter, since case counts; `spile check` finds out more
    ");
}

#[test]
fn the_vendors_own_keys() {
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    desk.write("a.csv", "id\n1\n");
    let to = customer.to_bucket("raw");
    // Without a role there is no STS to be set.
    let ran = desk.run(&format!(
        "env -u SPILE_DESTINATION__AUTH__STS_ENDPOINT spile load a.csv {to} --key a.csv"
    ));
    assert_eq!(ran.code, 5, "{ran}");
    assert_eq!(customer.keys(), [""; 0]);
}
