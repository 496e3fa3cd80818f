//! The URL that a bucket's objects are under.

use url::{Host, Url};

use super::config::S3Config;
use super::config_error::S3ConfigError;
use crate::access::Partition;

/// What a bucket's URL is made of, once the settings are known to fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    custom: Option<Url>,
    path_style: bool,
}

impl Endpoint {
    pub(super) fn new(config: &S3Config) -> Result<Endpoint, S3ConfigError> {
        check_bucket(&config.bucket)?;
        let custom = config
            .endpoint
            .as_deref()
            .map(|endpoint| check(endpoint, config.allow_http));
        let custom = custom.transpose()?;
        let by_default = custom.is_some() || config.bucket.contains('.');
        let endpoint = Endpoint {
            custom,
            path_style: config.path_style.unwrap_or(by_default),
        };
        endpoint.check_style()?;
        Ok(endpoint)
    }

    /// Whether this is AWS, whose conditional writes are known.
    pub(super) fn is_aws(&self) -> bool {
        let host = self
            .custom
            .as_ref()
            .map(|url| url.host_str().unwrap_or_default());
        let is_amazon = |host: &str| {
            let mut domains = Partition::ALL.iter().map(|one| one.dns_suffix());
            domains.any(|domain| {
                let before = host.strip_suffix(domain);
                before.is_some_and(|before| before.ends_with('.'))
            })
        };
        host.is_none_or(is_amazon)
    }

    /// Whether the region has to be known to make the URL.
    pub(super) fn has_regions(&self) -> bool {
        self.custom.is_none()
    }

    /// The URL of the bucket, without a `/` at its end.
    pub(super) fn bucket_url(&self, bucket: &str, region: &str) -> String {
        let url = match &self.custom {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => {
                let domain = Partition::of_region(region).dns_suffix();
                format!("https://s3.{region}.{domain}")
            }
        };
        match self.path_style {
            true => format!("{url}/{bucket}"),
            false => url.replacen("://", &format!("://{bucket}."), 1),
        }
    }

    /// A bucket can't go in front of an address of numbers.
    fn check_style(&self) -> Result<(), S3ConfigError> {
        let host = self.custom.as_ref().and_then(Url::host);
        match host {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) if !self.path_style => {
                let endpoint = self.custom.as_ref().map(Url::to_string).unwrap_or_default();
                Err(unusable(endpoint, "an IP address needs path style"))
            }
            _ => Ok(()),
        }
    }
}

fn check(endpoint: &str, allow_http: bool) -> Result<Url, S3ConfigError> {
    let shown = without_secrets(endpoint);
    let Ok(url) = Url::parse(endpoint) else {
        let reason = "it is no URL, such as `https://s3.acme.com`";
        return Err(unusable(shown, reason));
    };
    if !url.has_host() {
        return Err(unusable(shown, "it has no host"));
    }
    match url.scheme() {
        "https" => (),
        "http" if allow_http => (),
        "http" => return Err(S3ConfigError::PlainHttp { endpoint: shown }),
        _ => return Err(unusable(shown, "it is neither https nor http")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable(shown, "credentials don't go into it"));
    }
    match url.query().or(url.fragment()) {
        Some(_) => Err(unusable(shown, "it has more than a host and a path")),
        None => Ok(url),
    }
}

/// An endpoint without what may be secret in it, whether it is a URL or not: what stands before an
/// `@`, and what comes after the path.
fn without_secrets(endpoint: &str) -> String {
    let end = endpoint.find(['?', '#']).unwrap_or(endpoint.len());
    let (endpoint, cut) = (
        &endpoint[..end],
        if end < endpoint.len() { "…" } else { "" },
    );
    match endpoint.rsplit_once('@') {
        None => format!("{endpoint}{cut}"),
        Some((before, host)) => {
            let scheme = before.split_inclusive("://").next();
            let scheme = scheme.filter(|scheme| scheme.ends_with("://"));
            format!("{}…@{host}{cut}", scheme.unwrap_or_default())
        }
    }
}

/// Names go into URLs as they are.
fn check_bucket(bucket: &str) -> Result<(), S3ConfigError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let reason = match bucket {
        "" => "it has no text",
        "." | ".." => "it isn't a name",
        name if !name.chars().all(is_plain) => "a name has letters, digits, `-`, `.` and `_` only",
        _ => return Ok(()),
    };
    Err(S3ConfigError::BucketName {
        bucket: bucket.to_owned(),
        reason,
    })
}

fn unusable(endpoint: String, reason: &'static str) -> S3ConfigError {
    S3ConfigError::Endpoint { endpoint, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut S3Config), expect: &str) {
        let mut config = S3Config::new("landing");
        change(&mut config);
        let found = match Endpoint::new(&config) {
            Ok(endpoint) => endpoint.bucket_url(&config.bucket, "eu-west-1"),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect);
    }

    fn endpoint(url: &str) -> impl FnOnce(&mut S3Config) {
        let url = url.to_owned();
        |config| config.endpoint = Some(url)
    }

    #[test]
    fn a_bucket_on_aws_has_a_host_of_its_own() {
        check(|_| (), "https://landing.s3.eu-west-1.amazonaws.com");
        check(
            |c| c.path_style = Some(true),
            "https://s3.eu-west-1.amazonaws.com/landing",
        );
        check(
            |c| c.bucket = "a.b".into(),
            "https://s3.eu-west-1.amazonaws.com/a.b",
        );
        let endpoint = Endpoint::new(&S3Config::new("b")).unwrap();
        assert_eq!(
            endpoint.bucket_url("b", "cn-north-1"),
            "https://b.s3.cn-north-1.amazonaws.com.cn"
        );
        assert!(endpoint.is_aws());
    }

    #[test]
    fn a_bucket_elsewhere_is_a_path() {
        check(
            endpoint("https://s3.acme.com/"),
            "https://s3.acme.com/landing",
        );
        check(
            endpoint("https://acme.com:9000/s3"),
            "https://acme.com:9000/s3/landing",
        );
        let virtual_host = |c: &mut S3Config| {
            c.endpoint = Some("https://s3.acme.com".into());
            c.path_style = Some(false);
        };
        check(virtual_host, "https://landing.s3.acme.com");
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        let refused = "use the endpoint `";
        check(
            endpoint("http://127.0.0.1:8333"),
            "use the endpoint `http://127.0.0.1:8333`: it has no TLS, which only `allow_http` permits",
        );
        check(
            endpoint("ftp://acme"),
            &format!("{refused}ftp://acme`: it is neither https nor http"),
        );
        check(
            endpoint("acme.com"),
            &format!("{refused}acme.com`: it is no URL, such as `https://s3.acme.com`"),
        );
        check(
            endpoint("https://me:hush@acme.com"),
            &format!("{refused}https://…@acme.com`: credentials don't go into it"),
        );
        check(
            endpoint("https://me:hush@acme.com:port"),
            &format!(
                "{refused}https://…@acme.com:port`: it is no URL, such as `https://s3.acme.com`"
            ),
        );
        check(
            endpoint("me:hu@sh@acme.com"),
            &format!("{refused}…@acme.com`: it has no host"),
        );
        check(
            endpoint("https://acme.com/s3?token=hush@me"),
            &format!("{refused}https://acme.com/s3…`: it has more than a host and a path"),
        );
        check(
            |c| c.bucket = "a/b".into(),
            "use the bucket `a/b`: a name has letters, digits, `-`, `.` and `_` only",
        );
    }
}
