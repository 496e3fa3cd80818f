//! The S3 server that the tests run against.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use object_store::aws::{AmazonS3Builder, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpConnector, HttpRequest, HttpRequestBody, ReqwestConnector};
use object_store::{Attribute, AttributeValue, ClientOptions, GetOptions, ObjectStore};
use spile_core::Bucket;
use spile_store_s3::{S3Bucket, S3Config, S3Credentials};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::Desk;
use super::kept::is_kept;

/// A part of the bucket that one test has to itself.
pub(crate) struct Store {
    pub(crate) endpoint: String,
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

/// A secret that opens nothing.
pub(crate) const WRONG_SECRET: &str = "hush-this-opens-nothing";

/// What no program may print.
pub(crate) fn secrets() -> Vec<String> {
    let names = [
        "SECRET_ACCESS_KEY",
        "READONLY_SECRET_ACCESS_KEY",
        "VENDOR_SECRET_ACCESS_KEY",
    ];
    let known = names.map(|name| env::var(format!("SPILE_TEST_S3_{name}")));
    let mut secrets: Vec<_> = known.into_iter().flatten().collect();
    secrets.push(WRONG_SECRET.to_owned());
    secrets
}

/// What the tests are told; those that need it fail without.
pub(crate) fn told(name: &str) -> String {
    let name = format!("SPILE_TEST_{name}");
    env::var(&name).unwrap_or_else(|_| panic!("{name} isn't set: run `cargo xtask test`"))
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            endpoint: told("S3_ENDPOINT"),
            bucket: told("S3_BUCKET"),
            prefix: format!("cli-{}", Uuid::new_v4().simple()),
        }
    }

    /// The destination on a command line, and how it is reached.
    pub(crate) fn to(&self) -> String {
        let Self {
            endpoint,
            bucket,
            prefix,
        } = self;
        format!("--to s3://{bucket}/{prefix} --endpoint {endpoint} --allow-http")
    }

    /// A desk that may do everything.
    pub(crate) fn admit(&self, desk: Desk) -> Desk {
        desk.set("AWS_ACCESS_KEY_ID", &told("S3_ACCESS_KEY_ID"))
            .set("AWS_SECRET_ACCESS_KEY", &told("S3_SECRET_ACCESS_KEY"))
    }

    /// Fetches all objects but what is kept of runs into a folder, by their keys without the prefix.
    pub(crate) fn fetch(&self, folder: &Path) -> Vec<String> {
        let objects = self.objects();
        for (name, body) in &objects {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, body).expect("saved");
        }
        objects.into_keys().collect()
    }

    /// All objects but what is kept of runs, by their keys without the prefix.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.find(|name| !is_kept(name))
    }

    /// The keys of what is kept of runs, without the prefix, which [`Store::objects`] leaves out.
    pub(crate) fn kept(&self) -> Vec<String> {
        self.find(is_kept).into_keys().collect()
    }

    /// What an object carries: its headers by their names, and its metadata.
    pub(crate) fn attributes(&self, name: &str) -> BTreeMap<String, String> {
        let store = AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_allow_http(true)
            .with_bucket_name(&self.bucket)
            .with_region("us-east-1")
            .with_access_key_id(told("S3_ACCESS_KEY_ID"))
            .with_secret_access_key(told("S3_SECRET_ACCESS_KEY"));
        let store = store.build().expect("a store");
        let head = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        let path = format!("{}/{name}", self.prefix).into();
        let found = store.get_opts(&path, head);
        let runtime = Runtime::new().expect("a runtime");
        let found = runtime.block_on(found).expect("it is there");
        let named = |(attribute, value): (&Attribute, &AttributeValue)| {
            let name = match attribute {
                Attribute::ContentType => "Content-Type".to_owned(),
                Attribute::Metadata(name) => name.to_string(),
                other => format!("{other:?}"),
            };
            (name, value.to_string())
        };
        found.attributes.iter().map(named).collect()
    }

    /// The same objects, reached by another URL.
    pub(crate) fn through(&self, url: &str) -> Self {
        Self {
            endpoint: url.to_owned(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
        }
    }

    fn find(&self, is_meant: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let bucket = S3Bucket::connect(self.config()).await.expect("connected");
            let mut objects = BTreeMap::new();
            let prefix = format!("{}/", self.prefix);
            for object in bucket.list(&prefix).await.expect("listed") {
                let name = &object.key.as_str()[prefix.len()..];
                if is_meant(name) {
                    let body = bucket.get(&object.key).await.expect("got");
                    objects.insert(name.to_owned(), body.to_vec());
                }
            }
            objects
        })
    }

    /// The objects that hold records.
    pub(crate) fn loaded(&self) -> BTreeMap<String, Vec<u8>> {
        let mut objects = self.objects();
        objects.retain(|name, _| !name.starts_with("_spile"));
        objects
    }

    /// The objects of bad records that were set aside.
    pub(crate) fn quarantined(&self) -> BTreeMap<String, Vec<u8>> {
        self.find(|name| name.starts_with("_spile/quarantine/"))
    }

    /// How many uploads have neither been completed nor aborted.
    pub(crate) fn unfinished(&self) -> usize {
        self.uploads().len()
    }

    /// The uploads that have neither been completed nor aborted, by their keys and ids.
    pub(crate) fn uploads(&self) -> Vec<(String, String)> {
        let Self {
            endpoint,
            bucket,
            prefix,
        } = self;
        let url = format!("{endpoint}/{bucket}?prefix={prefix}%2F&uploads=");
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.uri_mut() = url.parse().expect("a URL");
        let credential = AwsCredential {
            key_id: told("S3_ACCESS_KEY_ID"),
            secret_key: told("S3_SECRET_ACCESS_KEY"),
            token: None,
        };
        let signed = AwsAuthorizer::new(&credential, "s3", "us-east-1");
        signed.try_authorize(&mut request, None).expect("signed");
        let options = ClientOptions::new().with_allow_http(true);
        let client = ReqwestConnector::default().connect(&options);
        let runtime = Runtime::new().expect("a runtime");
        let body = runtime.block_on(async {
            let answer = client.expect("a client").execute(request).await;
            answer.expect("answered").into_body().bytes().await
        });
        let text = String::from_utf8_lossy(&body.expect("answered")).into_owned();
        assert!(text.contains("ListMultipartUploadsResult"), "{text}");
        let uploads = text.split("<Upload>").skip(1);
        let uploads = uploads.map(|it| (element(it, "Key"), element(it, "UploadId")));
        uploads.collect()
    }

    pub(crate) fn config(&self) -> S3Config {
        let mut config = S3Config::new(&*self.bucket);
        config.endpoint = Some(self.endpoint.clone());
        config.allow_http = true;
        config.credentials =
            S3Credentials::access_key(told("S3_ACCESS_KEY_ID"), told("S3_SECRET_ACCESS_KEY"));
        config
    }
}

/// The text of an element.
fn element(xml: &str, name: &str) -> String {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = xml.split_once(&begin).expect("it begins");
    let (text, _) = rest.split_once(&end).expect("it ends");
    text.to_owned()
}
