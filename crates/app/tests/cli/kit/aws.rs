//! AWS's own hosts, which the emulator stands behind.

use std::collections::BTreeSet;

use super::{AUTHORITY, Customer, Desk, Relay, Tls, ask};

/// A proxy through which STS and S3 of AWS are those of a customer's emulator. Requests go on as they
/// were signed, to whichever host.
pub(crate) struct Aws {
    hosts: Relay,
    proxy: Tls,
}

impl Aws {
    pub(crate) fn of(customer: &Customer) -> Self {
        Self::with(customer, |host, _| panic!("nobody is to ask {host}"))
    }

    /// The same with further hosts: they answer requests by the host and the head.
    pub(crate) fn with(
        customer: &Customer,
        further: impl Fn(&str, &str) -> String + Send + Sync + 'static,
    ) -> Self {
        let server = |url: &str| url.trim_start_matches("http://").to_owned();
        let (sts, s3) = (server(&customer.sts.url), server(&customer.endpoint));
        let of_bucket = format!("{}.s3.", customer.bucket);
        let hosts = Relay::answering(move |request| {
            let head = String::from_utf8_lossy(request);
            match host_of(&head) {
                host if host.starts_with("sts.") => ask(&sts, request),
                host if host.starts_with(&of_bucket) => ask(&s3, request),
                host => further(host, &head).into_bytes(),
            }
        });
        let proxy = Tls::proxy_before(&hosts.url);
        Self { hosts, proxy }
    }

    /// A desk whose only way to AWS this is.
    pub(crate) fn admit(&self, desk: Desk) -> Desk {
        let proxy = format!("http://{}", self.proxy.address);
        desk.set("SPILE_DESTINATION__PROXY", &proxy)
            .set("SPILE_DESTINATION__CA_BUNDLE", AUTHORITY)
    }

    /// All hosts that were asked.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        let exchanges = self.hosts.exchanges();
        let hosts = exchanges.iter().map(|exchange| host_of(&exchange.request));
        hosts.map(str::to_owned).collect()
    }
}

fn host_of(request: &str) -> &str {
    let is_host = |line: &&str| {
        line.get(..6)
            .is_some_and(|name| name.eq_ignore_ascii_case("host: "))
    };
    let line = request.lines().find(is_host).expect("a host");
    &line[6..]
}
