//! A webhook that is told of runs: the manifest is posted to it, and any 2xx says that it needn't be
//! told again.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    ReqwestConnector,
};
use spile_core::ledger::Manifest;

use super::TellError;
use crate::config::{ConfigFault, Secret};
use crate::credentials::reveal;

/// Where manifests are posted.
pub(crate) struct Webhook {
    url: Uri,
    /// Marked as sensitive, and so shown nowhere.
    authorization: Option<HeaderValue>,
    client: HttpClient,
}

/// By this, whoever is told twice of a run knows that it is the same.
const RUN: HeaderName = HeaderName::from_static("idempotency-key");

impl Webhook {
    /// The webhook at a URL, which may be a secret as a whole.
    pub(super) fn new(
        url: &Secret,
        authorization: Option<&Secret>,
        time: Duration,
    ) -> Result<Self, ConfigFault> {
        let place = "on_complete.webhook";
        let url: Option<Uri> = reveal(place, url)?.parse().ok();
        let is_web = |url: &Uri| {
            let is_known = matches!(url.scheme_str(), Some("http" | "https"));
            is_known && url.host().is_some()
        };
        let url = url.filter(is_web).ok_or_else(|| {
            ConfigFault::new(place, "it is no URL that could be posted to")
                .hint("write it like https://example.com/loads")
        })?;
        let options = ClientOptions::new()
            .with_allow_http(true)
            .with_timeout(time)
            .with_user_agent(HeaderValue::from_static("spile"));
        let client = ReqwestConnector::default().connect(&options);
        Ok(Self {
            url,
            authorization: authorization.map(header).transpose()?,
            client: client.map_err(|error| ConfigFault::new(place, error))?,
        })
    }

    /// Posts a manifest.
    pub(super) async fn call(&self, manifest: &Manifest) -> Result<(), TellError> {
        let answer = self.client.execute(self.request(manifest)).await;
        let (message, may_heal, retry_after_s) = match answer {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => {
                let after = answer.headers().get(RETRY_AFTER);
                let after = after.and_then(|after| after.to_str().ok()?.parse().ok());
                let status = answer.status();
                (format!("it answered {status}"), may_heal(status), after)
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

    fn request(&self, manifest: &Manifest) -> HttpRequest {
        let mut request = HttpRequest::new(HttpRequestBody::from(manifest.text()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // An id is any text, and a header isn't.
        let run = HeaderValue::from_str(&manifest.connection_run_id);
        let escaped = || {
            HeaderValue::from_str(&spile_macros_template::escape_segment(
                &manifest.connection_run_id,
            ))
        };
        if let Ok(run) = run.or_else(|_| escaped()) {
            headers.insert(RUN, run);
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        request
    }

    /// Its host alone: paths of webhooks are secrets as often as not.
    fn shown(&self) -> String {
        let scheme = self.url.scheme_str().unwrap_or_default();
        let host = self.url.host().unwrap_or_default();
        match self.url.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}/…"),
            None => format!("{scheme}://{host}/…"),
        }
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
fn of_transport(error: &HttpError) -> String {
    match error.kind() {
        HttpErrorKind::Connect => "it can't be reached",
        HttpErrorKind::Timeout => "it took too long to answer",
        _ => "the connection broke",
    }
    .to_owned()
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
