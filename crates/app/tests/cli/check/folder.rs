//! Checks of folders.

use insta::assert_snapshot;

use super::lines;
use crate::kit::Desk;

#[test]
fn a_folder_that_is_not_there_yet() {
    let desk = Desk::new();
    let ran = desk.run("spile check --to ./data/lake --key '{stream_name}.csv'");
    assert_snapshot!(lines(&ran), @r"
    exit 0
    passed   configuration       keys are like STREAM.csv
    passed   folder              it can be made; a load does
    passed   write               objects can be written
    passed   publish             an object appears where none stands
    passed   replace             an object can be replaced
    passed   read                objects can be read
    passed   delete              objects can be deleted
    passed   clean up            nothing is left behind
    ready: 8 passed
    ");
    assert!(!desk.path("data").exists(), "it was made for the check");
}

#[test]
fn a_folder_keeps_what_is_in_it() {
    let desk = Desk::new();
    desk.write("lake/a.csv", "1");
    let ran = desk.ok("spile check --to ./lake");
    assert!(
        lines(&ran).contains("passed   folder              it is there\n"),
        "{ran}"
    );
    assert_eq!(desk.names("lake"), ["a.csv"]);
}

#[test]
fn a_file_is_no_folder() {
    let desk = Desk::new();
    desk.write("lake", "1");
    let ran = desk.run("spile check --to ./lake --key '{stream_name}.csv'");
    assert_snapshot!(lines(&ran), @r"
    exit 5
    passed   configuration       keys are like STREAM.csv
    failed   folder              it can't be opened: a file stands in its place
        hint: choose a folder that can be made
    not ready: 1 failed, 1 passed
    ");
}
