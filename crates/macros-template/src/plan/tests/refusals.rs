//! What a plan refuses, and how it says so.

use super::*;

#[test]
fn faults_of_a_plan_come_together() {
    let bare = || RunValues::new(time(RAW));
    let text = "{namespace}/{cursor_year?}/{stream_name?}/{tenant}/{uuid}";
    let errors = try_plan(text, bare(), CursorKind::None).unwrap_err();
    insta::assert_snapshot!(errors, @r"
    plan object keys at 0..11: `{namespace}` has no value (`{namespace?}` allows that)
    plan object keys at 12..26: `{cursor_year}` needs a cursor, and the stream has none
    plan object keys at 42..50: `{tenant}` has no value (`{tenant?}` allows that)
    plan object keys at 51..57: `{uuid}` needs the id of the run
    ");
    insta::assert_snapshot!(errors.render(), @r"
    {namespace}/{cursor_year?}/{stream_name?}/{tenant}/{uuid}
    ^^^^^^^^^^^ `{namespace}` has no value (`{namespace?}` allows that)
                ^^^^^^^^^^^^^^ `{cursor_year}` needs a cursor, and the stream has none
                                              ^^^^^^^^ `{tenant}` has no value (`{tenant?}` allows that)
                                                       ^^^^^^ `{uuid}` needs the id of the run
    ");
    let errors = try_plan("{cursor}/{cursor_year}", bare(), CursorKind::Text).unwrap_err();
    insta::assert_snapshot!(errors.render(), @r"
    {cursor}/{cursor_year}
             ^^^^^^^^^^^^^ `{cursor_year}` needs a cursor that is a time (any other fits `{cursor}` only)
    ");
}

#[test]
fn a_plan_without_any_key_is_refused() {
    let bare = || RunValues::new(time(RAW));
    let refused = |text: &str| {
        try_plan(text, bare(), CursorKind::None)
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refused("a/{namespace?}"), @"plan object keys: can't make an object key of `a/`: it ends with `/`");
    insta::assert_snapshot!(refused("{namespace?}"), @"plan object keys: can't make an object key of no text");
    insta::assert_snapshot!(refused(&format!("{{year}}/{}", "long".repeat(255))), @"plan object keys: can't make an object key of 1025 bytes, where at most 1024 are allowed: `2025/longlonglonglonglonglonglonglonglon…onglonglonglonglong`");
}

#[test]
fn a_prefix_that_climbs_is_refused() {
    let template = Template::parse("{year}", &macros()).unwrap();
    let refused = |prefix: &str| {
        KeyPlan::new(&template.under(prefix), samples(), CursorKind::None)
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refused("a/../.."), @r"
    plan object keys: the folder before the template: a key can't have a segment `.` or `..`
    plan object keys: the folder before the template: a key can't have a segment `.` or `..`
    ");
    insta::assert_snapshot!(refused("a\u{1}//b"), @r"
    plan object keys: the folder before the template: a key can't have the control character U+0001
    plan object keys: the folder before the template: a key can't have an empty segment
    ");
}

#[test]
fn years_have_four_digits() {
    let far = DateTime::from_timestamp(1_000_000_000_000, 0)
        .unwrap()
        .fixed_offset();
    let errors = try_plan("a", RunValues::new(far), CursorKind::None).unwrap_err();
    insta::assert_snapshot!(errors, @"plan object keys: the year 33658 of the load time is not within 0000 to 9999");
    let cursor = CursorValue {
        raw: "x",
        time: Some(far),
    };
    insta::assert_snapshot!(plan("{cursor_year}").route_key(Some(&cursor)).unwrap_err(), @"render `{cursor_year}`: the year 33658 is not within 0000 to 9999");
    assert!(plan("{cursor}").route_key(Some(&cursor)).is_ok());
}

#[test]
fn a_cursor_that_does_not_fit_is_named() {
    let refused = |text: &str, cursor: Option<&CursorValue<'_>>| {
        plan(text).route_key(cursor).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused("{cursor_year}", None), @"render `{cursor_year}`: the record has no cursor, or an empty one (`{cursor_year?}` allows that)");
    insta::assert_snapshot!(refused("{cursor}", Some(&cursor(""))), @"render `{cursor}`: the record has no cursor, or an empty one (`{cursor?}` allows that)");
    insta::assert_snapshot!(refused("{cursor_day?}", Some(&cursor("soon\n"))), @r"render `{cursor_day}`: the cursor `soon\n` is no time");
}

#[test]
fn numbers_begin_with_one() {
    let plan = plan("a");
    let route = plan.route_key(None).unwrap();
    insta::assert_snapshot!(plan.object_key(&route, 0).unwrap_err(), @"number an object 0: the first one is 1");
}

#[test]
fn a_key_that_data_makes_too_long_is_refused() {
    let long = "x".repeat(1100);
    insta::assert_snapshot!(first_key("{cursor}", samples(), &long), @"make an object key of 1100 bytes, where at most 1024 are allowed: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxx`");
}
