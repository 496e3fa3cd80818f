//! `spile load` of what a source of Airbyte says: the same, and how the program ends counts.

use serde_json::json;

use super::{appended, desk, overwritten, record, state, stated, status};
use crate::kit::{Desk, Ran};

fn load(desk: &Desk, messages: &str, flags: &str, script: &str) -> Ran {
    desk.write("messages.jsonl", messages);
    desk.run(&format!(
        "spile load -c config.json {flags} -- sh -c '{script}'"
    ))
}

fn whole() -> String {
    [
        record("a", r#"{"id":1}"#),
        state("a", 1),
        status("a", "COMPLETE"),
    ]
    .concat()
}

#[test]
fn its_states_are_on_stdout() {
    let check = |begin: &str, flags: &str| {
        let desk = desk(&json!({}), &[appended("a")]);
        let messages = begin.to_owned() + &whole();
        let ran = load(&desk, &messages, flags, "cat messages.jsonl");
        assert_eq!(ran.code, 0, "{begin}\n{ran}");
        assert_eq!(ran.lines(), [stated("a", 1, 1, 0)], "{begin}\n{ran}");
        let bodies: Vec<Vec<u8>> = desk.files("out").into_values().collect();
        assert_eq!(bodies, [b"{\"id\":1}\n"], "{begin}\n{ran}");
    };
    let catalog = "--catalog catalog.json";
    // Whatever it begins with.
    check("", catalog);
    check("", "");
    check(&status("a", "STARTED"), catalog);
    check(
        "{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"m\"}}\n",
        catalog,
    );
    check("", "--catalog catalog.json --input-format airbyte");
}

/// That a stream is complete says nothing of what follows it.
#[test]
fn a_program_that_fails_replaces_nothing() {
    let desk = desk(&json!({"connection": {"id": "c"}}), &[overwritten("a", 1)]);
    let catalog = "--catalog catalog.json";
    let ran = load(&desk, &whole(), catalog, "cat messages.jsonl");
    assert_eq!(ran.code, 0, "{ran}");
    let before = desk.files("out");
    super::catalog(&desk, &[overwritten("a", 2)]);
    let ran = load(&desk, &whole(), catalog, "cat messages.jsonl; exit 3");
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.stderr
            .contains("the source `sh` to its end: it ended with exit status 3"),
        "{ran}"
    );
    let after = desk.files("out");
    assert!(
        before
            .iter()
            .all(|(name, body)| after.get(name) == Some(body)),
        "{ran}"
    );
    let ran = load(&desk, &whole(), catalog, "cat messages.jsonl");
    assert_eq!(ran.code, 0, "{ran}");
    let last = desk.files("out");
    assert!(before.keys().all(|name| !last.contains_key(name)), "{ran}");
}
