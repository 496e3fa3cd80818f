//! The same into a real store.

use insta::assert_snapshot;
use serde_json::json;

use super::{TAP, desk};
use crate::kit::{Desk, Live, Store};
use crate::schemas::columns;

/// A store, and a desk whose settings lead there.
fn settled(settings: &str) -> (Store, Desk) {
    let store = Store::new();
    let Store {
        endpoint,
        bucket,
        prefix,
    } = &store;
    let desk = desk(&format!(
        "{settings}\n[destination]\nurl = 's3://{bucket}/{prefix}'\nendpoint = '{endpoint}'\n\
         allow_http = true\nkey = '{{stream_name}}-{{part}}.parquet'\n"
    ));
    let desk = store.admit(desk);
    (store, desk)
}

#[test]
fn objects_and_states() {
    let (store, desk) = settled("[limits]\ncheckpoint_size = 1");
    let ran = desk.ok("spile singer -c spile.toml < tap");
    assert_eq!(
        ran.stdout,
        "{ \"bookmarks\": {\"orders\":\"2025-04-14T10:00:00Z\"}}\n2\n"
    );
    store.fetch(&desk.path("out"));
    assert_snapshot!(columns(&desk, "out"), @r"
    orders-00001.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR
      1, 2025-04-14 10:00:00+00:00, 1.1, a
    orders-00002.parquet: id BIGINT, at TIMESTAMP WITH TIME ZONE, price DOUBLE, note VARCHAR, more STRUCT(x BIGINT)
      2, 2025-04-15 10:00:00+00:00, None, None, {'x': 1}
    people-00001.parquet: name VARCHAR, born DATE, extra BOOLEAN
      Ada, 1815-12-10, True
    ");
    assert_eq!(store.unfinished(), 0);
}

#[test]
fn a_run_as_a_whole_that_fails() {
    let (store, desk) = settled("");
    let settings = desk.read("spile.toml") + "publish = 'run'\n";
    desk.write("spile.toml", settings)
        .write("tap", [TAP, "{}"].concat());
    let ran = desk.run("spile singer -c spile.toml < tap");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert_eq!((store.objects().len(), store.unfinished()), (0, 0));
}

/// Nobody has heard its last state: it is the one to go on from.
#[test]
fn what_a_dead_run_can_go_on_from() {
    let (store, desk) = settled("connection = { id = 'c' }\n[limits]\ncheckpoint_size = 1");
    let mut live = Live::start(&desk, &["singer", "--config", "spile.toml"]);
    let lines: Vec<&str> = TAP.split_inclusive('\n').collect();
    live.write(lines[..3].concat());
    live.until("an object is there", |_| {
        store.objects().contains_key("orders-00001.parquet")
    });
    live.write(lines[3..6].concat());
    live.until("its state is written down", |desk| {
        let show = "spile runs show r -c spile.toml --output-format json";
        desk.ok(show).json()["checkpoint"].is_string()
    });
    live.signal("KILL");
    assert_eq!(live.end_by_itself().code, -9);
    let recover = format!("spile recover {} --output-format json", store.to());
    let told = desk.ok(&recover).json();
    let state = json!("{ \"bookmarks\": {\"orders\":\"2025-04-14T10:00:00Z\"}}");
    assert_eq!(told["recovered"][0]["checkpoint"], state, "{told}");
}
