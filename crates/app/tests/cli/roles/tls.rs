//! Certificates of an authority of one's own, for the store and for STS alike.

use crate::kit::{AUTHORITY, Customer, Desk, Tls};

#[test]
fn a_ca_bundle_is_for_the_store_and_for_sts() {
    let customer = Customer::new();
    let (store, sts) = (
        Tls::before(&customer.endpoint),
        Tls::before(&customer.sts.url),
    );
    let url = |tls: &Tls| format!("https://{}", tls.address);
    let desk = customer
        .admit(Desk::new())
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &url(&sts));
    desk.write("a.csv", "id\n1\n");
    let to = customer.to("").replace(&customer.endpoint, &url(&store));
    let line = format!(
        "spile load a.csv {} --key a.csv",
        to.replace("--allow-http", "")
    );
    let trusted = desk.ok(&format!("SPILE_DESTINATION__CA_BUNDLE={AUTHORITY} {line}"));
    customer.assert_kept(&trusted.to_string());
    assert_eq!(customer.keys(), ["a.csv"]);
    assert_eq!(customer.sessions(), 1);
    // Nobody else trusts that authority.
    let ran = desk.run(&line);
    assert_eq!(ran.code, 75, "{ran}");
    assert_eq!(customer.sessions(), 1);
}
