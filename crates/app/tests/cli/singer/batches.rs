//! Records in objects that a BATCH names.

use insta::assert_snapshot;
use serde_json::json;

use super::SINGER;
use crate::kit::{Desk, Ran, Store, told};
use crate::schemas::columns;

const SCHEMA: &str = r#"{"type":"SCHEMA","stream":"s","key_properties":["n"],"schema":{"properties":{"n":{"type":"integer"},"t":{"type":"string"}}}}"#;

/// More than is read at once, however it is written.
const RECORDS: u64 = 200_000;

/// A tap that names files, and has a state behind them.
fn tap(desk: &Desk, format: &str, urls: &[&str]) {
    let batch = json!({
        "type": "BATCH",
        "stream": "s",
        "encoding": { "format": format, "compression": "gzip" },
        "manifest": urls,
    });
    let state = r#"{"type":"STATE","value":1}"#;
    desk.write("tap", format!("{SCHEMA}\n{batch}\n{state}\n"));
}

/// A desk that loads into a store.
fn settled(store: &Store) -> Desk {
    let desk = store.admit(Desk::new()).set("SPILE_LOG", "error");
    let Store {
        endpoint,
        bucket,
        prefix,
    } = store;
    desk.write(
        "spile.toml",
        format!(
            "[destination]\nurl = 's3://{bucket}/{prefix}'\nendpoint = '{endpoint}'\n\
             allow_http = true\nkey = 'out/{{connection_run_id}}.jsonl'\n"
        ),
    );
    desk
}

/// What was told, without what differs from test to test.
fn plain(ran: &Ran, store: &Store) -> String {
    let told = ran.to_string().replace(&store.prefix, "PREFIX");
    told.replace(&store.bucket, "BUCKET")
}

#[test]
fn they_are_read_as_the_destination_is() {
    let store = Store::new();
    let desk = settled(&store);
    let record = |n: u64| format!("{{\"n\":{n},\"t\":\"{}\"}}\n", n * n % 1_000_003);
    let records: String = (0..RECORDS).map(record).collect();
    desk.write("in.jsonl", &records);
    let check = |format: &str, name: &str| {
        let to = store.to();
        desk.ok(&format!("spile load in.jsonl {to} --key in/{name} --quiet"));
        let url = format!("s3://{}/{}/in/{name}", store.bucket, store.prefix);
        tap(&desk, format, &[&url]);
        let ran = desk.ok(&format!("SPILE_CONNECTION_RUN_ID={name} {SINGER}"));
        assert_eq!(ran.stdout, "1\n", "{ran}");
        let loaded = store.objects().remove(&format!("out/{name}.jsonl"));
        assert!(loaded.expect("an object") == records.as_bytes(), "{name}");
    };
    check("jsonl", "1.jsonl");
    check("jsonl", "1.jsonl.gz");
    check("parquet", "1.parquet");
}

