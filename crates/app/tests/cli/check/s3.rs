//! Checks of a real S3 store.

use insta::assert_snapshot;

use super::lines;
use crate::kit::{Desk, Ran, Store, WRONG_SECRET, told};

/// Checks as `id` with `secret`; what is said, without what differs from test to test. Nothing is
/// left behind, whatever comes of it.
fn check(id: &str, secret: &str, to: impl Fn(&Store) -> String) -> String {
    let store = Store::new();
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", id)
        .set("AWS_SECRET_ACCESS_KEY", secret);
    let line = format!("spile check {} --key '{{stream_name}}.csv'", to(&store));
    let ran = desk.run(&line);
    // The most that can be logged tells no secret either; `Ran` sees to that.
    let traced = desk.run(&format!("{line} --log trace"));
    assert_eq!(traced.code, ran.code);
    assert_eq!(store.fetch(&desk.path("left")), Vec::<String>::new());
    said(&store, &ran)
}

fn said(store: &Store, ran: &Ran) -> String {
    lines(ran)
        .replace(&store.prefix, "PREFIX")
        .replace(&store.endpoint, "ENDPOINT")
        .replace(&store.bucket, "BUCKET")
}

fn admin() -> (String, String) {
    (told("S3_ACCESS_KEY_ID"), told("S3_SECRET_ACCESS_KEY"))
}

