//! An object that is half sent when its input fails never appears.

use crate::kit::{Desk, Store};

/// Some parts' worth of records, and then one that is at fault.
fn lines() -> String {
    let good = format!("{{\"a\":\"{}\"}}\n", "x".repeat(991)).repeat(20_000);
    good + "{\"a\":}\n"
}

#[test]
fn in_a_folder() {
    let desk = Desk::new();
    desk.write("s.jsonl", lines());
    let ran = desk.run("spile load s.jsonl --to out/s.jsonl");
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.stderr.contains("line 20001 of s.jsonl"), "{ran}");
    assert!(desk.files("out").is_empty(), "not even below a hidden name");
    assert!(desk.kept("out").is_empty(), "nothing has come of the run");
    assert!(!desk.path("out/.spile-staging").exists());
}

#[test]
fn in_a_folder_where_an_older_object_stands() {
    let desk = Desk::new();
    desk.write("s.jsonl", lines())
        .write("out/s.jsonl", "from before");
    let ran = desk.run("spile load s.jsonl --to out/s.jsonl --write overwrite");
    assert_eq!(ran.code, 4, "{ran}");
    assert_eq!(desk.read("out/s.jsonl"), "from before");
    assert_eq!(desk.names("out"), ["s.jsonl"]);
    assert_eq!(desk.kept("out"), [""; 0]);
    assert!(!desk.path("out/.spile-staging").exists());
}

#[test]
fn in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", lines());
    let ran = desk.run(&format!("spile load s.jsonl {} --key s.jsonl", store.to()));
    assert_eq!(ran.code, 4, "{ran}");
    assert!(store.fetch(&desk.path("fetched")).is_empty());
    assert_eq!(store.kept(), [""; 0]);
    assert_eq!(store.unfinished(), 0);
}

/// Those that were sealed before are there, and whole.
#[test]
fn in_s3_after_objects_that_were_sealed() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    desk.write("s.jsonl", "{\"a\":1}\n{\"a\":2}\n{\"a\":}\n");
    let ran = desk.run(&format!(
        "spile load s.jsonl {} --key {{part}}.jsonl --object-rows 1",
        store.to()
    ));
    assert_eq!(ran.code, 4, "{ran}");
    assert_eq!(
        store.fetch(&desk.path("fetched")),
        ["00001.jsonl", "00002.jsonl"]
    );
    assert_eq!(desk.read("fetched/00002.jsonl"), "{\"a\":2}\n");
    assert_eq!(store.unfinished(), 0);
}
