//! What is asked of the bucket itself, for which `object_store` has no requests.

use http::Method;
use http::uri::InvalidUri;
use object_store::client::{HttpRequest, HttpRequestBody, HttpService};
use serde::de::DeserializeOwned;
use spile_core::BucketErrorKind;

use super::bucket::S3Bucket;
use super::error::{nobody_signed, refused, unanswered, unreadable};
use super::exchange::{Exchange, Outcome};
use crate::fault::Fault;

impl S3Bucket {
    /// Asks for something, and reads the XML of the answer.
    pub(super) async fn query<T: DeserializeOwned>(&self, query: &str) -> Result<T, Fault> {
        let request = self.query_request(query)?;
        let (answer, outcome) = Exchange::watch(false, async {
            self.to.wire.call(request).await?.into_body().bytes().await
        })
        .await;
        match (answer, outcome) {
            (_, Outcome::Refused(refusal)) => Err(self.lasting(refused(&refusal, &self.to.region))),
            (Err(error), Outcome::Unsent) => Err(nobody_signed(error)),
            (Err(error), _) => Err(unanswered(error.kind()).caused_by(error)),
            (Ok(body), _) => {
                quick_xml::de::from_reader(&*body).map_err(|error| unreadable().caused_by(error))
            }
        }
    }

    fn query_request(&self, query: &str) -> Result<HttpRequest, Fault> {
        let url = format!("{}?{query}", self.to.url);
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = url.parse().map_err(|error: InvalidUri| {
            Fault::new(BucketErrorKind::InvalidKey, "the prefix can't be sent").caused_by(error)
        })?;
        Ok(request)
    }
}
