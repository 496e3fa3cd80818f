//! What is asked before anything is loaded.

use serde_json::{Value, json};

use super::{configure, desk, said};
use crate::kit::{Desk, Ran, Store};

const GOLDEN: &str = include_str!(
    "../../../src/settings_schema/snapshots/spile__settings_schema__airbyte__tests__airbyte_spec.snap"
);

#[test]
fn the_specification_is_one_line() {
    let ran = Desk::new()
        .set("SPILE_LOG", "info")
        .ok("spile airbyte spec");
    let messages = said(&ran);
    assert_eq!(messages, [ran.json()]);
    let (_, golden) = GOLDEN.rsplit_once("---\n").expect("what follows the head");
    let golden: Value = serde_json::from_str(golden).expect("JSON");
    assert_eq!(messages[0], golden);
}

fn check(desk: &Desk) -> (Value, Ran) {
    let ran = desk.ok("spile airbyte check --config config.json");
    let messages = said(&ran);
    assert_eq!(messages.len(), 1, "{ran}");
    (messages[0]["connectionStatus"].clone(), ran)
}

/// It says that a check has failed, and why.
fn fails(desk: &Desk, expect: &[&str]) {
    let (status, ran) = check(desk);
    assert_eq!(status["status"], "FAILED", "{ran}");
    let message = status["message"].as_str().expect("a message");
    for expect in expect {
        assert!(message.contains(expect), "{expect}\n{message}");
    }
}

#[test]
fn a_destination_that_works() {
    let store = Store::new();
    let succeeded = json!({"status": "SUCCEEDED"});
    assert_eq!(check(&desk(&json!({}), &[])).0, succeeded);
    let desk = super::desk_of(&store, &json!({}), &[]);
    assert_eq!(check(&desk).0, succeeded);
    assert_eq!((store.objects().len(), store.unfinished()), (0, 0));
}

#[test]
fn what_is_wrong_is_a_result_too() {
    let desk = Desk::new();
    let with = |config: Value| {
        configure(&desk, &config, &json!({}));
        &desk
    };
    fails(
        with(json!({"destination": {"url": "out", "format": "parket"}})),
        &["destination.format", "parket", "did you mean `parquet`?"],
    );
    fails(with(json!({})), &["the destination isn't set"]);
    fails(
        with(json!({"destination": {"url": "out", "key": "{stream_nam}.csv"}})),
        &["destination.key", "did you mean `{stream_name}`?"],
    );
    desk.write("config.json", "{");
    fails(&desk, &["config.json"]);
    let desk = Desk::new();
    fails(&desk, &["config.json"]);
}

#[test]
fn a_destination_that_refuses() {
    let store = Store::new();
    let wrong = super::desk_of(&store, &json!({}), &[]);
    let wrong = wrong.set("AWS_SECRET_ACCESS_KEY", crate::kit::WRONG_SECRET);
    let (status, ran) = check(&wrong);
    assert_eq!(status["status"], "FAILED", "{ran}");
    let message = status["message"].as_str().expect("a message");
    assert!(
        message.contains("the secret access key isn't that of the access key id"),
        "{message}"
    );
}
