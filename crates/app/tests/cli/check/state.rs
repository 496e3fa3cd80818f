//! Checks of a place of its own for the state.

use insta::assert_snapshot;

use super::lines;
use crate::kit::{Desk, Ran, Store};

/// What is said of the state, of a connection with an id that keeps it there.
fn check(desk: &Desk, to: &str, state: &str) -> (Ran, String) {
    let settings = format!("[connection]\nid = 'nightly'\n[destination]\nstate_url = '{state}'\n");
    desk.write("spile.toml", settings);
    let ran = desk.run(&format!("spile check {to} --key a.csv --config spile.toml"));
    let said = lines(&ran);
    let lines = said.lines().filter(|line| line.contains("  state"));
    let lines: Vec<&str> = lines.collect();
    let lines = lines.join("\n");
    (ran, lines)
}

#[test]
fn elsewhere_in_s3() {
    let (store, other) = (Store::new(), Store::new());
    let desk = store.admit(Desk::new());
    let place = format!("s3://{}/{}", other.bucket, other.prefix);
    let (ran, said) = check(&desk, &store.to(), &place);
    assert_eq!(ran.code, 0, "{ran}");
    assert_snapshot!(said.replace(&place, "PLACE"), @r"
    passed   state               it is kept under PLACE/
    passed   state delete        objects can be deleted
    passed   state absent key    a key where nothing stands is told to be absent
    passed   state put           an object can be put
    passed   state get           it reads as it was written
    passed   state clean up      nothing is left behind
    ");
    assert_eq!(other.fetch(&desk.path("left")), Vec::<String>::new());
}

#[test]
fn in_a_bucket_that_is_not_there_in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    let (ran, said) = check(&desk, &store.to(), "s3://nowhere-at-all/state");
    assert_eq!(ran.code, 5, "{ran}");
    assert_snapshot!(said, @r"
    passed   state               it is kept under s3://nowhere-at-all/state/
    failed   state delete        objects can't be deleted, so none is written that would stay: there is no such bucket
    failed   state absent key    a key where nothing stands can't be told from a forbidden one: there is no such bucket
    skipped  state put           not tried, since `state delete` has failed
    skipped  state get           not tried, since `state delete` has failed
    passed   state clean up      nothing was written
    ");
}

/// A connection without an id keeps nothing.
#[test]
fn where_nothing_is_kept_apart_nothing_is_tried() {
    let desk = Desk::new();
    let (ran, said) = check(&desk, "--to ./lake", "./lake");
    assert_eq!((ran.code, &*said), (0, ""), "{ran}");
    desk.write("taken", "1");
    desk.write("own.toml", "[destination]\nstate_url = './taken'\n");
    let ran = desk.ok("spile check --to ./lake --key a.csv --config own.toml");
    assert!(!ran.stdout.contains("  state"), "{ran}");
}

#[test]
fn in_a_folder() {
    let desk = Desk::new();
    let (ran, said) = check(&desk, "--to ./lake", "./state");
    assert_eq!(ran.code, 0, "{ran}");
    assert_snapshot!(said, @r"
    passed   state               it can be made; a load does
    passed   state put           an object can be replaced
    passed   state get           objects can be read
    passed   state clean up      nothing is left behind
    ");
    assert!(!desk.path("state").exists(), "it was made for the check");
    desk.write("taken", "1");
    let (ran, said) = check(&desk, "--to ./lake", "./taken");
    assert_eq!(ran.code, 5, "{ran}");
    assert!(said.starts_with("failed   state  "), "{ran}");
}