/// The state behind them isn't told.
#[test]
fn those_that_cannot_be_read() {
    let store = Store::new();
    let desk = settled(&store);
    desk.write("in.jsonl", "{\"n\":1}\n");
    let to = store.to();
    desk.ok(&format!(
        "spile load in.jsonl {to} --key in/1.jsonl --quiet"
    ));
    let there = format!("s3://{}/{}/in/1.jsonl", store.bucket, store.prefix);
    let run = |format: &str, url: &str| {
        tap(&desk, format, &[&there, url]);
        plain(&desk.run(SINGER), &store)
    };
    let missing = format!("s3://{}/{}/in/2.jsonl", store.bucket, store.prefix);
    assert_snapshot!(run("jsonl", &missing), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME, of 1 read
    error: failed to read s3://BUCKET/PREFIX/in/2.jsonl
      caused by: there is no object PREFIX/in/2.jsonl in s3://BUCKET
      hint: what a source names has to stand there, unchanged, until it is loaded: run the source again from its last state
    ");
    assert_snapshot!(run("jsonl", "s3://no-such-bucket-of-ours/1.jsonl"), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME, of 1 read
    error: failed to read s3://no-such-bucket-of-ours/1.jsonl
      caused by: look for 1.jsonl in s3://no-such-bucket-of-ours: there is no such bucket
      caused by: the store answered 404 NoSuchBucket
      hint: the store that is asked is that of the destination: mend destination.endpoint, or where the source writes to
    ");
    assert_snapshot!(run("jsonl", "s3://acme"), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME, of 1 read
    error: failed to read s3://acme
      caused by: it is the name of no object
      hint: have the source name s3://BUCKET/KEY
    ");
    assert_snapshot!(run("parquet", &there), @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME
    error: failed to read s3://BUCKET/PREFIX/in/1.jsonl as parquet: it doesn't end as a Parquet file does: the file is truncated, or none
    ");
}

#[test]
fn those_that_are_not_granted() {
    let (store, other) = (Store::new(), told("S3_OTHER_BUCKET"));
    let desk = settled(&store)
        .set("AWS_ACCESS_KEY_ID", &told("S3_VENDOR_ACCESS_KEY_ID"))
        .set(
            "AWS_SECRET_ACCESS_KEY",
            &told("S3_VENDOR_SECRET_ACCESS_KEY"),
        )
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &store.endpoint)
        .set("SPILE_DESTINATION__AUTH__ROLE_ARN", &told("S3_ROLE_ARN"))
        .set("SPILE_DESTINATION__AUTH__EXTERNAL_ID", "acme-1");
    tap(&desk, "jsonl", &[&format!("s3://{other}/1.jsonl")]);
    let ran = plain(&desk.run(SINGER), &store).replace(&other, "OTHER");
    assert_snapshot!(ran, @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME
    error: failed to read s3://OTHER/1.jsonl
      caused by: look for 1.jsonl in s3://OTHER: it isn't granted (403)
      caused by: the store answered 403
      hint: grant s3:GetObject on the objects that the source names: they are read by whoever writes to the destination
    ");
}

#[test]
fn those_that_no_store_is_told_of() {
    let desk = Desk::new();
    desk.write(
        "spile.toml",
        "destination = { url = 'out', key = '{stream_name}.jsonl' }\n",
    );
    tap(&desk, "jsonl", &["s3://acme/1.jsonl"]);
    assert_snapshot!(desk.run(SINGER), @r"
    exit 3
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME
    error: failed to read s3://acme/1.jsonl
      caused by: the destination is a folder, so that nothing says how a store is reached, and as whom
      hint: load to s3://BUCKET/PREFIX, or have the source write such files to this machine (file://)
    ");
    assert_snapshot!(desk.run("spile plan tap -c spile.toml"), @r"
    exit 3
    error: failed to read s3://acme/1.jsonl
      caused by: a plan asks no store
      hint: plan what files of this machine (file://) have, or load it
    ");
}

/// Records of files have the columns that those of messages have.
#[test]
fn they_have_the_columns_of_targets_too() {
    let desk = Desk::new();
    desk.write("in.jsonl", "{\"n\":1,\"t\":\"a\"}\n");
    desk.ok("spile load in.jsonl --to . --key in.parquet --quiet");
    desk.write(
        "spile.toml",
        "singer = { record_metadata = true }\n\
         destination = { url = 'out', key = '{connection_run_id}.parquet' }\n",
    );
    let record = r#"{"type":"RECORD","stream":"s","record":{"n":2,"t":"b"}}"#;
    for (format, name) in [("jsonl", "in.jsonl"), ("parquet", "in.parquet")] {
        tap(&desk, format, &[name]);
        let messages = desk.read("tap");
        desk.write("tap", format!("{messages}{record}\n"));
        desk.ok(&format!("SPILE_CONNECTION_RUN_ID={format} {SINGER}"));
    }
    let columns = columns(&desk, "out");
    let names = columns.lines().filter(|line| !line.starts_with(' '));
    assert_snapshot!(names.collect::<Vec<_>>().join("\n"), @r"
    jsonl.parquet: n BIGINT, t VARCHAR, _sdc_extracted_at TIMESTAMP WITH TIME ZONE, _sdc_received_at TIMESTAMP WITH TIME ZONE, _sdc_batched_at TIMESTAMP WITH TIME ZONE, _sdc_deleted_at TIMESTAMP WITH TIME ZONE, _sdc_sequence BIGINT, _sdc_table_version BIGINT
    parquet.parquet: n BIGINT, t VARCHAR, _sdc_extracted_at TIMESTAMP WITH TIME ZONE, _sdc_received_at TIMESTAMP WITH TIME ZONE, _sdc_batched_at TIMESTAMP WITH TIME ZONE, _sdc_deleted_at TIMESTAMP WITH TIME ZONE, _sdc_sequence BIGINT, _sdc_table_version BIGINT
    ");
    let seen = columns.lines().filter(|line| line.contains("None")).count();
    assert_eq!(seen, 4, "{columns}");
}
