//! A session that is narrowed to the destination's prefix.

use bytes::Bytes;
use spile_core::{Attributes, Bucket, BucketErrorKind, Condition, ObjectKey};
use spile_store_s3::credentials::AccessKey;
use spile_store_s3::{S3Bucket, S3Config, S3Credentials};

use crate::kit::{Customer, Desk};

/// What came of a put with the keys of the program's own session.
async fn put(customer: &Customer, key: &str) -> Result<(), BucketErrorKind> {
    let issued = |tag| customer.issued(tag).pop().expect("a session");
    let mut config = S3Config::new(&*customer.bucket);
    config.endpoint = Some(customer.endpoint.clone());
    config.allow_http = true;
    config.credentials = S3Credentials::AccessKey(AccessKey {
        access_key_id: issued("AccessKeyId"),
        secret_access_key: issued("SecretAccessKey").into(),
        session_token: Some(issued("SessionToken").into()),
    });
    let bucket = S3Bucket::connect(config).await.expect("connected");
    let key = ObjectKey::new(key).expect("a key");
    let (body, attributes) = (Bytes::from_static(b"1\n"), Attributes::default());
    let put = bucket.put(&key, body, &attributes, Condition::Replace);
    put.await.map(drop).map_err(|error| error.kind)
}

fn load(policy: &str) -> Customer {
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    desk.write("a.csv", "id\n1\n");
    desk.write(
        "spile.toml",
        format!("[destination.auth]\nsession_policy = \"{policy}\"\n"),
    );
    let to = customer.to("raw/sales");
    let ran = desk.ok(&format!(
        "spile load a.csv {to} --key a.csv --config spile.toml --log trace"
    ));
    customer.assert_kept(&ran.to_string());
    assert_eq!(customer.keys(), ["raw/sales/a.csv"]);
    customer
}

#[tokio::test]
async fn reaches_nothing_outside_of_it() {
    let customer = load("prefix");
    assert_eq!(put(&customer, "raw/sales/b.csv").await, Ok(()));
    for key in ["b.csv", "raw/b.csv", "raw/sales2/b.csv"] {
        let denied = Err(BucketErrorKind::Denied);
        assert_eq!(put(&customer, key).await, denied, "{key}");
    }
}

/// The other test would prove nothing if no session reached that far.
#[tokio::test]
async fn is_what_holds_it_back() {
    let customer = load("none");
    assert_eq!(put(&customer, "b.csv").await, Ok(()));
}

/// The state of a connection elsewhere is reached in the same session, unless that is narrowed; the
/// command that gives a secret runs as often.
#[test]
fn the_state_costs_a_session_only_where_it_must() {
    let check = |policy: &str, sessions: usize| {
        let customer = Customer::new();
        let state = format!("s3://{}/state", customer.bucket);
        let desk = customer.admit(Desk::new());
        let desk = desk.set("SPILE_DESTINATION__STATE_URL", &state);
        let desk = desk.set("SPILE_DESTINATION__AUTH__SESSION_POLICY", policy);
        let id = &customer.external_id;
        let command = format!("{{ command = ['sh', '-c', 'echo run >> runs; echo {id}'] }}");
        desk.write("a.csv", "id\n1\n").write(
            "own.toml",
            format!("[destination.auth]\nexternal_id = {command}\n"),
        );
        let (arn, to) = (customer.role_arn(), customer.to_bucket("raw"));
        let key = "--key a.csv --connection-id acme --config own.toml";
        desk.ok(&format!("spile load a.csv {to} --role-arn {arn} {key}"));
        let keys = customer.keys();
        let (state, objects): (Vec<_>, Vec<_>) =
            keys.iter().partition(|key| key.starts_with("state/"));
        assert_eq!(objects, ["raw/a.csv"], "{keys:?}");
        let columns = state
            .iter()
            .any(|key| key.ends_with("/schemas/acme/a.json"));
        assert!(columns, "{keys:?}");
        assert_eq!(customer.sessions(), sessions, "{policy}");
        assert_eq!(desk.read("runs").lines().count(), sessions, "{policy}");
    };
    check("none", 1);
    check("prefix", 2);
}

/// What a source names elsewhere is read in a session of its own then.
#[test]
fn objects_that_a_source_names_are_reached() {
    let check = |policy: &str, sessions: usize| {
        let customer = Customer::new();
        let desk = customer.admit(Desk::new());
        let desk = desk.set("SPILE_DESTINATION__AUTH__SESSION_POLICY", policy);
        desk.write("a.jsonl", "{\"id\":1}\n");
        let load = |input: &str, prefix: &str| {
            let to = customer.to(prefix);
            desk.ok(&format!("spile load {input} {to} --key a.jsonl --quiet"));
        };
        load("a.jsonl", "tap/batches");
        let url = format!("s3://{}/tap/batches/a.jsonl", customer.bucket);
        desk.write(
            "tap",
            format!(
                "{{\"type\":\"SCHEMA\",\"stream\":\"a\",\"key_properties\":[],\"schema\":{{}}}}\n\
                 {{\"type\":\"BATCH\",\"stream\":\"a\",\"encoding\":{{\"format\":\"jsonl\"}},\
                 \"manifest\":[\"{url}\",\"{url}\"]}}\n"
            ),
        );
        let before = customer.sessions();
        load("tap", "raw");
        assert_eq!(customer.object("raw/a.jsonl"), b"{\"id\":1}\n{\"id\":1}\n");
        assert_eq!(customer.sessions() - before, sessions, "{policy}");
    };
    check("none", 1);
    check("prefix", 2);
}
