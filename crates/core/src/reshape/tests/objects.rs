//! JSON records.

use super::{cause, json, records, reshape};

/// What comes out, a line each, or what is wrong.
fn shown(lines: &[&str], objects: &[&str]) -> Result<Vec<String>, String> {
    match reshape(lines).apply(&records(objects)) {
        Ok(reshaped) => {
            let text = |record| String::from_utf8_lossy(record).into_owned();
            Ok(json(&reshaped).iter().map(text).collect())
        }
        Err(error) => Err(cause(&error)),
    }
}

fn check(lines: &[&str], object: &str, expect: &str) {
    let expect = Ok(vec![expect.to_owned()]);
    assert_eq!(shown(lines, &[object]), expect, "{lines:?} {object}");
}

#[test]
fn fields_are_kept_and_left_out() {
    let object = r#"{"id":1.10,"name":"é","n_a":null}"#;
    check(&["include id"], object, r#"{"id":1.10}"#);
    check(&["include n*"], object, r#"{"name":"é","n_a":null}"#);
    check(
        &["include n*", "include id", "exclude n?a"],
        object,
        r#"{"id":1.10,"name":"é"}"#,
    );
    check(&["exclude name"], object, r#"{"id":1.10,"n_a":null}"#);
    check(&["exclude i[cd]"], object, r#"{"name":"é","n_a":null}"#);
    check(&["exclude *"], object, "{}");
    check(&["include none"], object, "{}");
    check(&["include none"], "{}", "{}");
    check(
        &["exclude a[1]"],
        r#"{"a1":1,"a[1]":2,"a":3}"#,
        r#"{"a":3}"#,
    );
}

#[test]
fn only_top_level_fields_have_names() {
    check(
        &["exclude a", "rename b c"],
        r#"{"x":{"a":1,"b":2},"y":[{"a":3}]}"#,
        r#"{"x":{"a":1,"b":2},"y":[{"a":3}]}"#,
    );
}

#[test]
fn white_space_and_escapes_are_not_in_the_way() {
    let object = r#"{ "a" : 1 , "\u0062": "}," ,"c":[ 2 ] , "d" : {"e" : "\"" } }"#;
    check(&["include b"], object, r#"{ "\u0062": "},"}"#);
    check(
        &["exclude b", "exclude d"],
        object,
        r#"{ "a" : 1 ,"c":[ 2 ]}"#,
    );
    check(
        &["include a", "include d"],
        object,
        r#"{ "a" : 1 , "d" : {"e" : "\"" }}"#,
    );
    check(&["rename b c", "include b"], object, r#"{"c":"},"}"#);
    check(&["exclude zz"], object, object);
}

#[test]
fn fields_are_renamed() {
    check(&["rename a x"], r#"{"a":1,"b":2}"#, r#"{"x":1,"b":2}"#);
    check(
        &["rename a b", "rename b a"],
        r#"{"a":1,"b":2}"#,
        r#"{"b":1,"a":2}"#,
    );
    check(
        &["rename a b", "rename b c"],
        r#"{"a":1,"b":2}"#,
        r#"{"b":1,"c":2}"#,
    );
    check(
        &["rename b \"\\\n"],
        r#"{"a":1,"b":2}"#,
        r#"{"a":1,"\"\\\n":2}"#,
    );
    check(&["rename a* x"], r#"{"a*":1,"ab":2}"#, r#"{"x":1,"ab":2}"#);
    check(&["rename  x"], r#"{"":1}"#, r#"{"x":1}"#);
    // Names are those before any renaming.
    check(
        &["rename a b", "exclude b"],
        r#"{"a":1,"b":2}"#,
        r#"{"b":1}"#,
    );
    check(
        &["rename a b", "include a"],
        r#"{"a":1,"b":2}"#,
        r#"{"b":1}"#,
    );
}

#[test]
fn duplicates_stay_as_they_are() {
    check(&["exclude b"], r#"{"a":1,"b":2,"a":3}"#, r#"{"a":1,"a":3}"#);
    check(&["rename a x"], r#"{"a":1,"\u0061":3}"#, r#"{"x":1,"x":3}"#);
}

#[test]
fn unknown_fields_are_collected() {
    let rest = ["rest _rest id name"];
    check(
        &rest,
        r#"{"a":1.0,"id":2,"b": {"c":[]},"name":"x"}"#,
        r#"{"id":2,"name":"x","_rest":{"a":1.0,"b":{"c":[]}}}"#,
    );
    check(&rest, r#"{"name":"x","id":2}"#, r#"{"name":"x","id":2}"#);
    check(&rest, r#"{"a":1}"#, r#"{"_rest":{"a":1}}"#);
    check(&rest, "{}", "{}");
    check(
        &rest,
        r#"{"id":1,"_rest":{"a":2},"b":3}"#,
        r#"{"id":1,"_rest":{"_rest":{"a":2},"b":3}}"#,
    );
    check(
        &rest,
        r#"{"\u0061":1,"a":2,"i\u0064":3}"#,
        r#"{"i\u0064":3,"_rest":{"\u0061":1,"a":2}}"#,
    );
    check(
        &["rest _rest id", "exclude secret*", "rename id key"],
        r#"{"secret":0,"a":1,"id":2}"#,
        r#"{"key":2,"_rest":{"a":1}}"#,
    );
    check(
        &["rest _rest id b", "include id", "include a"],
        r#"{"a":1,"b":2,"c":3,"id":4}"#,
        r#"{"id":4,"_rest":{"a":1}}"#,
    );
    // A field that isn't a column of its own isn't renamed.
    check(
        &["rest _rest id", "rename a x"],
        r#"{"a":1}"#,
        r#"{"_rest":{"a":1}}"#,
    );
    check(
        &["rest a\" _rest", "rename _rest id"],
        r#"{"_rest":1,"id":2}"#,
        r#"{"id":1,"a\"":{"id":2}}"#,
    );
}

#[test]
fn what_is_collected_has_room() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let object = |value: &str| format!(r#"{{"a":{value},"b":"{}"}}"#, "[".repeat(200));
    let deep = object(&nested(126));
    let fits = format!(r#"{{"_rest":{deep}}}"#);
    check(&["rest _rest id"], &deep, &fits);
    let deeper = object(&nested(127));
    crate::json::check(deeper.as_bytes()).expect("a record");
    let expect = "failed to collect the rest of the fields in column `_rest`: with it, a record would \
                  have more than 128 levels";
    let found = shown(&["rest _rest id"], &["{}", &deeper]);
    assert_eq!(found, Err(expect.to_owned()));
    check(
        &["rest _rest a", "exclude b"],
        &deeper,
        &format!(r#"{{"a":{}}}"#, nested(127)),
    );
}

#[test]
fn a_batch_is_rebuilt_from_the_first_record_that_changes() {
    let objects = [
        r#"{"a": 1}"#,
        "{}",
        r#"{"b":1,"a":2}"#,
        r#"{ "a":3}"#,
        r#"{"b":4}"#,
    ];
    let expect = [r#"{"a": 1}"#, "{}", r#"{"a":2}"#, r#"{ "a":3}"#, "{}"];
    let expect: Vec<String> = expect.map(str::to_owned).into();
    assert_eq!(shown(&["exclude b"], &objects), Ok(expect.clone()));
    let reshaped = reshape(&["exclude b"]).apply(&records(&objects));
    let reshaped = reshaped.expect("records");
    let lines = expect.join("\n") + "\n";
    assert_eq!(json(&reshaped).text(), &lines);
    // Of records that are a window of others, nothing else is taken over.
    let reshaped = reshape(&["exclude b"]).apply(&records(&objects).slice(2..4));
    let reshaped = reshaped.expect("records");
    assert_eq!(json(&reshaped).text(), &"{\"a\":2}\n{ \"a\":3}\n");
}

#[test]
fn a_batch_that_stays_is_not_copied() {
    let same = |lines: &[&str], objects: &[&str]| {
        let records = records(objects);
        let reshaped = reshape(lines).apply(&records).expect("records");
        let (before, after) = (json(&records), json(&reshaped));
        assert_eq!(before.text().as_ptr(), after.text().as_ptr());
        assert_eq!(before.spans(), after.spans());
    };
    same(&["exclude c"], &[r#"{"a":1}"#, r#"{ "b":2 }"#]);
    same(&["rename c a"], &[r#"{"a":1}"#]);
    same(&["rest _rest a b"], &[r#"{"a":1}"#, "{}"]);
    same(&["exclude c"], &[]);
}

#[test]
fn a_record_has_no_two_columns_of_one_name() {
    let refused = |lines: &[&str], objects: &[&str], expect: &str| {
        assert_eq!(shown(lines, objects), Err(expect.to_owned()));
    };
    let expect = "failed to rename column `a` to `b`: another column has that name, and stays";
    refused(&["rename a b"], &[r#"{"a":1,"b":2}"#], expect);
    refused(
        &["rename a b"],
        &["{}", r#"{"b":1,"c":0,"\u0061":2}"#],
        expect,
    );
    // Each record has one of them.
    let objects = [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"a":3}"#];
    let expect = objects.map(|object| object.replace('a', "b"));
    assert_eq!(shown(&["rename a b"], &objects), Ok(expect.into()));
}
