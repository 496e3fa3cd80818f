//! Streams of which one generation is to stay.

use serde_json::{Value, json};

use super::{
    appended, desk, error, overwritten, record, said, state, stated, states, status, write,
};
use crate::kit::{Desk, Ran};

fn connected(streams: &[Value]) -> Desk {
    desk(&json!({"connection": {"id": "c"}}), streams)
}

/// The records that are there.
fn loaded(desk: &Desk) -> Vec<String> {
    let files = desk.files("out").into_values();
    let texts = files.map(|text| String::from_utf8(text).expect("a text"));
    let mut lines: Vec<_> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.sort();
    lines
}

/// Loads a record of a generation, and says how its stream has ended.
fn sync(desk: &Desk, generation: i64, id: u64, ends: &[&str]) -> Ran {
    super::catalog(desk, &[overwritten("a", generation)]);
    let ends: String = ends.iter().map(|end| status("a", end)).collect();
    let record = record("a", &format!(r#"{{"id":{id}}}"#));
    write(desk, &(record + &state("a", id) + &ends))
}

fn is_incomplete(ran: &Ran) {
    assert_eq!(ran.code, 4, "{ran}");
    let (failure_type, message) = error(ran);
    assert_eq!(failure_type, "system_error", "{ran}");
    assert!(message.contains("hasn't said COMPLETE of a"), "{message}");
}

#[test]
fn earlier_ones_go_once_it_is_complete() {
    let desk = connected(&[]);
    assert_eq!(
        sync(&desk, 1, 1, &["STARTED", "RUNNING", "COMPLETE"]).code,
        0
    );
    assert_eq!(loaded(&desk), [r#"{"id":1}"#]);
    // What is written of the next one stays beside it, until that is whole.
    for ends in [
        &[][..],
        &["STARTED"],
        &["INCOMPLETE"],
        &["COMPLETE", "INCOMPLETE"],
    ] {
        let before = loaded(&desk);
        let ran = sync(&desk, 2, 2, ends);
        is_incomplete(&ran);
        assert_eq!(states(&ran), [stated("a", 2, 1, 0)], "{ends:?}");
        let mut expect = before;
        expect.push(r#"{"id":2}"#.to_owned());
        assert_eq!(loaded(&desk), expect, "{ends:?}");
    }
    // The source went on from the state: what was written of the generation belongs to it.
    let ran = sync(&desk, 2, 3, &["INCOMPLETE", "COMPLETE"]);
    assert_eq!(ran.code, 0, "{ran}");
    let two = r#"{"id":2}"#;
    assert_eq!(loaded(&desk), [two, two, two, two, r#"{"id":3}"#]);
}

/// A refresh that keeps what is there.
#[test]
fn a_later_generation_beside_the_earlier_one() {
    let desk = connected(&[]);
    assert_eq!(sync(&desk, 1, 1, &["COMPLETE"]).code, 0);
    let mut kept = appended("a");
    kept["generation_id"] = 2.into();
    super::catalog(&desk, &[kept]);
    let messages = record("a", r#"{"id":2}"#) + &status("a", "COMPLETE");
    assert_eq!(write(&desk, &messages).code, 0);
    assert_eq!(loaded(&desk), [r#"{"id":1}"#, r#"{"id":2}"#]);
}

/// It is whole, and empty.
#[test]
fn a_generation_without_records() {
    let desk = connected(&[]);
    assert_eq!(sync(&desk, 1, 1, &["COMPLETE"]).code, 0);
    super::catalog(&desk, &[overwritten("a", 2)]);
    let ran = write(&desk, &(state("a", 2) + &status("a", "COMPLETE")));
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(states(&ran), [stated("a", 2, 0, 0)]);
    assert_eq!(loaded(&desk), [""; 0]);
}

/// What is whole of one stream is no reason to remove anything where another isn't.
#[test]
fn one_of_two_streams_is_complete() {
    let streams = |generation| [overwritten("a", generation), overwritten("b", generation)];
    let desk = connected(&streams(1));
    let ended = |stream| record(stream, r#"{"id":1}"#) + &status(stream, "COMPLETE");
    assert_eq!(write(&desk, &(ended("a") + &ended("b"))).code, 0);
    super::catalog(&desk, &streams(2));
    let ran = write(&desk, &(ended("b") + &record("a", r#"{"id":2}"#)));
    is_incomplete(&ran);
    assert_eq!(loaded(&desk).len(), 4, "{ran}");
}

/// A platform that numbers no generations.
#[test]
fn without_numbers_those_of_the_run_stay() {
    let desk = connected(&[]);
    let mut stream = overwritten("a", 0);
    stream["generation_id"] = Value::Null;
    stream["minimum_generation_id"] = Value::Null;
    super::catalog(&desk, &[stream]);
    for id in 1..=2 {
        let record = record("a", &format!(r#"{{"id":{id}}}"#));
        let ran = write(&desk, &(record + &status("a", "COMPLETE")));
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(loaded(&desk), [format!(r#"{{"id":{id}}}"#)]);
    }
}

/// Nothing is read: it would be told of.
#[test]
fn settings_that_contradict_the_catalog() {
    let check = |desk: &Desk, expect: &[&str]| {
        let ran = write(desk, "no message\n");
        assert_eq!(ran.code, 3, "{ran}");
        let (failure_type, message) = error(&ran);
        assert_eq!(failure_type, "config_error", "{ran}");
        for expect in expect {
            assert!(message.contains(expect), "{expect}\n{message}");
        }
        assert_eq!(said(&ran).len(), 1, "{ran}");
        assert_eq!(
            (loaded(desk).len(), desk.kept("out").len()),
            (0, 0),
            "{ran}"
        );
    };
    let streams = [overwritten("a", 1)];
    check(
        &desk(&json!({}), &streams),
        &["overwrite, as the catalog has it for stream a, replaces what earlier runs"],
    );
    let with = |write: &str| json!({"connection": {"id": "c"}, "destination": {"write": write}});
    let catalog = "the source's catalog says that stream a is written by";
    check(
        &desk(&with("append"), &streams),
        &[
            "destination.write",
            catalog,
            "overwrite, generation by generation,",
        ],
    );
    check(
        &desk(&with("overwrite"), &[appended("a")]),
        &["destination.write", catalog, "append"],
    );
    let mut merged = appended("a");
    merged["destination_sync_mode"] = "append_dedup".into();
    check(
        &connected(&[merged]),
        &["catalog.json: can't write stream a by `append_dedup`"],
    );
}

/// A platform that wants what is there to stay says so by the generations.
#[test]
fn what_is_there_is_retained() {
    let desk = connected(&[]);
    sync(&desk, 1, 1, &["COMPLETE"]);
    let mut retained = overwritten("a", 2);
    retained["minimum_generation_id"] = 0.into();
    super::catalog(&desk, &[retained]);
    let messages = record("a", r#"{"id":2}"#) + &status("a", "COMPLETE");
    let ran = write(&desk, &messages);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(loaded(&desk), [r#"{"id":1}"#, r#"{"id":2}"#]);
    let told = "nothing of earlier generations goes of a, which the catalog overwrites: its \
                minimum_generation_id is 0";
    assert_eq!(ran.stdout.matches(told).count(), 1, "{ran}");
}

/// Of what isn't loaded nothing has to be understood.
#[test]
fn what_is_left_out_may_be_written_in_any_way() {
    let mut unknown = appended("b");
    unknown["destination_sync_mode"] = "append_dedup".into();
    let desk = desk(&json!({"select": ["a"]}), &[appended("a"), unknown]);
    let messages = record("b", "{}") + &status("a", "COMPLETE") + &status("b", "COMPLETE");
    let ran = write(&desk, &messages);
    assert_eq!(ran.code, 0, "{ran}");
}
