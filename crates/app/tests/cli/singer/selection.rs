//! Names in `select` that no stream has.

use insta::assert_snapshot;

use super::{SINGER, desk};
use crate::kit::{Desk, Ran};

fn with(select: &str) -> (Desk, Ran) {
    let to = "destination = { url = 'out', key = '{stream_name}.jsonl' }";
    let desk = desk(&format!("select = {select}\n{to}\n")).set("SPILE_LOG", "warn");
    let ran = desk.ok(SINGER);
    (desk, ran)
}

/// A tap may have nothing new of a stream: it is a warning, and the state goes on.
#[test]
fn they_are_told_of_at_the_end() {
    let (desk, ran) = with("['orders', 'peeple', '!user*']");
    assert_eq!(
        (ran.stdout.as_str(), desk.names("out")),
        ("2\n", vec!["orders.jsonl".to_owned()])
    );
    let told = "WARN spile::load: select: `peeple`, `!user*` matched no stream of this run\n";
    assert!(ran.stderr.contains(told), "{ran}");
    let (desk, ran) = with("['order']");
    assert_eq!((ran.stdout.as_str(), desk.names("out")), ("2\n", vec![]));
    let told = "select: `order` matched no stream of this run, and nothing was loaded\n";
    assert!(ran.stderr.contains(told), "{ran}");
    let ran = desk.ok("spile plan tap --config spile.toml --input-format singer");
    assert!(ran.stdout.ends_with(&format!("warning: {told}")), "{ran}");
    let (_, ran) = with("['o*', 'people']");
    assert!(!ran.stderr.contains("select"), "{ran}");
}

/// Where all streams are known beforehand, nothing is read in vain.
#[test]
fn none_of_known_streams_is_left() {
    let desk = Desk::new().set("SPILE_SELECT", "[\"c\"]");
    desk.write("a.csv", "n\n1\n").write("b.csv", "n\n1\n");
    assert_snapshot!(desk.run("spile load a.csv b.csv --to out"), @r"
    exit 3
    error: SPILE_SELECT in the environment: it leaves out all streams that there are
      hint: there are: a, b
    ");
    desk.ok("SPILE_SELECT='[\"b\", \"c\"]' spile load a.csv b.csv --to out");
    let catalog = r#"{"streams":[{"stream":{"name":"s"},"destination_sync_mode":"append"}]}"#;
    desk.write("catalog.json", catalog);
    let load = "spile load - --input-format airbyte --catalog catalog.json --to out < catalog.json";
    let ran = desk.run(load);
    assert_eq!(ran.code, 3, "{ran}");
    assert!(ran.stderr.contains("hint: there are: s\n"), "{ran}");
}
