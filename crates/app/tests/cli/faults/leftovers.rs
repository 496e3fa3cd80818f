//! What is said of uploads that a run can't finish or remove.

use insta::assert_snapshot;

use crate::kit::{Desk, Fault, FaultProxy, Kind, Ran, Store, always};

/// Loads while all requests of a kind meet a fault; objects replace others, so that they are staged.
fn load(kind: Kind, fault: Fault, lines: &str) -> (Store, Ran) {
    let store = Store::new();
    let proxy = FaultProxy::before(&store.endpoint, always(kind, 0, fault));
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", lines);
    let to = store.through(&proxy.url).to();
    let ran = desk.run(&format!(
        "spile load s.jsonl {to} --key '{{part}}.jsonl' --write overwrite --object-rows 1"
    ));
    (store, ran)
}

fn told(store: &Store, ran: &Ran) -> String {
    ran.to_string()
        .replace(&store.prefix, "PREFIX")
        .replace(&store.bucket, "BUCKET")
}

/// Five objects can't be removed; it is said once, with what helps.
#[test]
fn removing_is_denied() {
    let lines = "{\"a\":1}\n".repeat(5) + "{\"a\":}\n";
    let (store, ran) = load(Kind::Abort, Fault::Denied, &lines);
    assert_eq!((ran.code, store.unfinished()), (4, 5), "{ran}");
    assert!(store.loaded().is_empty());
    let warnings: Vec<_> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("WARN"))
        .collect();
    assert_eq!(warnings.len(), 1, "{ran}");
    assert!(warnings[0].contains(
        "unfinished uploads can't be removed: grant s3:AbortMultipartUpload, or let a lifecycle rule \
         of the bucket abort incomplete multipart uploads after longer than your longest run takes"
    ));
}

#[test]
fn a_lifecycle_rule_removes_them_too_soon() {
    let (store, ran) = load(Kind::Begin, Fault::UndoneByRule, "{\"a\":1}\n");
    assert_snapshot!(told(&store, &ran), @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into s3://BUCKET in TIME, of 1 read
    error: failed to stage PREFIX/00001.jsonl: a lifecycle rule of the bucket removes unfinished uploads, this one at 2025-04-14 00:00:00 UTC
      hint: lengthen the rule's AbortIncompleteMultipartUpload to more days than your longest run takes; nothing was replaced
    ");
    assert_eq!(store.unfinished(), 0);
    assert!(store.loaded().is_empty());
}
