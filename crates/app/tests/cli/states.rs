//! What a source can go on from is told when it is safe, and only then.

use crate::kit::{Desk, Live};

const SCHEMA: &str = r#"{"type":"SCHEMA","stream":"s","key_properties":[],"schema":{}}"#;

/// The messages of records with a state after each.
fn messages(records: std::ops::RangeInclusive<u32>) -> String {
    let message = |n: u32| {
        format!(
            "{{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{{\"n\":{n}}}}}\n\
             {{\"type\":\"STATE\",\"value\":{n}}}\n"
        )
    };
    records.map(message).collect()
}

fn desk() -> Desk {
    let desk = Desk::new();
    let config = "[destination]\nurl = \"out\"\nkey = \"{part}.jsonl\"\n";
    desk.write("spile.toml", config);
    desk.write("tap.jsonl", format!("{SCHEMA}\n{}", messages(1..=3)));
    desk
}

/// Whoever reads a state looks for its record at once.
#[test]
fn a_state_is_told_when_its_records_have_appeared() {
    let desk = desk().set("SPILE_LIMITS__CHECKPOINT_SIZE", "1");
    let reads = "while read n; do cat out/*.jsonl | grep -c . | sed \"s/^/$n: /\"; done";
    let tap = "while read line; do echo \"$line\"; sleep 0.2; done < tap.jsonl";
    let ran = desk.ok(&format!(
        "{tap} | spile singer --config spile.toml | ({reads})"
    ));
    let told: Vec<(u32, u32)> = ran.stdout.lines().filter_map(numbers).collect();
    assert_eq!(told.last(), Some(&(3, 3)), "{ran}");
    assert!(
        told.iter().all(|(state, records)| records >= state),
        "{ran}"
    );
}

fn numbers(line: &str) -> Option<(u32, u32)> {
    let (state, records) = line.split_once(": ")?;
    Some((state.parse().ok()?, records.parse().ok()?))
}

#[test]
fn a_state_does_not_wait_for_ever() {
    let desk = desk().set("SPILE_LIMITS__CHECKPOINT_AGE", "1s");
    let mut live = Live::start(&desk, &["singer", "--config", "spile.toml"]);
    live.write(desk.read("tap.jsonl"));
    live.until("an object is there", |desk| {
        desk.names("out").contains(&"00001.jsonl".to_owned())
    });
    let ran = live.end();
    assert_eq!((ran.code, &*ran.stdout), (0, "3\n"), "{ran}");
}

#[test]
fn an_interrupt_tells_the_last_state() {
    let desk = desk().set("SPILE_LIMITS__OBJECT_ROWS", "2");
    let mut live = Live::start(&desk, &["singer", "--config", "spile.toml"]);
    live.write(desk.read("tap.jsonl"));
    live.until("the records are read", |desk| {
        desk.names("out").contains(&"00001.jsonl".to_owned())
    });
    live.signal("INT");
    let ran = live.end_by_itself();
    assert_eq!((ran.code, &*ran.stdout), (130, "3\n"), "{ran}");
    assert_eq!(desk.names("out"), ["00001.jsonl", "00002.jsonl"]);
}

/// What a failed run has read and not loaded is read again.
#[test]
fn a_failed_run_tells_no_state_of_what_is_not_there() {
    for last in [
        "no message",
        r#"{"type":"RECORD","stream":"t","record":{}}"#,
    ] {
        let desk = desk();
        desk.write("bad", format!("{last}\n"));
        let ran = desk.run("cat tap.jsonl bad | spile singer --config spile.toml");
        assert_eq!((ran.code, &*ran.stdout), (4, ""), "{ran}");
        assert!(desk.names("out").is_empty(), "{ran}");
    }
}

#[test]
fn nobody_who_reads_states_is_a_failure() {
    let desk = desk();
    let ran = desk.run("(spile singer --config spile.toml < tap.jsonl; echo $? > code) | true");
    assert_eq!(desk.read("code"), "75\n", "{ran}");
    assert!(
        ran.stderr.contains("from the last state that was told"),
        "{ran}"
    );
}

/// The source goes on from its state by itself; what was loaded behind it goes first.
#[test]
fn a_run_is_resumed_from_its_last_state() {
    let desk = desk().set("SPILE_LIMITS__CHECKPOINT_SIZE", "1");
    let load = "spile load - --input-format singer --config spile.toml --connection-run-id nightly";
    let slowly = "while read line; do echo \"$line\"; sleep 0.2; done < tap.jsonl";
    let ran = desk.run(&format!("({slowly}; echo no message) | {load}"));
    assert_eq!(ran.code, 4, "{ran}");
    let last = ran.stdout.lines().last().and_then(|it| it.parse().ok());
    let last: u32 = last.expect("a state");
    desk.write("rest", format!("{SCHEMA}\n{}", messages(last + 1..=4)));
    let ran = desk.run(&format!("{load} --resume < rest"));
    assert!(ran.code == 0 && ran.stdout.ends_with("4\n"), "{ran}");
    let ran = desk.ok("cat out/*.jsonl | sort");
    assert_eq!(ran.stdout, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n");
}

/// Versions count only in runs that are whole, and of a connection.
#[test]
fn a_version_retires_others_when_the_run_is_whole() {
    let check = |id: &str, end: &str, code: i32, expect: &[&str]| {
        let desk = desk().set("SPILE_CONNECTION__ID", id);
        let version = |n: u32| {
            let record = r#""stream":"s","record":{}"#;
            format!(
                "{SCHEMA}\n{{\"type\":\"RECORD\",\"version\":{n},{record}}}\n\
                 {{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"s\",\"version\":{n}}}\n"
            )
        };
        desk.write("1", version(1)).write("2", version(2) + end);
        let id = if id.is_empty() {
            "env -u SPILE_CONNECTION__ID "
        } else {
            ""
        };
        desk.ok(&format!("{id}spile singer --config spile.toml < 1"));
        let ran = desk.run(&format!("{id}spile singer --config spile.toml < 2"));
        assert_eq!(ran.code, code, "{ran}");
        assert_eq!(desk.names("out"), expect, "{ran}");
    };
    check("c", "", 0, &["00002.jsonl"]);
    check("c", "no message\n", 4, &["00001.jsonl"]);
    check("", "", 0, &["00001.jsonl", "00002.jsonl"]);
}
