//! Which region a bucket on AWS is in.

use http::uri::InvalidUri;
use http::{Method, StatusCode};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpRequest, HttpRequestBody, HttpResponse, ReqwestConnector,
};
use spile_core::{BucketError, BucketErrorKind, Retry};

use super::config_error::S3ConfigError;
use super::error::unanswered;
use crate::access::Partition;
use crate::fault::Fault;

/// Asks a part of AWS, which tells anyone, in a header of an answer that may else be a refusal.
pub(super) async fn find(
    bucket: &str,
    partition: Partition,
    options: &ClientOptions,
    retry: &Retry,
) -> Result<String, S3ConfigError> {
    let client = ReqwestConnector::default().connect(options);
    let client = client.map_err(|source| S3ConfigError::Client {
        source: source.into(),
    })?;
    Ok(patiently(retry, bucket, || ask(&client, bucket, partition)).await?)
}

/// As patiently as whoever loads asks for anything else.
async fn patiently<F>(
    retry: &Retry,
    bucket: &str,
    ask: impl Fn() -> F,
) -> Result<String, BucketError>
where
    F: Future<Output = Result<String, Fault>>,
{
    let ask = || async { ask().await.map_err(|fault| during(fault, bucket)) };
    retry.run(ask).await
}

async fn ask(client: &HttpClient, bucket: &str, partition: Partition) -> Result<String, Fault> {
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.method_mut() = Method::HEAD;
    let url = url(bucket, partition).parse();
    *request.uri_mut() = url.map_err(|error: InvalidUri| {
        Fault::new(BucketErrorKind::NoSuchBucket, "no bucket has such a name").caused_by(error)
    })?;
    let answer = client.execute(request).await;
    let answer = answer.map_err(|error| unanswered(error.kind()).caused_by(error))?;
    region_in(&answer, partition)
}

/// A host that knows of all regions: only the first of all parts of AWS has one for itself.
fn url(bucket: &str, partition: Partition) -> String {
    let host = match partition {
        Partition::Aws => "s3.amazonaws.com".to_owned(),
        other => format!("s3.{}.{}", other.default_region(), other.dns_suffix()),
    };
    // The certificate of these hosts takes one name in front.
    match bucket.contains('.') {
        true => format!("https://{host}/{bucket}"),
        false => format!("https://{bucket}.{host}"),
    }
}

fn region_in(answer: &HttpResponse, partition: Partition) -> Result<String, Fault> {
    let header = answer.headers().get("x-amz-bucket-region");
    match header.and_then(|region| region.to_str().ok()) {
        _ if answer.status() == StatusCode::NOT_FOUND => {
            let message = format!(
                "there is no such bucket in {partition}; set `region` for one in another part of AWS"
            );
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
    fault.during(
        format!("find the region of the bucket {bucket}"),
        "AWS".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::ops::Range;

    use super::*;

    /// Fails `times` times, and answers then; says how often it was asked.
    async fn check(
        times: u32,
        kind: BucketErrorKind,
        expect: Result<&str, bool>,
        asked: Range<u32>,
    ) {
        let count = Cell::new(0);
        let retry = Retry::default();
        let found = patiently(&retry, "landing", || {
            count.set(count.get() + 1);
            let answers = count.get() > times;
            async move {
                match answers {
                    true => Ok("eu-west-1".to_owned()),
                    false => Err(Fault::new(kind, "no")),
                }
            }
        });
        let found = found.await.map_err(|error| error.tried.is_some());
        assert_eq!(found.as_deref().map_err(|tried| *tried), expect);
        assert!(asked.contains(&count.get()), "{}", count.get());
    }

    #[test]
    fn each_part_of_aws_is_asked_for_its_own_buckets() {
        let check = |bucket, partition, expect| assert_eq!(url(bucket, partition), expect);
        check("b", Partition::Aws, "https://b.s3.amazonaws.com");
        check("a.b", Partition::Aws, "https://s3.amazonaws.com/a.b");
        let china = "https://b.s3.cn-north-1.amazonaws.com.cn";
        check("b", Partition::AwsCn, china);
        let gov_cloud = "https://b.s3.us-gov-west-1.amazonaws.com";
        check("b", Partition::AwsUsGov, gov_cloud);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_in_passing_is_asked_again() {
        use BucketErrorKind::{NoSuchBucket, Unreachable};
        check(2, Unreachable, Ok("eu-west-1"), 3..4).await;
        check(u32::MAX, Unreachable, Err(true), 30..100).await;
        check(9, NoSuchBucket, Err(false), 1..2).await;
    }
}
