//! A run that is asked to stop: what is whole is published, and said.

use insta::assert_snapshot;

use crate::kit::{Desk, HeldStore, Live, WRONG_SECRET};

/// Starts a load of two sealed objects and one that is open.
fn half_way<'a>(desk: &'a Desk, flags: &[&'a str]) -> Live<'a> {
    let mut words = vec!["load", "-", "--stream", "s", "--to", "out/{part}.jsonl"];
    words.extend(["--object-rows", "2"]);
    words.extend(flags);
    let mut live = Live::start(desk, &words);
    live.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n");
    live.until("two objects are there", |desk| {
        let names = desk.names("out");
        names.iter().filter(|name| !name.starts_with('.')).count() == 2
    });
    live
}

#[test]
fn by_ctrl_c() {
    let desk = Desk::new();
    let live = half_way(&desk, &[]);
    live.signal("INT");
    assert_snapshot!(live.end_by_itself(), @r"
    exit 130

    interrupted: finishing what is whole; once more to stop at once
      00001.jsonl         2 records        16 B
      00002.jsonl         2 records        16 B
      00003.jsonl          1 record         8 B
    interrupted: loaded 5 records in 3 objects (40 B) into DIR/out in TIME
    ");
    assert_eq!(
        desk.names("out"),
        ["00001.jsonl", "00002.jsonl", "00003.jsonl"]
    );
    assert_eq!(desk.read("out/00003.jsonl"), "{\"a\":5}\n");
    assert!(!desk.path("out/.spile-staging").exists());
}

#[test]
fn by_sigterm() {
    let desk = Desk::new();
    let live = half_way(&desk, &["--output-format", "json"]);
    live.signal("TERM");
    let ran = live.end_by_itself();
    assert_eq!(ran.code, 143, "{ran}");
    let report = ran.json();
    assert_eq!(
        (&report["status"], &report["rows"]),
        (&"interrupted".into(), &5.into())
    );
    assert_eq!(report["error"], serde_json::Value::Null);
}

/// `timeout` sends its signal twice; that is no wish to stop at once.
#[test]
fn by_two_signals_together() {
    let desk = Desk::new();
    let live = half_way(&desk, &[]);
    live.signal("INT");
    live.signal("INT");
    let ran = live.end_by_itself();
    assert_eq!(ran.code, 130, "{ran}");
    assert!(
        ran.stderr
            .contains("interrupted: loaded 5 records in 3 objects"),
        "{ran}"
    );
}

/// What a run leaves open must not replace anything.
#[test]
fn while_overwriting() {
    let desk = Desk::new();
    desk.write("out/00003.jsonl", "from before");
    let mut live = Live::start(
        &desk,
        &[
            "load",
            "-",
            "--stream",
            "s",
            "--to",
            "out/{part}.jsonl",
            "--object-rows",
            "2",
            "--write",
            "overwrite",
        ],
    );
    live.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n");
    live.until("two objects are staged", |desk| {
        let names = desk.names("out");
        names.iter().filter(|name| name.starts_with('.')).count() >= 2
    });
    live.signal("INT");
    assert_snapshot!(live.end_by_itself(), @r"
    exit 130

    interrupted: finishing what is whole; once more to stop at once
    interrupted: loaded 0 records in 0 objects (0 B) into DIR/out in TIME, of 5 read
    ");
    assert_eq!(desk.names("out"), ["00003.jsonl"]);
    assert_eq!(desk.kept("out"), [""; 0]);
    assert!(!desk.path("out/.spile-staging").exists());
    assert_eq!(desk.read("out/00003.jsonl"), "from before");
}

/// All has been read, and the last part is on its way: what isn't published yet replaces nothing.
#[test]
fn after_the_end_of_the_input_while_overwriting() {
    let store = HeldStore::new();
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", "AKIA")
        .set("AWS_SECRET_ACCESS_KEY", WRONG_SECRET);
    desk.write("s.jsonl", "{\"a\":1}\n");
    let to =
        "load s.jsonl --to s3://landing --key s.jsonl --write overwrite --allow-http --endpoint";
    let mut words: Vec<&str> = to.split(' ').collect();
    words.push(&store.endpoint);
    let live = Live::start(&desk, &words);
    store.wait_for_part();
    live.signal("INT");
    live.until("it has heard", |_| {
        live.said().contains("interrupted: finishing")
    });
    store.go_on();
    let ran = live.end();
    assert_eq!(ran.code, 130, "{ran}");
    let reported = "interrupted: loaded 0 records in 0 objects";
    assert!(ran.stderr.contains(reported), "{ran}");
    assert_eq!(store.asked_since(), ["DELETE /landing/s.jsonl?uploadId=u"]);
}
