//! A key that another program takes while an object of this run is being sent to it.

use insta::assert_snapshot;

use crate::kit::{Desk, Live, Store};

/// More than a part, so that the upload has begun and its key is settled.
const LINES: usize = 160_000;

/// Lines of a hundred bytes.
fn lines() -> String {
    format!("{{\"a\":\"{}\"}}\n", "x".repeat(91)).repeat(LINES)
}

fn staged(desk: &Desk) -> bool {
    desk.names("out")
        .iter()
        .any(|name| name.starts_with(".spile-staging/"))
}

#[test]
fn while_it_is_sent() {
    let desk = Desk::new();
    let mut live = Live::start(
        &desk,
        &["load", "-", "--stream", "s", "--to", "out/x.jsonl"],
    );
    live.write(lines());
    live.until("the first part is staged", staged);
    desk.write("out/x.jsonl", "someone else's");
    let ran = live.end();
    assert_snapshot!(ran, @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 160,000 read
    error: failed to publish x.jsonl: another object appeared at that key in the meantime
      hint: nothing was replaced; run again, and the next free number is taken
    ");
    assert_eq!(desk.read("out/x.jsonl"), "someone else's");
    assert_eq!(desk.names("out"), ["x.jsonl"]);
}

#[test]
fn overwriting_takes_it_back() {
    let desk = Desk::new();
    let words = [
        "load",
        "-",
        "--stream",
        "s",
        "--to",
        "out/x.jsonl",
        "--write",
        "overwrite",
    ];
    let mut live = Live::start(&desk, &words);
    live.write(lines());
    live.until("the first part is staged", staged);
    desk.write("out/x.jsonl", "someone else's");
    assert_eq!(live.end().code, 0);
    assert_eq!(desk.read("out/x.jsonl").len(), lines().len());
    assert_eq!(desk.names("out"), ["x.jsonl"]);
}

/// As long as an object is in memory as a whole, it just takes the next number.
#[test]
fn before_anything_is_sent() {
    let desk = Desk::new();
    let words = [
        "load",
        "-",
        "--stream",
        "s",
        "--to",
        "out/{part}.jsonl",
        "--object-rows",
        "2",
    ];
    let mut live = Live::start(&desk, &words);
    live.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    live.until("the first object is there", |desk| {
        !desk.names("out").is_empty()
    });
    desk.write("out/00002.jsonl", "someone else's");
    assert_eq!(live.end().code, 0);
    assert_eq!(desk.read("out/00002.jsonl"), "someone else's");
    assert_eq!(
        desk.names("out"),
        ["00001.jsonl", "00002.jsonl", "00003.jsonl"]
    );
}

#[test]
fn in_s3_a_second_load_takes_the_next_number() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    let to = format!("{} --key x.jsonl", store.to());
    let words: Vec<_> = ["load", "-", "--stream", "s"]
        .into_iter()
        .chain(to.split(' '))
        .collect();
    let mut live = Live::start(&desk, &words);
    live.write("{\"a\":1}\n");
    desk.write("s.jsonl", "{\"a\":2}\n");
    desk.ok(&format!("spile load s.jsonl {to}"));
    assert_eq!(live.end().code, 0);
    assert_eq!(
        store.fetch(&desk.path("fetched")),
        ["x-00002.jsonl", "x.jsonl"]
    );
    assert_eq!(desk.read("fetched/x.jsonl"), "{\"a\":2}\n");
}
