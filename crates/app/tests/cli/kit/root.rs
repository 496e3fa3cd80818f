//! What the root of an account asks for, whose signatures the emulator of IAM doesn't check.

use super::relay::ask;

/// Asks IAM.
pub(super) fn iam(
    endpoint: &str,
    root: &str,
    action: &str,
    parameters: &[(&str, String)],
) -> String {
    query(endpoint, root, ("iam", "2010-05-08"), action, parameters)
}

/// Asks STS.
pub(super) fn sts(
    endpoint: &str,
    root: &str,
    action: &str,
    parameters: &[(&str, String)],
) -> String {
    query(endpoint, root, ("sts", "2011-06-15"), action, parameters)
}

/// Asks S3 in a region; the whole answer.
pub(super) fn s3(
    endpoint: &str,
    root: &str,
    region: &str,
    (method, path, body): (&str, &str, &str),
) -> Vec<u8> {
    let head = head(endpoint, root, region, "s3");
    let length = body.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n{body}");
    let answer = ask(server(endpoint), request.as_bytes());
    let said = String::from_utf8_lossy(&answer);
    assert!(said.starts_with("HTTP/1.1 200"), "{method} {path}: {said}");
    answer
}

/// Creates a bucket in a region. The first of all regions isn't named.
pub(super) fn create_bucket(endpoint: &str, root: &str, region: &str, bucket: &str) {
    let place = format!("<LocationConstraint>{region}</LocationConstraint>");
    let body = match region {
        "us-east-1" => String::new(),
        _ => format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>"),
    };
    s3(
        endpoint,
        root,
        region,
        ("PUT", &format!("/{bucket}"), &body),
    );
}

/// What an element of an answer has in it.
pub(super) fn between(text: &str, tag: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    let (value, _) = rest.split_once(&format!("</{tag}>"))?;
    Some(value.to_owned())
}

fn query(
    endpoint: &str,
    root: &str,
    (service, version): (&str, &str),
    action: &str,
    parameters: &[(&str, String)],
) -> String {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        body += &format!("&{name}={}", percent_encoded(value));
    }
    let head = head(endpoint, root, "us-east-1", service);
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = ask(server(endpoint), request.as_bytes());
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200"), "{action}: {answer}");
    answer
}

fn head(endpoint: &str, root: &str, region: &str, service: &str) -> String {
    let host = server(endpoint);
    format!(
        "Host: {host}\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={root}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, \
         Signature=00\r\n"
    )
}

fn server(endpoint: &str) -> &str {
    endpoint.trim_start_matches("http://")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
