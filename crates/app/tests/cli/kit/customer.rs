//! A vendor and a customer on the emulator of IAM: the customer's account has a bucket and a role,
//! the vendor's has a user who may ask for roles.

use serde_json::{Value, json};
use uuid::Uuid;

use super::relay::ask;
use super::{Desk, Relay, told};

/// The customer's account. Its own root may do anything, and nobody checks its signatures.
const CUSTOMER: &str = "222222222222";
/// The vendor's account, and its root.
const VENDOR: &str = "000000000000";
const VENDOR_ROOT: &str = "test";

/// A bucket and a role that one test has to itself.
pub(crate) struct Customer {
    pub(crate) endpoint: String,
    pub(crate) bucket: String,
    pub(crate) external_id: String,
    role: String,
    vendor: Keys,
    /// Between the program and STS.
    pub(crate) sts: Relay,
}

/// An access key.
struct Keys {
    id: String,
    secret: String,
}

/// The actions that Spile works under.
pub(crate) const FIVE: [&str; 5] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:DeleteObject",
];

impl Customer {
    /// Grants the five actions to whoever sends the right External ID.
    pub(crate) fn new() -> Self {
        let endpoint = told("MINISTACK_ENDPOINT");
        let name = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let customer = Self {
            bucket: format!("acme-{name}"),
            external_id: format!("Acme-{name}-x"),
            role: format!("spile-{name}"),
            vendor: vendor(&endpoint, &format!("vendor-{name}")),
            sts: Relay::to(&endpoint),
            endpoint,
        };
        customer.s3("PUT", "");
        let trust = customer.trust(&json!({ "StringEquals": {
            "sts:ExternalId": customer.external_id
        } }));
        let named = ("RoleName", customer.role.clone());
        let document = ("AssumeRolePolicyDocument", trust.to_string());
        iam(
            &customer.endpoint,
            CUSTOMER,
            "CreateRole",
            &[named, document],
        );
        customer.grant(&FIVE);
        customer
    }

    /// Replaces what the role may do in the bucket.
    pub(crate) fn grant(&self, actions: &[&str]) {
        let bucket = format!("arn:aws:s3:::{}", self.bucket);
        let statement = json!({
            "Effect": "Allow",
            "Action": actions,
            "Resource": [bucket, format!("{bucket}/*")],
        });
        self.put_policy("access", &statement);
    }

    /// Adds a statement to what the role may do.
    pub(crate) fn grant_also(&self, statement: &Value) {
        self.put_policy("more", statement);
    }

    fn put_policy(&self, name: &str, statement: &Value) {
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let parameters = [
            ("RoleName", self.role.clone()),
            ("PolicyName", name.to_owned()),
            ("PolicyDocument", policy.to_string()),
        ];
        iam(&self.endpoint, CUSTOMER, "PutRolePolicy", &parameters);
    }

    /// Lets the vendor take on the role whatever External ID is sent.
    pub(crate) fn forget_condition(&self) {
        let parameters = [
            ("RoleName", self.role.clone()),
            ("PolicyDocument", self.trust(&json!({})).to_string()),
        ];
        iam(
            &self.endpoint,
            CUSTOMER,
            "UpdateAssumeRolePolicy",
            &parameters,
        );
    }

    /// Lets nobody take on the role any more.
    pub(crate) fn revoke(&self) {
        let parameters = [
            ("RoleName", self.role.clone()),
            (
                "PolicyDocument",
                json!({ "Version": "2012-10-17", "Statement": [] }).to_string(),
            ),
        ];
        iam(
            &self.endpoint,
            CUSTOMER,
            "UpdateAssumeRolePolicy",
            &parameters,
        );
    }

