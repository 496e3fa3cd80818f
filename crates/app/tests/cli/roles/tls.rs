//! Certificates of an authority of one's own, for the store and for STS alike.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::kit::{Customer, Desk, told};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/roles/tls");

/// A server with TLS before one without.
struct Tls {
    relay: Child,
    url: String,
}

impl Tls {
    fn before(server: &str) -> Self {
        let mut python = Command::new(told("PYTHON"));
        python.arg(format!("{FOLDER}/relay.py")).arg(server);
        let mut relay = python.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut port = String::new();
        let printed = relay.stdout.take().expect("a pipe");
        BufReader::new(printed)
            .read_line(&mut port)
            .expect("a port");
        let url = format!("https://127.0.0.1:{}", port.trim());
        Self { relay, url }
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.relay.kill());
        drop(self.relay.wait());
    }
}

#[test]
fn a_ca_bundle_is_for_the_store_and_for_sts() {
    let customer = Customer::new();
    let (store, sts) = (
        Tls::before(&customer.endpoint),
        Tls::before(&customer.sts.url),
    );
    let desk = customer
        .admit(Desk::new())
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &sts.url);
    desk.write("a.csv", "id\n1\n");
    let to = customer.to("").replace(&customer.endpoint, &store.url);
    let line = format!(
        "spile load a.csv {} --key a.csv",
        to.replace("--allow-http", "")
    );
    let trusted = desk.ok(&format!(
        "SPILE_DESTINATION__CA_BUNDLE={FOLDER}/authority.pem {line}"
    ));
    customer.assert_kept(&trusted.to_string());
    assert_eq!(customer.keys(), ["a.csv"]);
    assert_eq!(customer.sessions(), 1);
    // Nobody else trusts that authority.
    let ran = desk.run(&line);
    assert_eq!(ran.code, 75, "{ran}");
    assert_eq!(customer.sessions(), 1);
}
