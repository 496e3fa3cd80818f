//! A vendor and a customer on the emulator of IAM: the customer's account has a bucket and a role,
//! the vendor's has a user who may ask for roles.

use serde_json::{Value, json};
use uuid::Uuid;

use super::kept::is_kept;
use super::root::{between, create_bucket, iam, s3, sts};
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
    partition: &'static str,
    region: &'static str,
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

/// The keys of a session.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
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
        Self::in_region("aws", "us-east-1")
    }

    /// The same with a bucket in a region of one of AWS's partitions. The emulator has roles by
    /// their accounts and names alone, and resources of policies in the first of the partitions.
    pub(crate) fn in_region(partition: &'static str, region: &'static str) -> Self {
        let endpoint = told("MINISTACK_ENDPOINT");
        let name = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let customer = Self {
            bucket: format!("acme-{name}"),
            external_id: format!("Acme-{name}-x"),
            partition,
            region,
            role: format!("spile-{name}"),
            vendor: vendor(&endpoint, &format!("vendor-{name}")),
            sts: Relay::to(&endpoint),
            endpoint,
        };
        create_bucket(&customer.endpoint, CUSTOMER, region, &customer.bucket);
        let trust = customer.trust(&json!({ "StringEquals": {
            "sts:ExternalId": customer.external_id
        } }));
        let document = ("AssumeRolePolicyDocument", trust.to_string());
        customer.ask_of_role("CreateRole", &[document]);
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
        let document = ("PolicyDocument", policy.to_string());
        self.ask_of_role(
            "PutRolePolicy",
            &[("PolicyName", name.to_owned()), document],
        );
    }

    /// Lets the vendor take on the role whatever External ID is sent.
    pub(crate) fn forget_condition(&self) {
        self.replace_trust(&self.trust(&json!({})));
    }

    /// Lets nobody take on the role any more.
    pub(crate) fn revoke(&self) {
        self.replace_trust(&json!({ "Version": "2012-10-17", "Statement": [] }));
    }

    fn replace_trust(&self, policy: &Value) {
        let document = ("PolicyDocument", policy.to_string());
        self.ask_of_role("UpdateAssumeRolePolicy", &[document]);
    }

    fn ask_of_role(&self, action: &str, parameters: &[(&str, String)]) {
        let named = ("RoleName", self.role.clone());
        let parameters = [&[named], parameters].concat();
        iam(&self.endpoint, CUSTOMER, action, &parameters);
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
        let Self {
            partition, role, ..
        } = self;
        format!("arn:{partition}:iam::{CUSTOMER}:role/{role}")
    }

    /// A session of a role, as a single sign-on hands it out.
    pub(crate) fn session(&self, role_arn: &str) -> Session {
        let parameters = [
            ("RoleArn", role_arn.to_owned()),
            ("RoleSessionName", "somebody".to_owned()),
            ("ExternalId", self.external_id.clone()),
        ];
        let answer = sts(&self.endpoint, VENDOR_ROOT, "AssumeRole", &parameters);
        let of = |tag| between(&answer, tag).expect("a session");
        Session {
            id: of("AccessKeyId"),
            secret: of("SecretAccessKey"),
            token: of("SessionToken"),
        }
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

    /// The destination on a command line, on AWS.
    pub(crate) fn to_aws(&self) -> String {
        format!("--to s3://{} --region {}", self.bucket, self.region)
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

    /// The keys of all objects but what is kept of runs, as the customer sees them.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = self.all_keys();
        keys.retain(|key| !is_kept(key));
        keys
    }

    /// The keys of what is kept of runs, which [`Customer::keys`] leaves out.
    pub(crate) fn kept(&self) -> Vec<String> {
        let mut keys = self.all_keys();
        keys.retain(|key| is_kept(key));
        keys
    }

    fn all_keys(&self) -> Vec<String> {
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
        let path = format!("/{}{rest}", self.bucket);
        let asked = (method, &*path, "");
        s3(&self.endpoint, CUSTOMER, self.region, asked)
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
