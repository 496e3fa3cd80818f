//! What comes from a pipe makes the same objects as it does from a file.

use crate::kit::{Desk, Live};

/// Loads a text from a file and from a pipe: the objects of both, which are the same.
fn loaded(name: &str, text: &str, flags: &str) -> Vec<String> {
    let desk = Desk::new();
    desk.write(name, text);
    desk.ok(&format!(
        "spile load {name} --stream s --to of_file {flags}"
    ));
    desk.ok(&format!(
        "cat {name} | spile load - --stream s --to of_pipe {flags}"
    ));
    let of_file = desk.files("of_file");
    assert!(
        of_file == desk.files("of_pipe"),
        "{:?}",
        desk.names("of_pipe")
    );
    of_file.into_keys().collect()
}

#[test]
fn a_column_that_comes_late_is_in_the_sample() {
    let late = |n: usize| {
        if n % 997 == 996 {
            r#","late":true"#
        } else {
            ""
        }
    };
    let line = |n| format!("{{\"id\":{n}{}}}\n", late(n));
    let lines: String = (0..30_000).map(line).collect();
    assert_eq!(loaded("a.jsonl", &lines, "--key s.parquet"), ["s.parquet"]);
}

#[test]
fn a_text_that_comes_late_is_in_the_sample() {
    let code = |n: usize| if n == 20_000 { "00501" } else { "1" };
    let row = |n| format!("{n},{}\n", code(n));
    let rows: String = (0..40_000).map(row).collect();
    let text = format!("id,code\n{rows}");
    assert_eq!(loaded("a.csv", &text, "--key s.jsonl"), ["s.jsonl"]);
}

/// Records of a pipe that pauses don't wait for its end.
#[test]
fn a_pipe_that_pauses_is_loaded_so_far() {
    let desk = Desk::new();
    let words = [
        "load",
        "-",
        "--stream",
        "s",
        "--to",
        "out/{part}.jsonl",
        "--object-age",
        "1s",
    ];
    let mut live = Live::start(&desk, &words);
    live.write("{\"a\":1}\n");
    live.until("the first object is there", |desk| {
        desk.names("out").contains(&"00001.jsonl".to_owned())
    });
    live.write("{\"a\":2}\n");
    assert_eq!(live.end().code, 0);
    assert_eq!(desk.read("out/00002.jsonl"), "{\"a\":2}\n");
}
