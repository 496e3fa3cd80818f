//! Which region a bucket on AWS is in.

use http::uri::InvalidUri;
use http::{Method, StatusCode};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpRequest, HttpRequestBody, HttpResponse, ReqwestConnector,
};
use spile_core::{BucketError, BucketErrorKind};

use super::config_error::S3ConfigError;
use super::error::unanswered;
use crate::fault::Fault;

/// Asks AWS, which tells anyone, in a header of an answer that may else be a refusal.
pub(super) async fn find(bucket: &str, options: &ClientOptions) -> Result<String, S3ConfigError> {
    let client = ReqwestConnector::default().connect(options);
    let client = client.map_err(|source| S3ConfigError::Client {
        source: source.into(),
    })?;
    let found = ask(&client, bucket).await;
    found.map_err(|fault| S3ConfigError::Bucket(during(fault, bucket)))
}

async fn ask(client: &HttpClient, bucket: &str) -> Result<String, Fault> {
    // The certificate of these hosts takes one name in front.
    let url = match bucket.contains('.') {
        true => format!("https://s3.amazonaws.com/{bucket}"),
        false => format!("https://{bucket}.s3.amazonaws.com"),
    };
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.method_mut() = Method::HEAD;
    *request.uri_mut() = url.parse().map_err(|error: InvalidUri| {
        Fault::new(BucketErrorKind::NoSuchBucket, "no bucket has such a name").caused_by(error)
    })?;
    let answer = client.execute(request).await;
    region_in(&answer.map_err(|error| unanswered(error.kind()).caused_by(error))?)
}

fn region_in(answer: &HttpResponse) -> Result<String, Fault> {
    let header = answer.headers().get("x-amz-bucket-region");
    match header.and_then(|region| region.to_str().ok()) {
        _ if answer.status() == StatusCode::NOT_FOUND => {
            let message = "there is no such bucket";
            Err(Fault::new(BucketErrorKind::NoSuchBucket, message))
        }
        Some(region) => Ok(region.to_owned()),
        None => {
            let message = "AWS doesn't say; set `region`";
            Err(Fault::new(BucketErrorKind::Refused, message))
        }
    }
}

fn during(fault: Fault, bucket: &str) -> BucketError {
    fault.during("find the region".to_owned(), format!("s3://{bucket}"))
}
