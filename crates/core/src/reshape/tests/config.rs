//! What can be configured, and what is known by that alone.

use super::{config, reshape};
use crate::reshape::Reshape;

#[test]
fn what_can_not_be_is_told_beforehand() {
    let check = |lines: &[&str], expect: &str| {
        let error = Reshape::new(&config(lines)).expect_err("no reshape");
        assert_eq!(error.to_string(), expect);
    };
    check(&["include a", "include a***"], "read `a***` as a glob");
    check(&["exclude a["], "read `a[` as a glob");
    check(&["rename a "], "rename column `a`: its new name is empty");
    check(
        &["rename a x", "rename b x"],
        "rename both column `a` and column `b` to `x`",
    );
    check(
        &["rest "],
        "collect the rest of the fields in a column: its name is empty",
    );
    let taken = "rename column `a` to `b`: another column has that name, and stays";
    check(&["rest _rest a b", "rename a b"], taken);
    check(
        &["rest b a b"],
        "collect the rest of the fields in column `b`: column `b` is to be called that",
    );
    check(
        &["rest b a", "rename a b"],
        "collect the rest of the fields in column `b`: column `a` is to be called that",
    );
}

#[test]
fn what_is_left_out_is_in_nobodys_way() {
    let accepted = |lines: &[&str]| assert!(Reshape::new(&config(lines)).is_ok(), "{lines:?}");
    accepted(&["rename a x", "rename b x", "exclude b"]);
    accepted(&["rename a x", "rename b x", "include a"]);
    accepted(&["rest _rest a b", "rename a b", "exclude b"]);
    accepted(&["rest _rest a b b", "rename a b", "rename b a"]);
    accepted(&["rest _rest a", "rename a b"]);
    accepted(&["rest b a b", "exclude b"]);
    accepted(&["rest b b", "rename b c"]);
}

#[test]
fn where_nothing_is_to_be_changed_there_is_no_reshape() {
    let none = |lines: &[&str]| {
        let reshape = Reshape::new(&config(lines)).expect("a config");
        assert!(reshape.is_none(), "{lines:?}");
    };
    none(&[]);
    none(&["include *"]);
    none(&["include a", "include *"]);
    none(&["rename a a"]);
}

#[test]
fn names_afterwards() {
    let check = |lines: &[&str], name, expect| {
        assert_eq!(reshape(lines).name_of(name), expect, "{lines:?} {name}");
    };
    check(&["rename a x"], "a", Some("x"));
    check(&["rename a x"], "x", Some("x"));
    check(&["include a"], "b", None);
    check(&["include a", "exclude a"], "a", None);
    check(&["rest _rest a"], "a", Some("a"));
    check(&["rest _rest a"], "b", None);
    check(&["rest _rest a"], "_rest", None);
}
