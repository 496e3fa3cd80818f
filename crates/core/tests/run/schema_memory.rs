//! What runs of a connection remember of their streams' columns.

use std::sync::Arc;

use bytes::Bytes;
use insta::assert_snapshot;
use spile_core::testing::{Fault, MemoryBucket, Operation};
use spile_core::{
    Attributes, Bucket, BucketErrorKind, Condition, ObjectKey, Outcome, Retry, SchemaMemory,
    SchemaMemoryError, StreamDeclaration, StreamName, StreamPlan, declared_schema, parse_columns,
};

use crate::kit::{Kit, batch, bucket, objects};

const KEY: &str = "raw/_spile/schemas/nightly/s.json";

async fn recall(
    bucket: &Arc<MemoryBucket>,
    stream: StreamName,
) -> Result<(SchemaMemory, StreamPlan), SchemaMemoryError> {
    let declaration = StreamDeclaration::named(stream);
    let mut plan = Kit::default().plan()(&declaration).expect("a plan");
    let bucket = Arc::clone(bucket) as _;
    let mut memory = SchemaMemory::new(bucket, "raw/_spile", "nightly", Retry::default());
    memory.recall(&declaration.name, &mut plan).await?;
    Ok((memory, plan))
}

/// A run of the connection: what it remembers is in the bucket afterwards.
async fn run(bucket: &Arc<MemoryBucket>, columns: &str, lines: &[&str]) -> Outcome {
    let (memory, plan) = recall(bucket, StreamName::new("s"))
        .await
        .expect("recalled");
    let declared = parse_columns(columns).ok().map(declared_schema);
    let kit = Kit {
        declared,
        remembered: plan.remembered,
        ..Kit::default()
    };
    let outcome = kit.run(bucket, vec![batch("s", lines)]).await;
    memory
        .remember(&outcome.receipts.iter().collect::<Vec<_>>())
        .await
        .expect("remembered");
    outcome
}

async fn leave(bucket: &Arc<MemoryBucket>, text: &str) {
    let key = ObjectKey::new(KEY).expect("a key");
    let body = Bytes::copy_from_slice(text.as_bytes());
    let attributes = Attributes::default();
    let put = bucket.put(&key, body, &attributes, Condition::Replace);
    put.await.expect("put");
}

/// How often the document was written.
fn puts(bucket: &MemoryBucket) -> usize {
    let calls = bucket.calls();
    let put = (Operation::Put, KEY);
    calls
        .iter()
        .filter(|call| (call.operation, &*call.on) == put)
        .count()
}

#[tokio::test]
async fn what_a_run_has_published_is_remembered() {
    let bucket = bucket();
    run(&bucket, "a int64", &[r#"{"a":1,"b":2}"#]).await;
    assert_snapshot!(objects(&bucket)[KEY], @r#"
    {
      "schema_version": 1,
      "connection_id": "nightly",
      "stream": "s",
      "format": "lines",
      "columns": [
        {
          "name": "a",
          "type": "int64"
        },
        {
          "name": "b",
          "type": "null"
        }
      ]
    }
    "#);
    run(&bucket, "a int64", &[r#"{"b":1,"a":1}"#]).await;
    assert_eq!(puts(&bucket), 1, "nothing new was found");
    run(&bucket, "a int64", &[r#"{"c":1,"a":1}"#]).await;
    assert_eq!(puts(&bucket), 2);
    let objects = objects(&bucket);
    let headers = objects
        .values()
        .filter_map(|text| text.strip_prefix('#')?.lines().next());
    assert_eq!(headers.collect::<Vec<_>>(), ["a,b", "a,b,c", "a,b"]);
}

#[tokio::test]
async fn what_a_run_has_not_published_is_not_remembered() {
    let bucket = bucket();
    run(&bucket, "", &[]).await;
    let fault = Fault::nth(Operation::Put, 1, BucketErrorKind::Denied);
    bucket.inject(fault);
    run(&bucket, "", &[r#"{"a":1}"#]).await;
    assert_eq!(objects(&bucket).len(), 0);
}

#[tokio::test]
async fn names_stay_in_their_segments() {
    let bucket = bucket();
    let stream = StreamName {
        namespace: Some("..".into()),
        name: "a/b".into(),
    };
    recall(&bucket, stream).await.expect("recalled");
    let keys: Vec<_> = bucket.calls().into_iter().map(|call| call.on).collect();
    assert_eq!(keys, ["raw/_spile/schemas/nightly/%2E%2E/a%2Fb.json"]);
}

#[tokio::test]
async fn what_another_kind_of_format_has_left_is_passed_over_and_replaced() {
    let bucket = bucket();
    let other = r#"{"schema_version":1,"connection_id":"nightly","stream":"s","format":"csv",
        "columns":[{"name":"z","type":"text"}]}"#;
    leave(&bucket, other).await;
    let (_, plan) = recall(&bucket, StreamName::new("s"))
        .await
        .expect("recalled");
    assert_eq!(plan.remembered, None);
    run(&bucket, "", &[r#"{"a":1}"#]).await;
    assert!(objects(&bucket)[KEY].contains("\"lines\""));
}

#[tokio::test]
async fn what_can_not_be_understood_is_an_error() {
    let check = async |text: &str, expect: &str| {
        let bucket = bucket();
        leave(&bucket, text).await;
        let error = recall(&bucket, StreamName::new("s"))
            .await
            .expect_err("refused");
        let place = format!("understand the columns that are remembered at {KEY} in memory: ");
        assert_eq!(error.to_string(), place + expect);
    };
    check("", "EOF while parsing a value at line 1 column 0").await;
    check(
        r#"{"schema_version":2}"#,
        "its schema_version is 2, and only 1 is known",
    )
    .await;
    let columns = |columns: &str| {
        format!(
            r#"{{"schema_version":1,"connection_id":"nightly","stream":"s","format":"lines","columns":[{columns}]}}"#
        )
    };
    let unknown = r#"{"name":"a","type":"int65"}"#;
    check(
        &columns(unknown),
        "of column `a`, can't find a column type called `int65`",
    )
    .await;
    let a = r#"{"name":"a","type":"text"}"#;
    check(&columns(&format!("{a},{a}")), "two columns are called `a`").await;
}

#[tokio::test(start_paused = true)]
async fn a_bucket_in_trouble_is_asked_again() {
    let bucket = bucket();
    bucket.inject(Fault::nth(Operation::Get, 1, BucketErrorKind::Throttled));
    recall(&bucket, StreamName::new("s"))
        .await
        .expect("recalled");
    bucket.inject(Fault::nth(Operation::Get, 1, BucketErrorKind::Denied));
    let error = recall(&bucket, StreamName::new("s"))
        .await
        .expect_err("refused");
    assert!(matches!(error, SchemaMemoryError::Bucket(_)), "{error}");
}
