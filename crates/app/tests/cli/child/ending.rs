//! A program ends with the run, and is gone then, whatever ends it.

use std::os::unix::process::CommandExt;
use std::process::Command;

use insta::assert_snapshot;

use super::LINES;
use crate::kit::{Desk, Live};

/// Starts a load of what a shell script prints, which tells its id first: in a group of their own, as
/// a terminal starts programs.
fn start<'a>(desk: &'a Desk, flags: &[&'a str], script: &str) -> (Live<'a>, u32) {
    desk.write("script.sh", format!("echo $$ > id\n{script}"));
    let mut words = vec!["load", "--stream", "s", "--to", "out/{part}.jsonl"];
    words.extend(flags);
    words.extend(["--", "sh", "script.sh"]);
    let live = Live::start_as(desk, desk.spile(&words).process_group(0));
    live.until("the program runs", |desk| {
        desk.names("").contains(&"id".to_owned()) && desk.read("id").ends_with('\n')
    });
    let id = desk.read("id").trim().parse().expect("an id");
    (live, id)
}

fn is_there(process: u32) -> bool {
    let kill = ["-c", "kill -0 \"$0\" 2>/dev/null", &process.to_string()].map(str::to_owned);
    Command::new("/bin/sh")
        .args(kill)
        .status()
        .expect("it runs")
        .success()
}

#[test]
fn one_that_goes_on_without_stdout_is_waited_for() {
    for (status, code) in [(0, 0), (1, 4)] {
        let desk = Desk::new();
        let goes_on = "exec >&-; touch closed; until test -e go; do :; done";
        let script = format!("echo '{{\"a\":1}}'; {goes_on}; exit {status}");
        let (mut live, _) = start(&desk, &[], &script);
        live.until("its stdout is closed", |desk| desk.path("closed").exists());
        assert!(!live.has_ended());
        desk.write("go", "");
        let ran = live.end();
        assert_eq!(ran.code, code, "{ran}");
        assert_eq!(desk.names("out").is_empty(), code > 0, "{ran}");
    }
}

const WAITS: &str = "cat lines; exec sleep 600";

#[test]
fn sigterm_ends_it_too() {
    let desk = Desk::new();
    desk.write("lines", LINES);
    let (live, id) = start(&desk, &["--object-rows", "2"], WAITS);
    live.until("an object is there", |desk| {
        desk.names("out").contains(&"00001.jsonl".to_owned())
    });
    assert!(is_there(id));
    live.signal("TERM");
    assert_snapshot!(live.end(), @r"
    exit 143

    interrupted: finishing what is whole; once more to stop at once
      00001.jsonl         2 records        16 B
      00002.jsonl          1 record         8 B
    interrupted: loaded 3 records in 2 objects (24 B) into DIR/out in TIME
    ");
    assert!(!is_there(id));
}

#[test]
fn sigterm_ends_it_before_it_prints_anything() {
    let desk = Desk::new();
    let (live, id) = start(&desk, &[], "exec sleep 600");
    live.signal("TERM");
    assert_snapshot!(live.end(), @r"
    exit 143

    interrupted: finishing what is whole; once more to stop at once
    error: interrupted before the source gave its first record
    ");
    assert!(!is_there(id));
}

/// A terminal tells the whole group, and its end isn't the fault of the program.
#[test]
fn ctrl_c_ends_both() {
    let desk = Desk::new();
    desk.write("lines", LINES);
    let (live, id) = start(&desk, &["--object-rows", "2"], WAITS);
    live.until("an object is there", |desk| {
        desk.names("out").contains(&"00001.jsonl".to_owned())
    });
    live.signal_group("INT");
    let ran = live.end();
    assert_eq!(ran.code, 130, "{ran}");
    let reported = "interrupted: loaded 3 records in 2 objects";
    assert!(ran.stderr.contains(reported), "{ran}");
    assert!(!is_there(id));
}

/// One that neither SIGTERM nor a closed pipe ends.
const STAYS: &str = "trap '' TERM PIPE; cat lines; while :; do sleep 1; done";

#[test]
fn one_that_stays_is_killed_after_a_while() {
    let desk = Desk::new();
    desk.write("lines", format!("{LINES}no record\n"));
    let (live, id) = start(&desk, &[], STAYS);
    let ran = live.end();
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.stderr
            .contains("the record at line 4 of the output of sh"),
        "{ran}"
    );
    assert!(!is_there(id));
}

#[test]
fn a_second_signal_kills_one_that_stays() {
    let desk = Desk::new();
    desk.write("lines", LINES);
    let (mut live, id) = start(&desk, &[], STAYS);
    live.until_after(|live| live.signal("TERM"), "it ends", Live::has_ended);
    let ran = live.end();
    assert_eq!(ran.code, 143, "{ran}");
    assert!(!is_there(id));
}

#[test]
fn a_destination_that_fails_ends_it() {
    let desk = Desk::new();
    desk.write("lines", LINES).write("out", "no folder");
    let (live, id) = start(&desk, &[], WAITS);
    let ran = live.end();
    assert_eq!(ran.code, 5, "{ran}");
    assert!(!is_there(id));
}
