//! Which columns the objects of a run have, where some are known before its first record.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use spile_core::{Ending, Outcome, RollPolicy, SchemaChange, declared_schema, parse_columns};

use crate::kit::{Kit, batch, bucket, objects};

fn remembered(names: &[&str]) -> Option<SchemaRef> {
    let field = |name: &&str| Field::new(*name, DataType::Null, true);
    Some(SchemaRef::new(Schema::new(
        names.iter().map(field).collect::<Vec<_>>(),
    )))
}

fn declared(columns: &str) -> Option<SchemaRef> {
    Some(declared_schema(parse_columns(columns).expect("columns")))
}

fn failure(outcome: &Outcome) -> String {
    match &outcome.ending {
        Ending::Failed(error) => format!("failed to {error}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn declared_columns_come_first_then_remembered_ones() {
    let check = async |declared, remembered, expect: &str| {
        let bucket = bucket();
        let kit = Kit {
            declared,
            remembered,
            ..Kit::default()
        };
        let lines = [r#"{"c":1,"a":1,"b":1}"#];
        let outcome = kit.run(&bucket, vec![batch("s", &lines)]).await;
        let object = &objects(&bucket)["s.lines"];
        assert_eq!(object.lines().next(), Some(expect));
        let schema = Arc::clone(&outcome.receipts[0].schema);
        let names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, expect[1..].split(',').collect::<Vec<_>>());
    };
    check(None, None, "#a,b,c").await;
    check(None, remembered(&["b"]), "#b,a,c").await;
    check(declared("c int64"), None, "#c,a,b").await;
    check(declared("c int64"), remembered(&["b", "c"]), "#c,b,a").await;
    check(None, remembered(&["z"]), "#z,a,b,c").await;
}

#[tokio::test]
async fn columns_that_must_not_change_hold_between_runs() {
    let lines = [r#"{"a":1}"#, r#"{"a":1,"b":2}"#];
    let run = async |remembered| {
        let bucket = bucket();
        let kit = Kit {
            schema_change: SchemaChange::Fail,
            remembered,
            ..Kit::default()
        };
        failure(&kit.run(&bucket, vec![batch("s", &lines)]).await)
    };
    assert_eq!(run(None).await, "Done");
    assert_eq!(run(remembered(&["b", "a"])).await, "Done");
    assert_eq!(
        run(remembered(&["a"])).await,
        "failed to keep the columns of stream s as they are: no column b yet, found a value"
    );
}

#[tokio::test]
async fn a_record_that_no_declared_column_takes_ends_the_run_at_its_place() {
    let bucket = bucket();
    let roll = RollPolicy {
        rows_max: Some(1),
        ..RollPolicy::default()
    };
    let kit = Kit {
        roll,
        declared: declared("a int64"),
        ..Kit::default()
    };
    let batches = vec![
        batch("s", &[r#"{"a":1}"#]),
        batch("s", &[r#"{"a":2}"#, r#"{"b":3}"#, r#"{"a":4}"#]),
    ];
    let outcome = kit.run(&bucket, batches).await;
    assert_eq!(
        failure(&outcome),
        "failed to fit the record at line 2 of test into the declared schema: column a is int64, \
         found null"
    );
    let objects = objects(&bucket);
    assert_eq!(objects.len(), 2, "what was before it is loaded");
    assert_eq!(objects["s-00002.lines"], "#a\n{\"a\":2}\n");
}
