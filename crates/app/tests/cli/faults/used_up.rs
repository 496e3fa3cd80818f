//! What a run leaves that has tried for long enough.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kit::{Desk, Fault, FaultProxy, Kind, Ran, Store, always, always_of_state};

/// A load of six objects, two of them with several parts, of which some have appeared by the time
/// the store fails.
struct Load {
    store: Store,
    ran: Ran,
}

fn line(id: usize) -> String {
    let text = "x".repeat(if id < 2 { 9_000_000 } else { 10 });
    format!("{{\"id\":{id},\"text\":\"{text}\"}}\n")
}

/// Loads while all requests of a kind fail but the first few.
fn load(write: &str, kind: Kind, but: usize, fault: Fault) -> Load {
    let store = Store::new();
    let proxy = FaultProxy::before(&store.endpoint, always(kind, but, fault));
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", (0..6).map(line).collect::<String>());
    let to = store.through(&proxy.url).to();
    let ran = desk.run(&format!(
        "spile load s.jsonl {to} --key '{{part}}.jsonl' --write {write} --object-rows 1 \
         --connection-id c --record-bytes 16MiB --retry-time 1s --output-format json --log error"
    ));
    Load { store, ran }
}

impl Load {
    /// The keys of the objects that the report lists.
    fn reported(&self) -> BTreeSet<String> {
        let report = self.ran.json();
        let objects = report["objects"].as_array().expect("a list").iter();
        let keys = objects.filter_map(|object| object["key"].as_str());
        let prefix = format!("{}/", self.store.prefix);
        keys.map(|key| key.trim_start_matches(&prefix).to_owned())
            .collect()
    }

    /// The objects that can be seen, each as whole as without faults.
    fn seen(&self) -> BTreeSet<String> {
        let objects = self.store.loaded();
        for (name, body) in &objects {
            let number: usize = name.trim_end_matches(".jsonl").parse().expect("a number");
            assert!(*body == line(number - 1).into_bytes(), "{name} is whole");
        }
        objects.into_keys().collect()
    }
}

fn retries(ran: &Ran) -> u64 {
    let report: Value = ran.json();
    report["retries"].as_u64().unwrap_or_default()
}

fn check(write: &str, kind: Kind, but: usize, fault: Fault) {
    let load = load(write, kind, but, fault);
    let ran = &load.ran;
    let what = format!("{write}, {kind:?} after {but}, {fault:?}");
    assert_eq!(ran.code, 75, "{what}\n{ran}");
    assert!(ran.stderr.contains("tries in TIME"), "{what}\n{ran}");
    assert!(ran.stderr.contains("run again"), "{what}\n{ran}");
    assert!(retries(ran) >= 2, "{what}\n{ran}");
    // An answer that is lost to the end is of an object that may stand.
    match fault.is_done() {
        false => assert_eq!(load.seen(), load.reported(), "{what}\n{ran}"),
        true => assert!(load.seen().is_superset(&load.reported()), "{what}\n{ran}"),
    }
    if write == "overwrite" && kind != Kind::Complete {
        assert_eq!(load.seen(), BTreeSet::new(), "{what}\n{ran}");
    }
}

#[test]
fn of_a_kind_of_request() {
    let throttled = Fault::SlowDown;
    check("append", Kind::Head, 3, throttled);
    check("append", Kind::Put, 2, throttled);
    check("append", Kind::Begin, 0, throttled);
    check("append", Kind::Part, 2, throttled);
    check("append", Kind::Complete, 1, throttled);
    check("overwrite", Kind::Begin, 3, throttled);
    check("overwrite", Kind::Part, 3, throttled);
    check("overwrite", Kind::Complete, 3, throttled);
}

#[test]
fn by_a_kind_of_fault() {
    for fault in [
        Fault::InternalError,
        Fault::BadGateway,
        Fault::TooManyRequests,
        Fault::Reset,
    ] {
        check("append", Kind::Put, 2, fault);
    }
    check("append", Kind::Put, 2, Fault::RequestTimeout);
    check("append", Kind::Complete, 1, Fault::FailedCompletion);
}

/// What is remembered is asked for before a run begins, and counts.
#[test]
fn of_the_state() {
    let store = Store::new();
    let failing = always_of_state(Kind::Get, Fault::InternalError);
    let proxy = FaultProxy::before(&store.endpoint, failing);
    let desk = store.admit(Desk::new());
    desk.write("s.csv", "id\n1\n");
    let to = store.through(&proxy.url).to();
    let ran = desk.run(&format!(
        "spile load s.csv {to} --key a.csv --connection-id c --retry-time 1s --output-format json"
    ));
    assert_eq!((ran.code, retries(&ran)), (75, 2), "{ran}");
    assert!(ran.stderr.contains("the last of 3 tries in TIME"), "{ran}");
    assert_eq!(store.loaded().len(), 0);
}

/// It is looked at what a completion has come to that only seems to fail.
#[test]
fn of_completions_that_are_done() {
    for fault in [
        Fault::LostAnswer,
        Fault::CutHead,
        Fault::FailedCompletionWhenDone,
    ] {
        for write in ["append", "overwrite"] {
            let load = load(write, Kind::Complete, 0, fault);
            assert_eq!(load.ran.code, 0, "{}", load.ran);
            assert_eq!(load.seen().len(), 6, "{}", load.ran);
            assert_eq!(load.seen(), load.reported());
            assert_eq!(load.store.unfinished(), 0);
        }
    }
}
