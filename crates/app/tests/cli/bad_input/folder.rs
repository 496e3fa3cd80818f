//! Folders that take nothing, for whatever user runs the tests.

use insta::assert_snapshot;

use crate::kit::Desk;

#[test]
fn below_a_file() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n").write("out", "a file");
    assert_snapshot!(desk.run("spile load a.csv --to out/below"), @r"
    exit 5
    error: failed to keep objects in out/below: a file stands in its place
      hint: choose a folder that can be made
    ");
    assert_eq!(desk.read("out"), "a file");
}

#[test]
fn a_file_where_the_key_needs_a_folder() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n").write("out/x", "a file");
    assert_snapshot!(desk.run("spile load a.csv --to out --key 'x/{part}.csv'"), @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to put x/00001.csv in DIR/out: a file stands where the key needs a folder
      caused by: not a directory
      hint: change the key's template
    ");
    assert_eq!(desk.names("out"), ["x"]);
}

#[test]
fn a_name_that_is_too_long_for_a_folder() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let name = "x".repeat(300);
    let ran = desk.run(&format!("spile load a.csv --to out --key '{name}.csv'"));
    assert_snapshot!(ran.to_string().replace(&name, "xxx"), @r"
    exit 5
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to look for xxx.csv in DIR/out: a name in the key has 304 bytes, and a file's can have 255
      hint: change the key's template
    ");
    assert!(desk.files("out").is_empty());
}

/// Root may write to any folder, but nobody may make one here.
#[test]
fn a_folder_that_can_not_be_made() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    assert_snapshot!(desk.run("spile load a.csv --to /proc/spile"), @r"
    exit 5
    error: failed to keep objects in /proc/spile: there is no such file
      caused by: No such file or directory (os error 2)
      hint: choose a folder that can be made
    ");
}

/// A limit on the length of files stands in for a full disk: writing fails in the middle.
#[test]
fn a_full_folder() {
    let desk = Desk::new();
    desk.write(
        "s.jsonl",
        format!("{{\"a\":\"{}\"}}\n", "x".repeat(991)).repeat(20_000),
    );
    let ran = desk.run(
        "trap '' XFSZ; ulimit -f 100; \
         exec spile load s.jsonl --to out/x.csv",
    );
    assert_eq!(ran.code, 5, "{ran}");
    // Whichever part is the first to fail is told of.
    let (_, reason) = ran.stderr.split_once("of x.csv in ").expect("a part");
    assert_snapshot!(reason, @r"
    DIR/out: the file is larger than the file system takes
      caused by: File too large (os error 27)
      hint: make room, and run again
    ");
    assert!(desk.files("out").is_empty(), "{ran}");
    assert_eq!(desk.kept("out"), [""; 0]);
    assert!(!desk.path("out/.spile-staging").exists());
}

/// What is sealed before the fault stays, and nothing unfinished does.
#[test]
fn a_folder_that_fills_up() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n", "x".repeat(400_000)),
    );
    let ran = desk.run(
        "trap '' XFSZ; ulimit -f 100; \
         exec spile load a.jsonl --to 'out/{part}.jsonl' --object-rows 1",
    );
    assert_snapshot!(ran, @r"
    exit 5
      00001.jsonl          1 record         8 B
    failed: loaded only 1 record in 1 object (8 B) into DIR/out in TIME, of 2 read
    error: failed to put 00002.jsonl in DIR/out: the file is larger than the file system takes
      caused by: File too large (os error 27)
      hint: make room, and run again
    ");
    assert_eq!(desk.read("out/00001.jsonl"), "{\"a\":1}\n");
    assert_eq!(desk.names("out"), ["00001.jsonl"]);
    assert!(!desk.path("out/.spile-staging").exists());
}
