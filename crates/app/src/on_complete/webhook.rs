//! A webhook that is told of runs: the manifest is posted to it, and any 2xx says that it needn't be
//! told again.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use spile_core::ledger::Manifest;
use spile_macros_template::escape_segment;

use super::TellError;
use crate::config::{ConfigFault, Secret};
use crate::credentials::reveal;

/// Where manifests are posted.
pub(crate) struct Webhook {
    url: Url,
    /// Marked as sensitive, and so shown nowhere.
    authorization: Option<HeaderValue>,
    client: Client,
}

/// By this, whoever is told twice of a run knows that it is the same.
const RUN: HeaderName = HeaderName::from_static("idempotency-key");
/// A run that is repeated has several, of which the last one holds.
const ATTEMPT: HeaderName = HeaderName::from_static("spile-attempt");

impl Webhook {
    /// The webhook at a URL, which may be a secret as a whole.
    pub(super) fn new(
        url: &Secret,
        authorization: Option<&Secret>,
        time: Duration,
    ) -> Result<Self, ConfigFault> {
        let place = "on_complete.webhook";
        let url = Url::parse(&reveal(place, url)?).ok();
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let url = url.filter(is_web).ok_or_else(|| {
            ConfigFault::new(place, "it is no URL that could be posted to")
                .hint("write it like https://example.com/loads")
        })?;
        // A redirect may make a request without a body of it, or send it to somebody else.
        let client = Client::builder()
            .timeout(time)
            .redirect(Policy::none())
            .user_agent("spile")
            .build();
        Ok(Self {
            url,
            authorization: authorization.map(header).transpose()?,
            client: client.map_err(|error| ConfigFault::new(place, error))?,
        })
    }

    /// Posts a manifest.
    pub(super) async fn call(&self, manifest: &Manifest) -> Result<(), TellError> {
        let (message, may_heal, retry_after_s) = match self.post(manifest).await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => {
                let after = answer.headers().get(RETRY_AFTER);
                let after = after.and_then(|after| after.to_str().ok()?.parse().ok());
                let status = answer.status();
                (refused(status), may_heal(status), after)
            }
            Err(error) => (of_transport(&error), true, None),
        };
        Err(TellError {
            action: format!(
                "tell {} of run {}",
                self.shown(),
                manifest.connection_run_id
            ),
            message,
            may_heal,
            retry_after_s,
            tried: None,
        })
    }

    async fn post(&self, manifest: &Manifest) -> reqwest::Result<reqwest::Response> {
        // An id is any text, and a header isn't.
        let run = &manifest.connection_run_id;
        let plain = HeaderValue::from_str(run);
        let run = plain.or_else(|_| HeaderValue::from_str(&escape_segment(run)));
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ATTEMPT, manifest.attempt);
        if let Ok(run) = run {
            request = request.header(RUN, run);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request.body(manifest.text()).send().await
    }

    /// Its host alone: paths of webhooks are secrets as often as not.
    fn shown(&self) -> String {
        let (scheme, host) = (self.url.scheme(), self.url.host_str().unwrap_or_default());
        match self.url.port() {
            Some(port) => format!("{scheme}://{host}:{port}/…"),
            None => format!("{scheme}://{host}/…"),
        }
    }
}

fn refused(status: StatusCode) -> String {
    match status.is_redirection() {
        true => format!("it answered {status}: give the URL that it redirects to"),
        false => format!("it answered {status}"),
    }
}

fn header(secret: &Secret) -> Result<HeaderValue, ConfigFault> {
    let place = "on_complete.authorization";
    let value = HeaderValue::from_str(&reveal(place, secret)?);
    let mut value = value.map_err(|_| ConfigFault::new(place, "it can't be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn may_heal(status: StatusCode) -> bool {
    let passes = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || passes.contains(&status)
}

/// The errors of a transport name the URL.
fn of_transport(error: &reqwest::Error) -> String {
    let what = if error.is_connect() {
        "it can't be reached"
    } else if error.is_timeout() {
        "it took too long to answer"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let url = Secret::Text("https://me:hush@example.com:8443/hush?token=hush".to_owned());
        let authorization = Secret::Text("Bearer hush".to_owned());
        let webhook = Webhook::new(&url, Some(&authorization), Duration::from_secs(1));
        let webhook = webhook.expect("a webhook");
        assert_eq!(webhook.shown(), "https://example.com:8443/…");
        assert!(!format!("{:?}", webhook.authorization).contains("hush"));
    }
}