#[test]
fn a_key_that_may_do_everything_in_s3() {
    let (id, secret) = admin();
    assert_snapshot!(check(&id, &secret, Store::to), @r"
    exit 0
    passed   configuration       keys are like PREFIX/STREAM.csv
    passed   base credentials    from the environment
    skipped  assume role         no role is configured
    skipped  caller identity     the store isn't AWS, whose STS would know
    passed   bucket              it is in the region us-east-1
    passed   delete              objects can be deleted
    passed   list                objects can be listed
    passed   absent key          a key where nothing stands is told to be absent
    passed   put                 an object can be put
    passed   get                 it reads as it was written
    passed   multipart upload    an object can be uploaded in parts
    passed   conditional put     what stands isn't replaced
    passed   conditional upload  what stands isn't replaced
    passed   abort               an upload can be aborted
    passed   list uploads        unfinished uploads can be listed
    skipped  encryption          none is configured, and the store says of none
    skipped  tags                none are configured
    passed   versioning          off
    passed   lifecycle           no rule aborts uploads that are staged
    passed   clock               as the store's
    passed   clean up            nothing is left behind
    ready: 17 passed, 4 skipped
    ");
}

/// Nothing is written that couldn't be deleted.
#[test]
fn a_key_that_may_only_read_in_s3() {
    let (id, secret) = (
        told("S3_READONLY_ACCESS_KEY_ID"),
        told("S3_READONLY_SECRET_ACCESS_KEY"),
    );
    assert_snapshot!(check(&id, &secret, Store::to), @r#"
    exit 5
    passed   configuration       keys are like PREFIX/STREAM.csv
    passed   base credentials    from the environment
    skipped  assume role         no role is configured
    skipped  caller identity     the store isn't AWS, whose STS would know
    passed   bucket              it is in the region us-east-1
    failed   delete              objects can't be deleted, so none is written that would stay
        it isn't granted: Access Denied.
        missing: s3:DeleteObject on arn:aws:s3:::BUCKET/PREFIX/*
        add to the access policy of the role or user:
        {
          "Sid": "SpileDeleteObject",
          "Effect": "Allow",
          "Action": "s3:DeleteObject",
          "Resource": "arn:aws:s3:::BUCKET/PREFIX/*"
        }
    passed   list                objects can be listed
    passed   absent key          a key where nothing stands is told to be absent
    skipped  put                 not tried, since `delete` has failed
    skipped  get                 not tried, since `delete` has failed
    skipped  multipart upload    not tried, since `delete` has failed
    skipped  conditional put     not tried, since `delete` has failed
    skipped  conditional upload  not tried, since `delete` has failed
    skipped  abort               not tried, since `delete` has failed
    passed   list uploads        unfinished uploads can be listed
    skipped  encryption          not tried, since `delete` has failed
    skipped  tags                not tried, since `delete` has failed
    skipped  versioning          not tried, since `delete` has failed
    skipped  lifecycle           not tried, since `delete` has failed
    passed   clock               as the store's
    passed   clean up            nothing was written
    not ready: 1 failed, 8 passed, 12 skipped
    "#);
}

#[test]
fn a_wrong_secret_in_s3() {
    assert_snapshot!(check(&admin().0, WRONG_SECRET, Store::to), @r"
    exit 6
    passed   configuration       keys are like PREFIX/STREAM.csv
    passed   base credentials    from the environment
    skipped  assume role         no role is configured
    skipped  caller identity     the store isn't AWS, whose STS would know
    failed   bucket              the secret access key isn't that of the access key id
        hint: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or [destination.auth] in the configuration
    skipped  delete              not tried, since `bucket` has failed
    skipped  list                not tried, since `bucket` has failed
    skipped  absent key          not tried, since `bucket` has failed
    skipped  put                 not tried, since `bucket` has failed
    skipped  get                 not tried, since `bucket` has failed
    skipped  multipart upload    not tried, since `bucket` has failed
    skipped  conditional put     not tried, since `bucket` has failed
    skipped  conditional upload  not tried, since `bucket` has failed
    skipped  abort               not tried, since `bucket` has failed
    skipped  list uploads        not tried, since `bucket` has failed
    skipped  encryption          not tried, since `bucket` has failed
    skipped  tags                not tried, since `bucket` has failed
    skipped  versioning          not tried, since `bucket` has failed
    skipped  lifecycle           not tried, since `bucket` has failed
    passed   clock               as the store's
    passed   clean up            nothing was written
    not ready: 1 failed, 4 passed, 16 skipped
    ");
}

#[test]
fn a_bucket_that_is_not_in_s3() {
    let (id, secret) = admin();
    let to = |store: &Store| {
        store
            .to()
            .replace(&format!("s3://{}", store.bucket), "s3://none")
    };
    let said = check(&id, &secret, to);
    assert_snapshot!(said.lines().take(8).collect::<Vec<_>>().join("\n"), @r"
    exit 5
    passed   configuration       keys are like PREFIX/STREAM.csv
    passed   base credentials    from the environment
    skipped  assume role         no role is configured
    skipped  caller identity     the store isn't AWS, whose STS would know
    failed   bucket              there is no such bucket
        hint: create the bucket, or mend its name, --region or --endpoint
    skipped  delete              not tried, since `bucket` has failed
    ");
}

/// Nobody listens on a port that was just given back.
#[test]
fn an_unreachable_endpoint() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", "x")
        .set("AWS_SECRET_ACCESS_KEY", WRONG_SECRET);
    let ran = desk.run(&format!(
        "spile check --to s3://landing --endpoint {endpoint} --allow-http --output-format json"
    ));
    assert_eq!(ran.code, 5, "{ran}");
    let json = ran.json();
    assert_eq!(json["status"], "failed");
    assert_eq!(json["exit_code"], 5);
    let lines = json["lines"].as_array().expect("lines");
    let bucket = lines.iter().find(|line| line["name"] == "bucket");
    let bucket = bucket.expect("a line");
    assert_eq!(bucket["message"], "the store can't be reached");
    assert_eq!(
        bucket["hint"],
        "check --endpoint and the network, and run again"
    );
    let clean_up = lines.last().expect("a line");
    assert_eq!(clean_up["message"], "nothing was written");
}

#[test]
fn plain_http_in_s3() {
    let (id, secret) = admin();
    let to = |store: &Store| store.to().replace("--allow-http", "");
    assert_snapshot!(check(&id, &secret, to), @r"
    exit 3
    failed   configuration       failed to use the endpoint `ENDPOINT`: it has no TLS, which only `allow_http` permits
        hint: add --allow-http if you mean it
    not ready: 1 failed
    ");
}

/// Programs are told what is missing, and what to add.
#[test]
fn for_programs_in_s3() {
    let store = Store::new();
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", &told("S3_READONLY_ACCESS_KEY_ID"))
        .set(
            "AWS_SECRET_ACCESS_KEY",
            &told("S3_READONLY_SECRET_ACCESS_KEY"),
        );
    let ran = desk.run(&format!("spile check {} --output-format json", store.to()));
    let json = ran.json();
    assert_eq!((ran.code, &json["schema_version"]), (5, &1.into()));
    let lines = json["lines"].as_array().expect("lines");
    let failed: Vec<_> = lines
        .iter()
        .filter(|line| line["status"] == "failed")
        .collect();
    let [delete] = failed[..] else {
        panic!("one is missing:\n{ran}");
    };
    let resource = format!("arn:aws:s3:::{}/{}/*", store.bucket, store.prefix);
    assert_eq!(delete["name"], "delete");
    assert_eq!(delete["action"], "s3:DeleteObject");
    assert_eq!(delete["resource"], resource.as_str());
    assert_eq!(delete["statement"]["Resource"], resource.as_str());
    assert!(
        delete["seconds"]
            .as_f64()
            .is_some_and(|seconds| seconds > 0.0)
    );
}

#[test]
fn tags_and_metadata_go_with_objects_in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write(
        "spile.toml",
        "[destination.object]\ntags = { team = 'data' }\n",
    );
    let ran = desk.ok(&format!("spile check --config spile.toml {}", store.to()));
    assert!(
        lines(&ran).contains("passed   tags                objects can be tagged\n"),
        "{ran}"
    );
    assert_eq!(store.fetch(&desk.path("left")), Vec::<String>::new());
}
