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
        let options = options.clone().with_allow_http(true);
        let client = ReqwestConnector::default().connect(&options);
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
        let limits = [settings.connect_timeout(), settings.read_timeout()];
        SharedHttpConnector::new(Timed {
            client: self.0.clone(),
            limit: limits
                .into_iter()
                .flatten()
                .reduce(|sum, limit| sum + limit),
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
