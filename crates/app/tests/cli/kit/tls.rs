//! Servers with TLS, by an authority that nobody trusts by default.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::told;

/// The certificate of the authority that has signed those of these servers.
pub(crate) const AUTHORITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/cli/kit/tls/authority.pem"
);
const RELAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/kit/tls/relay.py");

/// A server with TLS before one without.
pub(crate) struct Tls {
    relay: Child,
    /// Where it listens, without a scheme.
    pub(crate) address: String,
}

impl Tls {
    /// Before the server at a URL.
    pub(crate) fn before(server: &str) -> Self {
        Self::start(&[server])
    }

    /// A proxy that answers in the place of whichever host is asked for, as the server at a URL
    /// does. There are certificates for AWS's hosts in a few regions.
    pub(crate) fn proxy_before(server: &str) -> Self {
        Self::start(&[server, "proxy"])
    }

    fn start(words: &[&str]) -> Self {
        let mut python = Command::new(told("PYTHON"));
        python.arg(RELAY).args(words);
        let mut relay = python.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut port = String::new();
        let printed = relay.stdout.take().expect("a pipe");
        BufReader::new(printed)
            .read_line(&mut port)
            .expect("a port");
        let address = format!("127.0.0.1:{}", port.trim());
        Self { relay, address }
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.relay.kill());
        drop(self.relay.wait());
    }
}
