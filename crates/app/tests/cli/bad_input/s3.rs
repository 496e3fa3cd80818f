//! S3 stores that take nothing.

use insta::assert_snapshot;

use crate::kit::{Desk, Store, WRONG_SECRET, told};

/// Loads one record as `id` with `secret`; what is said, without what differs from test to test.
fn refused(id: &str, secret: &str, to: impl Fn(&Store) -> String) -> String {
    let store = Store::new();
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", id)
        .set("AWS_SECRET_ACCESS_KEY", secret);
    desk.write("a.csv", "id\n1\n");
    let line = format!(
        "spile load a.csv {} --key '{{stream_name}}.csv'",
        to(&store)
    );
    let ran = desk.run(&line);
    // The most that can be logged tells no secret either; `Ran` sees to that.
    let traced = desk.run(&format!("{line} --log trace"));
    assert_eq!(traced.code, ran.code);
    // Where no request is made, nothing is there to be traced.
    assert!(ran.code == 3 || traced.stderr.contains("TRACE"), "{traced}");
    ran.to_string()
        .replace(&store.prefix, "PREFIX")
        .replace(&store.endpoint, "ENDPOINT")
        .replace(&store.bucket, "BUCKET")
}

fn admin() -> (String, String) {
    (told("S3_ACCESS_KEY_ID"), told("S3_SECRET_ACCESS_KEY"))
}

#[test]
fn a_bucket_that_is_not_in_s3() {
    let (id, secret) = admin();
    let to = |store: &Store| {
        store
            .to()
            .replace(&format!("s3://{}", store.bucket), "s3://none")
    };
    assert_snapshot!(refused(&id, &secret, to), @r"
    exit 5
    error: failed to begin the record of the run in s3://none: there is no such bucket
      caused by: the store answered 404 NoSuchBucket
      hint: create the bucket, or mend its name, --region or --endpoint
    ");
}

#[test]
fn a_wrong_secret_in_s3() {
    assert_snapshot!(refused(&admin().0, WRONG_SECRET, Store::to), @r"
    exit 6
    error: failed to begin the record of the run in s3://BUCKET: the secret access key isn't that of the access key id
      caused by: the store answered 403 SignatureDoesNotMatch
      hint: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or [destination.auth] in the configuration
    ");
}

#[test]
fn an_unknown_key_in_s3() {
    assert_snapshot!(refused("nobody", WRONG_SECRET, Store::to), @r"
    exit 6
    error: failed to begin the record of the run in s3://BUCKET: the store doesn't know the access key id
      caused by: the store answered 403 InvalidAccessKeyId
      hint: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or [destination.auth] in the configuration
    ");
}

#[test]
fn a_key_that_may_only_read_in_s3() {
    let (id, secret) = (
        told("S3_READONLY_ACCESS_KEY_ID"),
        told("S3_READONLY_SECRET_ACCESS_KEY"),
    );
    assert_snapshot!(refused(&id, &secret, Store::to), @r"
    exit 5
    error: failed to begin the record of the run (put PREFIX/_spile/runs/UUID/lease/000001.json) in s3://BUCKET: it isn't granted: Access Denied.
      caused by: the store answered 403 AccessDenied
      hint: grant s3:GetObject, s3:PutObject, s3:ListBucket, s3:GetBucketLocation and s3:DeleteObject on the bucket and its objects
    ");
}

#[test]
fn plain_http_in_s3() {
    let (id, secret) = admin();
    let to = |store: &Store| store.to().replace("--allow-http", "");
    assert_snapshot!(refused(&id, &secret, to), @r"
    exit 3
    error: failed to use the endpoint `ENDPOINT`: it has no TLS, which only `allow_http` permits
      hint: add --allow-http if you mean it
    ");
}

#[test]
fn half_an_access_key() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let line = "spile load a.csv --to s3://landing --access-key-id x --format cvs";
    assert_snapshot!(desk.run(line), @r"
    exit 3
    error: destination.auth.secret_access_key: it is missing
      hint: an access key has an id and a secret: give both
    error: --format: `cvs` is none of csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst, parquet
      hint: did you mean `csv`?
    ");
    let line = format!("spile load a.csv --to s3://landing --secret-access-key {WRONG_SECRET}");
    assert_snapshot!(desk.run(&line), @r"
    exit 3
    error: destination.auth.access_key_id: it is missing
      hint: an access key has an id and a secret: give both
    ");
}

/// The command that gives a secret may ask somebody for a password.
#[test]
fn a_command_for_a_secret_runs_once_and_never_for_a_plan_in_s3() {
    let store = Store::new();
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n").write(
        "spile.toml",
        format!(
            "[destination.auth]\naccess_key_id = '{}'\nsecret_access_key = {{ command = \
             ['sh', '-c', 'echo asked >> asked; cat secret'] }}\n",
            told("S3_ACCESS_KEY_ID")
        ),
    );
    desk.write("secret", told("S3_SECRET_ACCESS_KEY"));
    let flags = format!("a.csv --config spile.toml {} --key a.csv", store.to());
    desk.ok(&format!("spile plan {flags}"));
    assert!(!desk.path("asked").exists());
    desk.ok(&format!("spile load {flags}"));
    assert_eq!(desk.read("asked"), "asked\n");
}

/// Nobody listens on a port that was just given back.
#[test]
fn an_unreachable_endpoint() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", "x")
        .set("AWS_SECRET_ACCESS_KEY", WRONG_SECRET);
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run(&format!(
        "spile load a.csv --to s3://landing/a.csv --endpoint http://127.0.0.1:{port} \
         --allow-http --region us-east-1 --output-format json --log error --retry-time 1s"
    ));
    assert_eq!(ran.code, 75, "{ran}");
    let report = ran.json();
    assert_eq!(report["error"]["exit_code"], 75);
    assert!(
        report["retries"]
            .as_u64()
            .is_some_and(|retries| retries > 0)
    );
    let tries = report["retries"].as_u64().unwrap_or_default() + 1;
    let lines: Vec<_> = ran.stderr.lines().collect();
    let error = format!(
        "error: failed to begin the record of the run in s3://landing: the store can't be reached (the last of \
         {tries} tries in TIME)"
    );
    assert_eq!(
        [lines.first(), lines.last()].map(|line| *line.expect("a line")),
        [
            &*error,
            "  hint: check --endpoint and the network, and run again"
        ]
    );
}
