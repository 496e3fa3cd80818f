//! The HTTP client of the store beneath the AWS packages, so that a proxy and certificates hold for
//! every request alike.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient as SdkHttpClient, HttpConnector as SdkHttpConnector, HttpConnectorFuture,
    HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest as SdkRequest, HttpResponse as SdkResponse,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequestBody, ReqwestConnector,
};

use super::error::CredentialsError;

/// Carries the requests of the AWS packages.
#[derive(Clone, Debug)]
pub(super) struct Transport(HttpClient);

/// A proxy that nothing goes by: where none is set, that of the environment would be used.
const NO_PROXY: &str = "http://127.0.0.1:9";
const ALL: &str = "*,0.0.0.0/0,::/0";

/// A transport with the time that a caller gives each request.
#[derive(Debug)]
struct Timed {
    client: HttpClient,
    limit: Option<Duration>,
}

impl Transport {
    /// Machines and containers are asked for their role without TLS; whether STS may be, is checked
    /// where its endpoint is set.
    pub(super) fn new(options: &ClientOptions) -> Result<Transport, CredentialsError> {
        Transport::of(&options.clone().with_allow_http(true))
    }

    /// One that goes by no proxy, that of the environment included: what is asked is on the machine
    /// or beside it, and is sent its token.
    pub(super) fn nearby(options: &ClientOptions) -> Result<Transport, CredentialsError> {
        let options = options.clone().with_allow_http(true);
        Transport::of(&options.with_proxy_url(NO_PROXY).with_proxy_excludes(ALL))
    }

    fn of(options: &ClientOptions) -> Result<Transport, CredentialsError> {
        let client = ReqwestConnector::default().connect(options);
        client
            .map(Transport)
            .map_err(|error| CredentialsError::Client {
                source: Arc::new(error),
            })
    }
}

impl SdkHttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // A time to connect alone says nothing of the answer; the client has one of its own.
        let connect = settings.connect_timeout().unwrap_or_default();
        SharedHttpConnector::new(Timed {
            client: self.0.clone(),
            limit: settings.read_timeout().map(|read| connect + read),
        })
    }
}

impl SdkHttpConnector for Timed {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        let (client, limit) = (self.client.clone(), self.limit);
        HttpConnectorFuture::new(async move {
            let answer = execute(client, request);
            match limit {
                None => answer.await,
                Some(limit) => tokio::time::timeout(limit, answer)
                    .await
                    .unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into()))),
            }
        })
    }
}

async fn execute(client: HttpClient, request: SdkRequest) -> Result<SdkResponse, ConnectorError> {
    let request = request.try_into_http1x();
    let request = request.map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("a body that isn't in memory".into()))?;
    let body = HttpRequestBody::from(Bytes::copy_from_slice(body));
    let request = http::Request::from_parts(parts, body);
    let (parts, body) = client.execute(request).await.map_err(failed)?.into_parts();
    // Not in memory yet, so that nothing shows it: the AWS packages trace answers with their bodies,
    // and this one may hold the keys of a session.
    let body = SdkBody::from_body_1_x(body);
    SdkResponse::try_from(http::Response::from_parts(parts, body))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

fn failed(error: HttpError) -> ConnectorError {
    match error.kind() {
        HttpErrorKind::Timeout => ConnectorError::timeout(error.into()),
        HttpErrorKind::Connect | HttpErrorKind::Interrupted | HttpErrorKind::Request => {
            ConnectorError::io(error.into())
        }
        _ => ConnectorError::other(error.into(), None),
    }
}