    /// A role of the vendor's own account, also for whoever has a token of `ci.example`, that may
    /// ask for others; its ARN.
    pub(crate) fn vendor_role(&self) -> String {
        let name = format!("step-{}", self.role);
        let named = || ("RoleName", name.clone());
        let mut trust = self.trust(&json!({}));
        let statement = &mut trust["Statement"][0];
        statement["Action"] = json!(["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]);
        let provider = format!("arn:aws:iam::{VENDOR}:oidc-provider/ci.example");
        statement["Principal"]["Federated"] = json!(provider);
        let trust = ("AssumeRolePolicyDocument", trust.to_string());
        iam(&self.endpoint, VENDOR_ROOT, "CreateRole", &[named(), trust]);
        let policy = ("PolicyDocument", any_role().to_string());
        let parameters = [named(), ("PolicyName", "roles".to_owned()), policy];
        iam(&self.endpoint, VENDOR_ROOT, "PutRolePolicy", &parameters);
        format!("arn:aws:iam::{VENDOR}:role/{name}")
    }

    pub(crate) fn role_arn(&self) -> String {
        format!("arn:aws:iam::{CUSTOMER}:role/{}", self.role)
    }

    /// A desk of the vendor. No secret may be told there.
    pub(crate) fn admit(&self, desk: Desk) -> Desk {
        desk.set("AWS_ACCESS_KEY_ID", &self.vendor.id)
            .set("AWS_SECRET_ACCESS_KEY", &self.vendor.secret)
            .hush(&self.vendor.secret)
            .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &self.sts.url)
            // Nobody is there: a role isn't asked for where this points to.
            .set("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    }

    /// The vendor's access key: its id and its secret.
    pub(crate) fn vendor_keys(&self) -> (&str, &str) {
        (&self.vendor.id, &self.vendor.secret)
    }

    /// The destination on a command line, with the role and its External ID.
    pub(crate) fn to(&self, prefix: &str) -> String {
        let (arn, id) = (self.role_arn(), &self.external_id);
        format!(
            "{} --role-arn {arn} --external-id {id}",
            self.to_bucket(prefix)
        )
    }

    /// The destination on a command line, as whoever is in the environment.
    pub(crate) fn to_bucket(&self, prefix: &str) -> String {
        let Self {
            bucket, endpoint, ..
        } = self;
        format!("--to s3://{bucket}/{prefix} --endpoint {endpoint} --allow-http")
    }

    /// How often the role was asked for.
    pub(crate) fn sessions(&self) -> usize {
        self.issued("SecretAccessKey").len()
    }

    /// What STS has given out in its answers: `SecretAccessKey`, `SessionToken`.
    pub(crate) fn issued(&self, tag: &str) -> Vec<String> {
        let exchanges = self.sts.exchanges();
        let answers = exchanges.iter().map(|exchange| &*exchange.answer);
        answers.filter_map(|answer| between(answer, tag)).collect()
    }

    /// Nothing that was printed tells a secret of any session.
    pub(crate) fn assert_kept(&self, printed: &str) {
        let secrets = ["SecretAccessKey", "SessionToken"];
        for secret in secrets.iter().flat_map(|tag| self.issued(tag)) {
            assert!(
                !printed.contains(&secret),
                "a session's secret is told:\n{printed}"
            );
        }
        let id = &self.external_id;
        assert!(
            !printed.contains(&**id),
            "the External ID is told:\n{printed}"
        );
    }

    /// The keys of all objects, as the customer sees them.
    pub(crate) fn keys(&self) -> Vec<String> {
        let listed = self.s3("GET", "?list-type=2&max-keys=1000");
        let keys = listed.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split_once("</Key>"))
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// How many uploads have neither been completed nor aborted.
    pub(crate) fn unfinished(&self) -> usize {
        self.s3("GET", "?uploads").matches("<UploadId>").count()
    }

    /// An object, as the customer sees it.
    pub(crate) fn object(&self, key: &str) -> Vec<u8> {
        let answer = self.send("GET", &format!("/{key}"));
        let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        answer[head.expect("a head") + 4..].to_vec()
    }

    fn s3(&self, method: &str, rest: &str) -> String {
        String::from_utf8_lossy(&self.send(method, rest)).into_owned()
    }

    fn send(&self, method: &str, rest: &str) -> Vec<u8> {
        let head = head(&self.endpoint, CUSTOMER, "s3");
        let bucket = &self.bucket;
        let request =
            format!("{method} /{bucket}{rest} HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n");
        let answer = ask(server(&self.endpoint), request.as_bytes());
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{method} {rest}");
        answer
    }

    fn trust(&self, condition: &Value) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{VENDOR}:root") },
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }] })
    }
}

/// A policy to ask for any role.
fn any_role() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": "*",
    }] })
}

/// A user who may ask for any role, and nothing else.
fn vendor(endpoint: &str, name: &str) -> Keys {
    let named = || ("UserName", name.to_owned());
    iam(endpoint, VENDOR_ROOT, "CreateUser", &[named()]);
    let parameters = [
        named(),
        ("PolicyName", "roles".to_owned()),
        ("PolicyDocument", any_role().to_string()),
    ];
    iam(endpoint, VENDOR_ROOT, "PutUserPolicy", &parameters);
    let key = iam(endpoint, VENDOR_ROOT, "CreateAccessKey", &[named()]);
    Keys {
        id: between(&key, "AccessKeyId").expect("an id"),
        secret: between(&key, "SecretAccessKey").expect("a secret"),
    }
}

/// Asks IAM as the root of an account.
fn iam(endpoint: &str, root: &str, action: &str, parameters: &[(&str, String)]) -> String {
    let mut body = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        body += &format!("&{name}={}", percent_encoded(value));
    }
    let (head, length) = (head(endpoint, root, "iam"), body.len());
    let request = format!(
        "POST / HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = ask(server(endpoint), request.as_bytes());
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200"), "{action}: {answer}");
    answer
}

fn head(endpoint: &str, root: &str, service: &str) -> String {
    let host = server(endpoint);
    format!(
        "Host: {host}\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={root}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=00\r\n"
    )
}

fn server(endpoint: &str) -> &str {
    endpoint.trim_start_matches("http://")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn between(text: &str, tag: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    let (value, _) = rest.split_once(&format!("</{tag}>"))?;
    Some(value.to_owned())
}
