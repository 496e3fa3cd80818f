//! The HTTP client beneath `object_store`.
//!
//! It adds the headers that `object_store` can't, signs what it has changed, and notes answers.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};
use object_store::ClientOptions;
use object_store::aws::AwsAuthorizer;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService, ReqwestConnector,
};

use super::exchange::{Exchange, Outcome, Refusal};
use super::keyring::Keyring;
use super::witness;

const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";
const SESSION_TOKEN: &str = "x-amz-security-token";
const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// Sends requests to one bucket.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    client: HttpClient,
    signer: Arc<Signer>,
}

/// Who signs, and for whom.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) keys: Keyring,
    pub(super) region: String,
    pub(super) sign_payload: bool,
    /// The account that has to own the bucket.
    pub(super) expected_owner: Option<HeaderValue>,
}

/// Hands the one wire of a bucket to `object_store`.
#[derive(Debug)]
pub(super) struct WireConnector(pub(super) Wire);

impl HttpConnector for WireConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

impl Wire {
    pub(super) fn new(options: &ClientOptions, signer: Signer) -> object_store::Result<Wire> {
        Ok(Wire {
            client: ReqwestConnector::default().connect(options)?,
            signer: Arc::new(signer),
        })
    }

    pub(super) fn keys(&self) -> &Keyring {
        &self.signer.keys
    }

    async fn send(
        &self,
        request: HttpRequest,
        exchange: &Exchange,
    ) -> Result<HttpResponse, HttpError> {
        let is_completion = is_completion(&request);
        let token = request.headers().get(SESSION_TOKEN).cloned();
        let response = self.client.execute(request).await?;
        witness::note(response.headers());
        match response.status() {
            status if !status.is_success() => {
                let response = read_refusal(response, exchange).await?;
                self.forget_expired(token.as_ref(), exchange);
                Ok(response)
            }
            _ if is_completion => read_completion(response, exchange).await,
            _ => {
                exchange.note(Outcome::Done);
                Ok(response)
            }
        }
    }

    /// Whoever sends the request again gets other credentials, where there are any.
    fn forget_expired(&self, token: Option<&HeaderValue>, exchange: &Exchange) {
        let Some(token) = token.and_then(|token| token.to_str().ok()) else {
            return;
        };
        // Some stores know nothing any more of a session that has ended.
        if exchange.is_unknown_key() && self.keys().is_outdated(token) {
            exchange.note_expired();
        }
        if exchange.is_expired() {
            self.keys().forget(token);
        }
    }

    /// Adds what is missing. S3 takes no header of its own that isn't signed.
    async fn amend(
        &self,
        mut request: HttpRequest,
        exchange: &Exchange,
    ) -> Result<HttpRequest, HttpError> {
        let mut is_changed = !request.headers().contains_key(AUTHORIZATION);
        if let Some(owner) = &self.signer.expected_owner {
            request.headers_mut().insert(EXPECTED_OWNER, owner.clone());
            is_changed = true;
        }
        if exchange.if_absent && is_completion(&request) {
            request
                .headers_mut()
                .insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
            is_changed = true;
        }
        if is_changed {
            let signed = self.signer.sign(&mut request).await;
            signed.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        }
        Ok(request)
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let exchange = Exchange::current();
        let request = self.amend(request, &exchange).await;
        // Nobody has signed it: that isn't the connection's fault.
        let request = request.inspect_err(|_| exchange.note(Outcome::Unsent))?;
        let sent = self.send(request, &exchange).await;
        sent.inspect_err(|error| exchange.note(error.into()))
    }
}

impl Signer {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let credential = self.keys.provider.get_credential().await?;
        let known = request.headers().get(CONTENT_SHA256).and_then(digest);
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .with_sign_payload(self.sign_payload)
            .try_authorize(request, known.as_deref())
    }
}

/// Whether this is the request that makes an uploaded object appear.
fn is_completion(request: &HttpRequest) -> bool {
    let is_of_upload = |query: &str| query.starts_with("uploadId=");
    request.method() == Method::POST && request.uri().query().is_some_and(is_of_upload)
}

async fn read_refusal(
    response: HttpResponse,
    exchange: &Exchange,
) -> Result<HttpResponse, HttpError> {
    let (parts, body) = response.into_parts();
    let body = body.bytes().await?;
    let refusal = Refusal::read(parts.status, &parts.headers, &body);
    exchange.note(Outcome::Refused(refusal));
    Ok(HttpResponse::from_parts(
        parts,
        HttpResponseBody::from(body),
    ))
}

/// A completion is answered before it is done, so that its failure comes with a status of 200.
async fn read_completion(
    response: HttpResponse,
    exchange: &Exchange,
) -> Result<HttpResponse, HttpError> {
    let (mut parts, body) = response.into_parts();
    let body = body.bytes().await?;
    match failure_in(&body) {
        Some(status) => {
            parts.status = status;
            let refusal = Refusal::read(status, &parts.headers, &body);
            exchange.note(Outcome::Refused(refusal));
        }
        None => exchange.note(Outcome::Done),
    }
    Ok(HttpResponse::from_parts(
        parts,
        HttpResponseBody::from(body),
    ))
}

fn failure_in(body: &Bytes) -> Option<StatusCode> {
    let text = String::from_utf8_lossy(body);
    if !text.contains("<Error>") && !text.contains("<Error ") {
        return None;
    }
    let refusal = Refusal::read(StatusCode::OK, &http::HeaderMap::new(), body);
    Some(match refusal.code.as_str() {
        "PreconditionFailed" => StatusCode::PRECONDITION_FAILED,
        "ConditionalRequestConflict" => StatusCode::CONFLICT,
        "NoSuchUpload" => StatusCode::NOT_FOUND,
        "AccessDenied" => StatusCode::FORBIDDEN,
        "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
        "SlowDown" | "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    })
}

/// The SHA-256 that a request already carries, so that content isn't read again.
fn digest(header: &HeaderValue) -> Option<Vec<u8>> {
    let hex = header.to_str().ok().filter(|hex| hex.len() == 64)?;
    (0..32)
        .map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok())
        .collect()
}
